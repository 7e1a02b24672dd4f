"""The arrays that a low-rank method makes on its way, of one head, thinned to what a picture can show. No streamlit
here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from attn_core.contract import AttentionOp
from attn_core.fidelity.rank import Step, inverse_limit, inverse_steps
from attn_core.matrix import MatrixView
from attn_core.methods.linformer import Linformer
from attn_core.methods.low_rank import LowRank
from attn_core.methods.nystromformer import Nystromformer
from attn_core.sources import Source, evenly
from dashboard.figures.matrix_map import MatrixData
from dashboard.services import low_rank as service
from dashboard.services.kept import Kept

MOST_CELLS = 64
# Entries of a matrix that is built only to be compared with the output.
MOST_COMPARED = 2**24


@dataclass(frozen=True, eq=False)
class Factor:
    """One array: its name on the page and in files, what it is in words, and what is drawn."""

    name: str
    title: str
    words: str
    data: MatrixData


@dataclass(frozen=True, eq=False)
class Inside:
    """All arrays of one head in their order; `difference` is between their product applied to V and the engine's
    output, None where that product would be too large."""

    factors: tuple[Factor, ...]
    view: MatrixView
    difference: float | None


@dataclass(frozen=True, eq=False)
class Convergence:
    """Of Nyström's pseudo-inverse; `limit` is the matrix error with the true one."""

    rows: pd.DataFrame
    limit: float
    condition: float


def inside(asked: service.Asked) -> Inside:
    return _inside.get(asked.key, lambda: _look(asked))


def _look(asked: service.Asked) -> Inside:
    source, head = asked.source, asked.head
    op = source.operator(asked.method, **asked.settings)
    with torch.no_grad():
        view = op.view(source.q, source.k, causal=source.causal)
        make = {Linformer: _linformer, Nystromformer: _nystrom, LowRank: _low_rank}[type(op)]
        return Inside(tuple(make(op, source, head, view)), view, _difference(op, source, view))


def _difference(op: AttentionOp, source: Source, view: MatrixView) -> float | None:
    factors = view.factors()
    if factors is not None:
        ours = factors[0] @ (factors[1] @ source.v)
    elif source.heads * source.queries * source.keys <= MOST_COMPARED:
        ours = view.block(slice(None), slice(None)) @ source.v
    else:
        return None
    return float((ours - op(source.q, source.k, source.v, causal=source.causal)).abs().max())


def _linformer(op: Linformer, source: Source, head: int, _view: MatrixView) -> list[Factor]:
    steps = op.mixed(source.q, source.k)
    linear = op.projection == "linear"
    found = [
        _factor("E", "what each mixture takes of each key", steps.for_keys, "mixture", "key j",
                signed=linear, unit="share", columns=source.key_labels),
        _factor("EK", "the mixed keys", steps.keys[0, head], "mixture", "dimension", signed=True, unit="value"),
        _factor("weights", "softmax(Q(EK)ᵀ/√d): how queries attend to the mixtures", steps.weights[0, head], "query i",
                "mixture", rows=source.query_labels),
    ]  # fmt: skip
    if steps.for_values is not steps.for_keys:
        found.append(
            _factor("F", "what each mixture takes of each value", steps.for_values, "mixture", "key j",
                    signed=linear, unit="share", columns=source.key_labels)
        )  # fmt: skip
    return found


def _nystrom(op: Nystromformer, source: Source, head: int, _view: MatrixView) -> list[Factor]:
    made = op.factors(source.q, source.k)
    inverse = op.pseudo_inverse(made.between)
    mark, of_query, of_key = "landmark", "query i", "key j"
    return [
        _factor("Q_marks", "landmark queries: means of segments", made.q_marks[0, head], mark, "dimension", signed=True,
                unit="value"),
        _factor("K_marks", "landmark keys: means of segments", made.k_marks[0, head], mark, "dimension", signed=True,
                unit="value"),
        _factor("F", "queries to landmark keys", made.left[0, head], of_query, mark,
                rows=source.query_labels),
        _factor("A", "landmark queries to landmark keys", made.between[0, head], mark, "landmark key"),
        _factor("A_inverse", f"A⁺ after {op.iterations} iterations", inverse[0, head], mark, "landmark key",
                signed=True, unit="value"),
        _factor("B", "landmark queries to keys", made.right[0, head], mark, of_key, columns=source.key_labels),
    ]  # fmt: skip


def _low_rank(op: LowRank, source: Source, head: int, view: MatrixView) -> list[Factor]:
    sides = view.factors()
    assert sides is not None
    return [
        _factor("C", "the anchors", op.anchors[head], "anchor", "dimension", signed=True, unit="value"),
        _factor("U", "queries to anchors; rows sum to one", sides[0][0, head], "query i", "anchor",
                rows=source.query_labels),
        _factor("V", "keys to anchors; columns sum to one", sides[1][0, head].T, "key j", "anchor",
                rows=source.key_labels),
    ]  # fmt: skip


def _factor(
    name: str,
    words: str,
    values: Tensor,
    row_title: str,
    column_title: str,
    *,
    signed: bool = False,
    unit: str = "weight",
    rows: Sequence[str] | None = None,
    columns: Sequence[str] | None = None,
) -> Factor:
    """Thinned evenly along both sides; tokens are written where all of them are shown."""
    height, width = values.shape
    at, to = evenly(height, MOST_CELLS), evenly(width, MOST_CELLS)
    data = MatrixData(
        values.detach().float().numpy()[np.ix_(at, to)],
        row_labels=rows if rows is not None and len(at) == height else None,
        column_labels=columns if columns is not None and len(to) == width else None,
        signed=signed,
        unit=unit,
        row_title=row_title,
        column_title=column_title,
        each=(height / len(at), width / len(to)),
    )
    thinned = [
        f"{shown} of {length:,} {what}"
        for shown, length, what in ((len(at), height, "rows"), (len(to), width, "columns"))
        if shown < length
    ]
    if thinned:
        words += f" ({', '.join(thinned)}, evenly spaced)"
    written = {"Q_marks": "Q̃", "K_marks": "K̃", "A_inverse": "A⁺", "weights": "softmax"}.get(
        name, name
    )
    return Factor(name, f"{written} ({height:,} × {width:,})", words, data)


def convergence(asked: service.Asked, most: int) -> Convergence:
    """Iteration by iteration, to the number asked for or `most`, whichever is larger."""
    return _convergences.get((asked.key, most), lambda: _converge(asked, most))


def _converge(asked: service.Asked, most: int) -> Convergence:
    source, head = asked.source, asked.head
    further = max(most, asked.settings["iterations"])
    op = source.operator(asked.method, **(asked.settings | {"iterations": further}))
    assert isinstance(op, Nystromformer)
    with torch.no_grad():
        made = op.factors(source.q, source.k)
    exact = service.decomposed(source, head).exact
    steps: list[Step] = inverse_steps(op, made, head, exact)
    condition = float(torch.linalg.cond(made.between[0, head].double()))
    rows = pd.DataFrame([step._asdict() for step in steps])
    return Convergence(rows, inverse_limit(made, head, exact), condition)


_inside: Kept[Inside] = Kept(8)
_convergences: Kept[Convergence] = Kept(64)
