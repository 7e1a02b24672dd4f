"""What a comparison found, as metrics that say so when they have no meaning."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from torch import Tensor

from attn_core.views import Metric


@dataclass(frozen=True, eq=False)
class Report:
    """An approximation against exact attention under the same masks; errors are relative to the exact side.

    Per-head numbers pool the whole batch. Rows where the exact output is zero (nothing to attend to, or
    nothing but zeros in V) are left out of output errors, and rows where the exact matrix is zero out of
    everything said about rows of the matrix; both are marked here, and hold 0 in per-row values.
    """

    method: str
    queries: int
    keys: int
    causal: bool
    ranks: tuple[int, ...]
    top_k: tuple[int, ...]
    empty_rows: Tensor  # (B, H, N) bool: the exact matrix has nothing there
    zero_output_rows: Tensor  # (B, H, N) bool: the exact output is zero there
    output_error: Metric  # (): ‖Ẑ - Z‖ / ‖Z‖ over everything
    head_output_error: Metric  # (H,)
    row_output_error: Metric  # (B, H, N)
    matrix_error: Metric  # (H,): ‖Â - A‖ / ‖A‖ in Frobenius norm
    kl: Metric  # (H,): mean over rows where the divergence is finite
    kl_infinite_share: Metric  # (H,): rows where a key with exact probability has none
    row_kl: Metric  # (B, H, N): KL(exact ‖ approximate), infinity included
    total_variation: Metric  # (H,)
    row_total_variation: Metric  # (B, H, N)
    top_k_recall: Metric  # (H, top_k)
    lost_mass: Metric  # (H,): exact attention outside the pattern, of a row's 1
    negative_mass: Metric  # (H,): share of the approximate matrix's magnitude that is negative
    exact_spectrum: Metric  # (B, H, min(N, M))
    approximate_spectrum: Metric  # (B, H, min(N, M))
    exact_effective_rank: Metric  # (B, H)
    approximate_effective_rank: Metric  # (B, H)
    best_rank_error: (
        Metric  # (H, ranks): what `matrix_error` is at least, for a matrix of that rank
    )
    best_rank_output_error: Metric  # (H, ranks): of the same truncated matrix times V

    def to_dict(self, rows: bool = True) -> dict[str, Any]:
        """For JSON. Without `rows`, the B·H·N numbers of per-row values stay out, and masks become counts."""
        plain: dict[str, Any] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name.startswith("row_") and not rows:
                continue
            if isinstance(value, Metric):
                value = value.to_dict()
            elif isinstance(value, Tensor):
                value = value.tolist() if rows else int(value.sum())
            plain[field.name] = list(value) if isinstance(value, tuple) else value
        return plain
