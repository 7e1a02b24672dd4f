"""What a step's arrays say about the pinned query, as one sentence read off them. No streamlit here."""

from __future__ import annotations

import torch
from torch import Tensor

from attn_core.sources import Source
from attn_core.steps import Array, Softened, Step
from attn_core.steps.step import KEY, QUERY
from attn_core.steps.tiled import TILE
from dashboard.services.literal import literal
from dashboard.services.steps import Chain

# Kinds whose rows are vectors, so that a row has a length.
VECTORS = ("query", "key", "value", "hidden")


def sentence(source: Source, step: Step, query: int, key: int) -> str:
    """About the pinned query where the step has a row for it, about all of it otherwise."""
    arrays = (*step.arrays, *step.opened(query, key))
    if step.key == "dot":
        return _product(source, arrays, query, key)
    if step.key == "tokens":
        return f"{source.queries:,} tokens ask. {asking(source, query)} is pinned."
    matrix = next((one for one in arrays if (one.rows, one.columns) == (QUERY, KEY)), None)
    if matrix is not None and matrix.kind in ("weight", "score"):
        return _strongest(source, matrix, query)
    if matrix is not None:
        return _meets(source, matrix, query)
    rowed = [one for one in arrays if one.rows == QUERY]
    shown = [one for one in rowed if one.columns == TILE] or (rowed or arrays)[-1:]
    return " ".join(_row(source, one, query, key) for one in shown)


def _strongest(source: Source, matrix: Array, query: int) -> str:
    row = matrix.values[query - matrix.first]
    seen = torch.ones_like(row, dtype=torch.bool)
    if matrix.masked is not None:
        seen = ~matrix.masked[query - matrix.first]
    if not bool(seen.any()):
        return f"{asking(source, query)} sees no key."
    held = row.masked_fill(~seen, -torch.inf)
    best = int(held.argmax())
    who = f"{asking(source, query)} has its largest number with {looked_at(source, best)}: {float(row[best]):.3g}"
    if matrix.kind == "weight":
        return f"{who}; its weights sum to {float(row[seen].sum()):.3g} over {int(seen.sum()):,} keys."
    return f"{who}; the smallest of its {int(seen.sum()):,} is {float(row[seen].amin()):.3g}."


def _meets(source: Source, matrix: Array, query: int) -> str:
    place = query - matrix.first
    met = matrix.values[place] if matrix.masked is None else ~matrix.masked[place]
    share = float((matrix.values if matrix.masked is None else ~matrix.masked).float().mean())
    return (
        f"{asking(source, query)} meets {int(met.sum()):,} of {len(met):,} keys; of all pairs shown "
        f"{share:.1%} meet."
    )


def _product(source: Source, arrays: tuple[Array, ...], query: int, key: int) -> str:
    terms = arrays[2].values[0]
    most = int(terms.abs().argmax())
    return (
        f"{asking(source, query)} times {looked_at(source, key)} is {float(terms.sum()):.3g}; feature {most} gives "
        f"{float(terms[most]):.3g} of it."
    )


def _row(source: Source, array: Array, query: int, key: int) -> str:
    """The pinned query's or key's row, in the words that fit what the array holds."""
    rows, columns = array.values.shape
    place = {QUERY: query - array.first, KEY: key}.get(array.rows)
    if place is None or not 0 <= place < rows or array.row_names is not None:
        span = f"from {_short(array.values.amin())} to {_short(array.values.amax())}"
        return f"{array.name} has {rows:,} × {columns:,} numbers, {span}."
    who = asking(source, query) if array.rows == QUERY else looked_at(source, key)
    row = array.values[place]
    if array.kind in VECTORS and columns > 1:
        return _length(array, place, who)
    if array.kind == "number":
        return _numbered(array, place, who)
    if columns == 1:
        return f"For {_inside(who)}, {array.name} is {_short(row[0])}."
    if array.columns == TILE:
        first, last = _short(row[0]), _short(row[-1])
        return f"For {_inside(who)}, {array.name} is {first} after the first tile and {last} after the last."
    return _largest(array, place, who)


def _length(array: Array, place: int, who: str) -> str:
    lengths = array.values.double().norm(dim=1)
    return (
        f"In {array.name}, the row of {_inside(who)} has length {_short(lengths[place])}; the mean is "
        f"{_short(lengths.mean())}."
    )


def _numbered(array: Array, place: int, who: str) -> str:
    """Which bucket or chunk a token is in, in every round: these are names, not amounts."""
    ids, name, rounds = array.values[place], array.name, array.values.shape[1]
    if bool((ids == ids[0]).all()):
        where = f"{name} {int(ids[0]):,}"
        where += f" in all {rounds:,} {array.columns}s" if rounds > 1 else ""
    else:
        listed = ", ".join(f"{int(one):,}" for one in ids)
        where = f"{name}s {listed} in {array.columns}s 0 to {rounds - 1:,}"
    others, shared = len(array.values) - 1, int((array.values == ids).all(1).sum()) - 1
    beside = f", together with {shared:,} of the {others:,} others shown" if others else ""
    return f"{who[0].upper()}{who[1:]} is in {where}{beside}."


def _largest(array: Array, place: int, who: str) -> str:
    row = array.values[place]
    seen = torch.ones_like(row, dtype=torch.bool) if array.masked is None else ~array.masked[place]
    seen = seen & torch.isfinite(row)
    column = array.columns.split(",")[0].split(" ")[0]
    if not bool(seen.any()):
        return f"{who[0].upper()}{who[1:]} has no number in {array.name}."
    best = int(row.masked_fill(~seen, -torch.inf).argmax())
    end = (
        f"the row sums to {_short(row[seen].sum())} over {int(seen.sum()):,}"
        if array.kind == "weight"
        else f"the smallest of {int(seen.sum()):,} is {_short(row[seen].amin())}"
    )
    return f"In {array.name}, {_inside(who)} has its largest number at {column} {best:,}: {_short(row[best])}; {end}."


def _short(value: Tensor) -> str:
    return f"{float(value):.3g}"


def _inside(who: str) -> str:
    """As it stands inside a sentence."""
    return who[0].lower() + who[1:]


def asking(source: Source, query: int) -> str:
    return f"Query {query:,}{_quoted(source.query_labels, query)}"


def looked_at(source: Source, key: int) -> str:
    return f"key {key:,}{_quoted(source.key_labels, key)}"


def _quoted(labels: tuple[str, ...] | None, place: int) -> str:
    return (
        ""
        if labels is None
        else f" “{literal(labels[place].replace('▁', ' ').strip() or labels[place])}”"
    )


def agreement(chain: Chain) -> str:
    """How near the sequence's end is to the engine's own output."""
    rows, last = len(chain.call.queries), chain.steps[chain.middle]
    whose = (
        "the model's own operator"
        if chain.own
        else f"{chain.call.method.short_title} by the engine"
    )
    return (
        f"“{last.title}” is the output of {whose}: largest difference {chain.difference:.2g} over {rows:,} rows of "
        f"this head, whose largest number is {chain.largest:.3g}."
    )


def saturated(chosen: Softened, usual: Softened) -> str:
    """What another temperature, or no scaling, does to the row."""
    now = (
        f"The largest weight is {chosen.largest:.3g}, the row is shared among {chosen.shared:.3g} keys, and the "
        f"softmax passes a gradient of norm {chosen.sensitivity:.2g}"
    )
    if chosen.divisor == usual.divisor:
        return now + "."
    return (
        f"{now}; divided by √d alone it is {usual.largest:.3g}, among {usual.shared:.3g} keys, with "
        f"{usual.sensitivity:.2g}."
    )
