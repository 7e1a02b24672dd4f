"""The attention matrix a method implies, readable block by block without ever being built.

`MatrixView.block(all, all) @ v` equals the operator's output: that law is what makes the pictures true.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

import torch
from torch import Tensor

from attn_core.patterns import Pattern, bounds

STATISTICS_CHUNK = 512
# Entries of a tile of scores over all batches and heads: 8 MiB in fp32.
TILE_ENTRIES = 2**21


def widen(x: Tensor) -> Tensor:
    """At least fp32: views and statistics never accumulate in half precision."""
    return x if x.dtype in (torch.float32, torch.float64) else x.float()


class MatrixView(ABC):
    """An attention matrix of shape (N, M) for every batch and head, given by its blocks."""

    signed: bool = False
    row_sums_to_one: bool = True
    pattern: Pattern | None = None
    # Known to be zero above the diagonal: lets a map skip that half. False promises nothing.
    causal: bool = False

    def __init__(self, q: Tensor, k: Tensor) -> None:
        self.batch, self.heads = q.shape[:2]
        self.shape = (q.shape[2], k.shape[2])
        self.device = q.device

    @abstractmethod
    def read(self, i: tuple[int, int], j: tuple[int, int]) -> Tensor:
        """Entries (B, H, r, c) of rows i[0]..i[1] and columns j[0]..j[1]."""

    def block(self, rows: slice, cols: slice) -> Tensor:
        """Exact entries (B, H, r, c), in O(block + factors)."""
        with torch.no_grad():
            return self.read(bounds(rows, self.shape[0]), bounds(cols, self.shape[1]))

    def factors(self) -> tuple[Tensor, Tensor] | None:
        """(B, H, N, r) and (B, H, r, M) whose product is the whole matrix, where they exist."""
        return None


class ScoreView(MatrixView):
    """softmax of scores inside a pattern: entry = exp(score - log-sum-exp of its row).

    The log-sum-exp is given, or filled in row chunk by row chunk when first needed and then kept.
    """

    def __init__(
        self,
        q: Tensor,
        k: Tensor,
        scale: float,
        *,
        key_keep: Tensor | None = None,
        causal: bool = False,
        pattern: Pattern | None = None,
        lse: Tensor | None = None,
    ) -> None:
        super().__init__(q, k)
        self.q, self.k = widen(q) * scale, widen(k)
        self.key_keep, self.causal, self.pattern = key_keep, causal, pattern
        self._lse = lse
        self._known = torch.ones(0, dtype=torch.bool)
        if lse is None:
            self._lse = self.q.new_empty(self.q.shape[:3])
            chunks = -(-self.shape[0] // STATISTICS_CHUNK)
            self._known = torch.zeros(chunks, dtype=torch.bool)

    def allowed(self, i: tuple[int, int], j: tuple[int, int]) -> Tensor | None:
        """Bool mask that broadcasts to (B, H, r, c), or None when everything is allowed."""
        mask = None
        if self.pattern is not None:
            mask = self.pattern.block(slice(*i), slice(*j), self.device)
        elif self.causal:
            rows = torch.arange(*i, device=self.device)
            mask = torch.arange(*j, device=self.device) <= rows[:, None]
        if self.key_keep is not None:
            keep = self.key_keep[:, None, None, j[0] : j[1]]
            mask = keep if mask is None else mask & keep
        return mask

    def scores(self, i: tuple[int, int], j: tuple[int, int]) -> Tensor:
        """Scaled scores, -inf where a pair may not interact."""
        scores = self.q[:, :, i[0] : i[1]] @ self.k[:, :, j[0] : j[1]].transpose(-2, -1)
        mask = self.allowed(i, j)
        return scores if mask is None else scores.masked_fill_(~mask, -torch.inf)

    def log_sum_exp(self, i: tuple[int, int]) -> Tensor:
        """(B, H, r), -inf for rows that see nothing."""
        assert self._lse is not None
        if len(self._known):
            for chunk in range(i[0] // STATISTICS_CHUNK, -(-i[1] // STATISTICS_CHUNK)):
                if not self._known[chunk]:
                    rows = (
                        chunk * STATISTICS_CHUNK,
                        min((chunk + 1) * STATISTICS_CHUNK, self.shape[0]),
                    )
                    self._lse[:, :, rows[0] : rows[1]] = self._summed(rows)
                    self._known[chunk] = True
        return self._lse[:, :, i[0] : i[1]]

    def _summed(self, rows: tuple[int, int]) -> Tensor:
        """Log-sum-exp of whole rows, key tile by key tile, so that a row's length costs no memory."""
        total = self.q.new_full((*self.q.shape[:2], rows[1] - rows[0]), -torch.inf)
        stop = rows[1] if self.causal else self.shape[1]
        # Narrower than 64 keys, the matrix products stop being worth their calls.
        width = max(64, TILE_ENTRIES // total.numel())
        for start in range(0, stop, width):
            tile = self.scores(rows, (start, min(start + width, stop)))
            total = torch.logaddexp(total, tile.logsumexp(-1))
        return total

    def read(self, i: tuple[int, int], j: tuple[int, int]) -> Tensor:
        lse = self.log_sum_exp(i).nan_to_num(neginf=0.0)
        return (self.scores(i, j) - lse[..., None]).exp()


class FactorView(MatrixView):
    """left @ right, plus optionally something read separately (a convolution beside it)."""

    def __init__(
        self,
        left: Tensor,
        right: Tensor,
        *,
        signed: bool = False,
        row_sums_to_one: bool = True,
        extra: Callable[[tuple[int, int], tuple[int, int]], Tensor] | None = None,
    ) -> None:
        super().__init__(left, right.transpose(-2, -1))
        self.left, self.right, self.extra = left, right, extra
        self.signed = signed
        self.row_sums_to_one = row_sums_to_one

    def factors(self) -> tuple[Tensor, Tensor] | None:
        return None if self.extra else (self.left, self.right)

    def read(self, i: tuple[int, int], j: tuple[int, int]) -> Tensor:
        block = self.left[:, :, i[0] : i[1]] @ self.right[..., j[0] : j[1]]
        return block + self.extra(i, j) if self.extra else block
