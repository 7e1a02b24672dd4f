"""The attention matrix a method implies, readable block by block without ever being built.

`MatrixView.block(all, all) @ v` equals the operator's output: that law is what makes the pictures true.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from copy import copy
from typing import Self

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
    # (B, M), True for a real key.
    key_keep: Tensor | None = None

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

    def allowed(self, i: tuple[int, int], j: tuple[int, int]) -> Tensor | None:
        """Bool mask that broadcasts to (B, H, r, c), or None when everything is allowed."""
        mask = None
        if self.pattern is not None:
            mask = self.pattern.block(slice(*i), slice(*j), self.device)
        elif self.causal and j[1] > i[0] + 1:
            rows = torch.arange(*i, device=self.device)
            mask = torch.arange(*j, device=self.device) <= rows[:, None]
        if self.key_keep is not None:
            keep = self.key_keep[:, None, None, j[0] : j[1]]
            mask = keep if mask is None else mask & keep
        return mask

    def entries(self, i: tuple[int, int], j: tuple[int, int], mask: Tensor | None) -> Tensor:
        """What `read` gives, for those who asked `allowed` already; a view that needs the mask spares its own."""
        return self.read(i, j)

    def one(self, head: int, batch: int = 0) -> MatrixView:
        """One head of one sequence as a view of its own, with B = H = 1. A view that can reads only that head."""
        return OneHead(self, head, batch)

    def alone(self, head: int, batch: int) -> tuple[Self, tuple[slice, slice]]:
        """A copy that calls itself one head, and where in (B, H, …) that head's tensors are."""
        for name, value, count in (("head", head, self.heads), ("batch", batch, self.batch)):
            if type(value) is not int or not 0 <= value < count:
                raise ValueError(f"{name} must be an integer from 0 to {count - 1}, got {value!r}")
        one = copy(self)
        one.batch = one.heads = 1
        one.pattern = self.pattern and self.pattern.one(head, batch)
        one.key_keep = None if self.key_keep is None else self.key_keep[batch : batch + 1]
        return one, (slice(batch, batch + 1), slice(head, head + 1))


class OneHead(MatrixView):
    """One head of any view: reads all heads and picks."""

    def __init__(self, view: MatrixView, head: int, batch: int) -> None:
        one, self.part = view.alone(head, batch)
        self.batch = self.heads = 1
        self.view, self.shape, self.device = view, view.shape, view.device
        self.signed, self.row_sums_to_one = view.signed, view.row_sums_to_one
        self.pattern, self.causal, self.key_keep = one.pattern, one.causal, one.key_keep

    def read(self, i: tuple[int, int], j: tuple[int, int]) -> Tensor:
        return self.view.read(i, j)[self.part]

    def factors(self) -> tuple[Tensor, Tensor] | None:
        found = self.view.factors()
        return found and (found[0][self.part], found[1][self.part])


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

    def one(self, head: int, batch: int = 0) -> ScoreView:
        one, part = self.alone(head, batch)
        one.q, one.k = self.q[part], self.k[part]
        # Of its own: what is filled in for one head is not known for the others.
        one._lse = None if self._lse is None else self._lse[part].clone()
        one._known = self._known.clone()
        return one

    def scores(self, i: tuple[int, int], j: tuple[int, int]) -> Tensor:
        """Scaled scores, -inf where a pair may not interact."""
        return self._scores(i, j, self.allowed(i, j))

    def _scores(self, i: tuple[int, int], j: tuple[int, int], mask: Tensor | None) -> Tensor:
        scores = self.q[:, :, i[0] : i[1]] @ self.k[:, :, j[0] : j[1]].transpose(-2, -1)
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

    @property
    def sums(self) -> Tensor | None:
        """(B, H, N) log-sum-exp of all rows, once all of them are known."""
        return self._lse if bool(self._known.all()) else None

    def know(self, sums: Tensor) -> None:
        """Takes over what another look at the same matrix found out about its rows."""
        self._lse, self._known = sums, torch.ones(0, dtype=torch.bool)

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
        return self.entries(i, j, self.allowed(i, j))

    def entries(self, i: tuple[int, int], j: tuple[int, int], mask: Tensor | None) -> Tensor:
        lse = self.log_sum_exp(i).nan_to_num(neginf=0.0)
        return self._scores(i, j, mask).sub_(lse[..., None]).exp_()


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

    def one(self, head: int, batch: int = 0) -> FactorView:
        one, part = self.alone(head, batch)
        one.left, one.right = self.left[part], self.right[part]
        extra, every = self.extra, (self.batch, self.heads)
        if extra is not None:
            one.extra = lambda i, j: _spread(extra(i, j), every)[part]
        return one

    def read(self, i: tuple[int, int], j: tuple[int, int]) -> Tensor:
        block = self.left[:, :, i[0] : i[1]] @ self.right[..., j[0] : j[1]]
        return block + self.extra(i, j) if self.extra else block


def _spread(block: Tensor, every: tuple[int, int]) -> Tensor:
    return block.expand(*every, *block.shape[-2:])
