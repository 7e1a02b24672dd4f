"""Masks in sentences and tables: what a pattern keeps, why a pair is allowed, who hears whom. No streamlit here."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd

from attn_core import get_method
from attn_core.amounts import digits, flops, percent, size
from attn_core.masks import MOST_LAYERS, last_arrival, wanted
from attn_core.sources import Source
from dashboard.services.literal import literal
from dashboard.services.masks import Mask
from dashboard.services.pinned import pinned
from dashboard.services.prediction import exact_methods
from dashboard.services.shown import parameters


def density(mask: Mask) -> float:
    """Allowed pairs among all N × N."""
    return mask.shares(1).total / mask.layout.length**2


def why(mask: Mask, query: int, key: int) -> str:
    """Whether the pair is allowed, and by which part of the pattern, or what stands against it."""
    layout = mask.layout
    if max(query, key) >= layout.length:
        return f"not there: N is {layout.length:,}"
    for name, place in (("key", key), ("query", query)):
        if place >= layout.tokens:
            return f"masked: the {name} is padding"
    if layout.causal and key > query:
        return "masked: the key lies in the future"
    held = mask.anatomy.holders(query, key)
    hashed = mask.choice.method.name == "reformer"
    if not held and hashed and query == key:
        return "not allowed: a token attends itself only when it meets no other"
    if not held:
        return f"not allowed: {'no shared chunk in any round' if hashed else 'in no part of the pattern'}"
    if held == ("alone",):
        return "allowed: the token meets no other, so it attends itself"
    return f"allowed: {'they meet in ' if hashed else ''}{listed(held)}"


def listed(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def verdict(masks: Sequence[Mask], query: int, key: int) -> str:
    """What is read off the maps: how much each keeps, and what each does with the pinned pair."""
    kept = ", ".join(f"{mask.choice.label} {percent(density(mask))}" for mask in masks)
    length = masks[0].layout.length
    pair = "; ".join(f"{mask.choice.label} {why(mask, query, key)}" for mask in masks)
    pairs = (
        f"the {length**2:,} pairs of {length:,} tokens"
        if length > 1
        else "the one pair of one token"
    )
    return f"Of {pairs} the patterns keep: {kept}. **Query {query:,}, key {key:,}**: {pair}."


def heard(mask: Mask, query: int) -> str:
    """After how many layers the query has heard all that it may."""
    arrived = mask.arrivals(query)
    end = last_arrival(mask.anatomy, arrived, query)
    if end is not None:
        return f"{end:,}"
    share = int((arrived >= 0).sum()) / wanted(mask.anatomy, query)
    if _cut(mask, query):
        return f"more than {MOST_LAYERS} (by then {percent(share)})"
    return f"never (no more than {percent(share)})"


def arrival(mask: Mask, query: int, key: int) -> str:
    """After how many layers the key reaches the query, directly or by way of others."""
    if max(query, key) >= mask.layout.tokens:
        return "–"
    layers = int(mask.arrivals(query)[key])
    if layers >= 0:
        return f"{layers:,}"
    return f"more than {MOST_LAYERS}" if _cut(mask, query) else "never"


def _cut(mask: Mask, query: int) -> bool:
    """Whether the search went on when it was ended."""
    return int(mask.arrivals(query).max()) == MOST_LAYERS


def pair_words(source: Source, head: int, query: int, key: int) -> str:
    """The pair's exact numbers, by the engine."""
    view = source.operator("softmax").view(source.q, source.k, causal=source.causal)
    return pinned(source, {"exact": view}, head, query, key).words


def cost_rows(masks: Sequence[Mask]) -> pd.DataFrame:
    """A row a pattern, and the exact methods to hold it against. Pairs are of one head, costs of all."""
    shape = masks[0].shape
    costs = [
        (mask.choice.name, mask.choice.method, parameters(mask.choice.params), mask.cost)
        for mask in masks
    ]
    costs += [(method.short_title, method, "", method.cost(shape)) for method in exact_methods()]
    allowed = [mask.shares(1).total for mask in masks]
    everything = exact_pairs(masks[0])
    allowed += [everything] * (len(costs) - len(masks))
    softmax = get_method("softmax").cost(shape)
    flash = get_method("flash").cost(shape)
    return pd.DataFrame(
        {
            "pattern": name,
            "method": method.name,
            "settings": settings,
            "allowed": pairs,
            "density": pairs / masks[0].layout.length ** 2,
            "computed": cost.scores // shape.slices,
            "flops": cost.flops,
            "times flops": cost.flops / softmax.flops,
            "memory": cost.peak_bytes,
            "times memory": cost.peak_bytes / softmax.peak_bytes,
            "times flash memory": cost.peak_bytes / flash.peak_bytes,
        }
        for (name, method, settings, cost), pairs in zip(costs, allowed, strict=True)
    )


def exact_pairs(mask: Mask) -> int:
    """Pairs of real tokens that exact attention lets through."""
    tokens = mask.layout.tokens
    return tokens * (tokens + 1) // 2 if mask.layout.causal else tokens**2


def shown_costs(rows: pd.DataFrame) -> pd.DataFrame:
    """The same as words with their units."""
    return pd.DataFrame(
        {
            "Pattern": rows["pattern"],
            "Allowed pairs": [f"{n:,}" for n in rows["allowed"]],
            "Density": [percent(share) for share in rows["density"]],
            "Pairs computed": [f"{n:,}" for n in rows["computed"]],
            "FLOPs (× softmax)": _times(rows, "flops", flops),
            "Memory (× softmax)": _times(rows, "memory", size),
            "Settings": [literal(one) for one in rows["settings"]],
        }
    )


def _times(rows: pd.DataFrame, what: str, words: Callable[[float], str]) -> list[str]:
    both = zip(rows[what], rows[f"times {what}"], strict=True)
    return [f"{words(amount)} ({digits(times)}×)" for amount, times in both]
