"""Runs a method beside exact attention, strip of rows by strip of rows, and collects what differs."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

import torch
from torch import Tensor

from attn_core.contract import AttentionOp
from attn_core.fidelity.assembly import assemble
from attn_core.fidelity.beside import Beside
from attn_core.fidelity.report import Report
from attn_core.fidelity.spectrum import Spectra, spectra
from attn_core.matrix import ScoreView
from attn_core.views import NOT_FINITE, Progress, ignore_progress

# Entries of a strip over all batches and heads: 8 MiB in fp64, of which some twenty copies live at once.
STRIP_ENTRIES = 2**20
# Entries of the matrices that are decomposed: 8 heads of 4096 × 4096, 1 GiB in fp64 for each of the two sides.
SPECTRUM_ENTRIES = 2**27


def compare(
    op: AttentionOp,
    q: Tensor,
    k: Tensor,
    v: Tensor,
    key_keep: Tensor | None = None,
    causal: bool = False,
    *,
    rank: int | Sequence[int] = (16, 64),
    top_k: int | Sequence[int] = (1, 8, 64),
    query_keep: Tensor | None = None,
    spectrum_entries: int = SPECTRUM_ENTRIES,
    on_progress: Progress | None = None,
) -> Report:
    """How far `op` is from softmax attention on these inputs, under the same masks.

    The operator runs in the dtype it is given; the exact side and all arithmetic on both are fp64. Memory is
    O(strip · M) at any length, but for the singular values: matrices of more than `spectrum_entries` entries
    over all heads are not decomposed, and the report says so. `query_keep` (B, N) leaves out the rows of
    padded queries. `on_progress(done, total)` never goes backwards and ends with done == total; an exception
    it raises stops the work. A call the method cannot honour raises its ValueError.
    """
    ranks, counts = _counts("rank", rank), _counts("top_k", top_k)
    _check_query_keep(query_keep, q)
    with torch.no_grad():
        view = op.view(q, k, key_keep, causal)
        output = op(q, k, v, key_keep, causal).double()
        exact = ScoreView(q.double(), k.double(), op.scale, key_keep=key_keep, causal=causal)
        counts = tuple(sorted({min(item, k.shape[2]) for item in counts}))
        sides = Beside(exact, view, v.double(), output, query_keep, counts)
        rows, decomposed = _walk(sides, ranks, spectrum_entries, on_progress or ignore_progress)
    return assemble(op.method.name, view, causal, ranks, counts, rows, decomposed)


def _walk(
    sides: Beside, ranks: tuple[int, ...], spectrum_entries: int, report: Progress
) -> tuple[dict[str, Tensor], Spectra | str]:
    """All rows, then all singular values, or the reason for having none."""
    slices, (queries, keys) = sides.view.batch * sides.view.heads, sides.view.shape
    height = max(1, STRIP_ENTRIES // (slices * keys))
    strips = [slice(at, min(at + height, queries)) for at in range(0, queries, height)]
    too_large = _why_too_large(slices, queries, keys, spectrum_entries)
    total, done = len(strips) + (0 if too_large else 2 * slices), count(1)
    # Only what is to be decomposed is kept whole.
    whole = None if too_large else sides.v.new_empty((2, *sides.output.shape[:3], keys))
    values: dict[str, Tensor] = {}
    for rows in strips:
        exact, approximate = sides.read(rows)
        for name, strip in sides.measure(rows, exact, approximate).items():
            # One tensor for all strips: small ones kept from each would fragment the heap around the
            # large ones that come and go.
            if name not in values:
                shape = *strip.shape[:2], queries, *strip.shape[3:]
                values[name] = strip.new_empty(shape)
            values[name][:, :, rows] = strip
        if whole is not None:
            whole[0, :, :, rows], whole[1, :, :, rows] = exact, approximate
        report(next(done), total)
    if whole is None:
        return values, too_large
    if not whole.isfinite().all():
        report(total, total)
        return values, NOT_FINITE
    return values, spectra(whole[0], whole[1], sides.v, ranks, lambda: report(next(done), total))


def _why_too_large(slices: int, queries: int, keys: int, limit: int) -> str:
    entries = slices * queries * keys
    if entries <= limit:
        return ""
    return (
        f"{slices} matrices of {queries} × {keys} hold {entries:,} entries, "
        f"more than the {limit:,} that are decomposed"
    )


def _counts(name: str, given: int | Sequence[int]) -> tuple[int, ...]:
    counts: tuple[int, ...] = tuple(given) if isinstance(given, Sequence) else (given,)
    if not counts or any(type(item) is not int or item < 1 for item in counts):
        raise ValueError(f"{name} must be integers of at least 1, got {given!r}")
    return counts


def _check_query_keep(query_keep: Tensor | None, q: Tensor) -> None:
    if query_keep is None:
        return
    expected = (q.shape[0], q.shape[2])
    if query_keep.dtype != torch.bool or tuple(query_keep.shape) != expected:
        raise ValueError(
            f"query_keep must be bool of shape {expected}, True where a query is real, "
            f"got {query_keep.dtype} of shape {tuple(query_keep.shape)}"
        )
