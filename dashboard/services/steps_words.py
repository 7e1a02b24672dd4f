"""What a step's arrays say about the pinned query, as one sentence read off them. No streamlit here."""

from __future__ import annotations

import torch

from attn_core.sources import Source
from attn_core.steps import Array, Softened, Step
from attn_core.steps.step import KEY, QUERY
from dashboard.services.steps import Chain


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
    return _range((rowed or arrays)[-1], query)


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


def _range(array: Array, query: int) -> str:
    values = array.values.double()
    if array.rows == QUERY and values.shape[1] > 1:
        lengths = values.norm(dim=1)
        own = float(lengths[query - array.first])
        return f"In {array.name}, query {query:,}'s row has length {own:.3g}; the mean is {float(lengths.mean()):.3g}."
    rows, columns = values.shape
    span = f"from {float(values.amin()):.3g} to {float(values.amax()):.3g}"
    return f"{array.name} has {rows:,} × {columns:,} numbers, {span}."


def asking(source: Source, query: int) -> str:
    return f"Query {query:,}{_quoted(source.query_labels, query)}"


def looked_at(source: Source, key: int) -> str:
    return f"key {key:,}{_quoted(source.key_labels, key)}"


def _quoted(labels: tuple[str, ...] | None, place: int) -> str:
    return (
        "" if labels is None else f" “{labels[place].replace('▁', ' ').strip() or labels[place]}”"
    )


def agreement(chain: Chain) -> str:
    """How near the sequence's end is to the engine's own output."""
    rows, last = len(chain.call.queries), chain.steps[chain.middle]
    whose = "the model's own operator" if chain.own else f"{chain.call.method.title} by the engine"
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
