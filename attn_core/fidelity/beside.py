"""A method beside exact attention on some rows: what every comparison reads, of whole matrices and of samples."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from attn_core.fidelity.rows import kl_divergence, lost_mass, top_k_recall, total_variation
from attn_core.matrix import MatrixView, ScoreView
from attn_core.views import why_not_distributions


@dataclass(frozen=True, eq=False)
class Beside:
    """The exact matrix and the approximate one, read together. `v` and `output` (B, H, ·, D) are fp64."""

    exact: ScoreView
    view: MatrixView
    v: Tensor
    output: Tensor
    query_keep: Tensor | None
    counts: tuple[int, ...]

    def read(self, rows: slice) -> tuple[Tensor, Tensor]:
        """Both strips (B, H, r, M) in fp64, zero in the rows of padded queries."""
        whole = slice(None)
        strips = self.exact.block(rows, whole), self.view.block(rows, whole).double()
        if self.query_keep is None:
            return strips
        dropped = ~self.query_keep[:, None, rows, None]
        return strips[0].masked_fill(dropped, 0.0), strips[1].masked_fill(dropped, 0.0)

    def measure(self, rows: slice, exact: Tensor, approximate: Tensor) -> dict[str, Tensor]:
        """Everything that is said about each row, (B, H, r) each; squares where norms are to be pooled."""
        values = self.first(rows, exact, approximate) | {
            "matrix_error": (approximate - exact).square().sum(-1),
            "matrix_norm": exact.square().sum(-1),
            "negative": -approximate.clamp(max=0).sum(-1),
        }
        if not why_not_distributions(self.view):
            values["total_variation"] = total_variation(exact, approximate)
        return values

    def first(self, rows: slice, exact: Tensor, approximate: Tensor) -> dict[str, Tensor]:
        """The part of it by which methods are ranked."""
        target = exact @ self.v
        values = {
            "exact_mass": exact.sum(-1),
            "output_error": (self.output[:, :, rows] - target).square().sum(-1),
            "output_norm": target.square().sum(-1),
            "magnitude": approximate.abs().sum(-1),
        }
        span = (rows.start, rows.stop), (0, exact.shape[-1])
        allowed, reachable = self.exact.allowed(*span), None
        if self.view.pattern is not None:
            reachable = self.view.pattern.block(rows, slice(None)).to(exact.device)
            values["lost_mass"] = lost_mass(exact, reachable)
        if not why_not_distributions(self.view):
            values["kl"] = kl_divergence(exact, approximate)
        values["recall"] = top_k_recall(exact, approximate, allowed, reachable, self.counts)
        return values
