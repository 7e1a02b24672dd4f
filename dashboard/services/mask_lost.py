"""What of the source's exact attention falls outside each pattern, by layer and head. No streamlit here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd
from torch import Tensor

from attn_core import Dims
from attn_core.amounts import percent
from attn_core.masks import exact_sums, lost_mass
from attn_core.sources import Source
from attn_core.views import Progress, ignore_progress
from dashboard.services.kept import Kept
from dashboard.services.mask_form import Choice, Layout
from dashboard.services.sources import model_config, source_of

# Exact scores that are made without being asked for: a second or so.
AT_ONCE = 2**27
# Exact scores a second on two cores, with their exponentials: to say about how long it will take.
RATE = 8e8


@dataclass(frozen=True, eq=False)
class Lost:
    """Of one pattern in one layer, every row of every head: (H, tokens), shares of one."""

    choice: Choice
    layer: int
    rows: Tensor


def layers_of(source: Source) -> tuple[int, ...]:
    """All layers of the model; drawn numbers are one."""
    if source.spec.kind == "synthetic":
        return (source.spec.layer,)
    return tuple(range(model_config(source.spec.model).layers))


def scores(source: Source) -> int:
    """How many exact scores have to be made."""
    return len(layers_of(source)) * source.heads * source.queries * source.keys


def why_not(source: Source, layout: Layout) -> str:
    """Why nothing can be measured; empty if it can."""
    if source.spec.role == "cross":
        return (
            "Cross-attention has queries and keys on two axes, these patterns have one: choose the encoder or "
            "the decoder to measure what they miss."
        )
    if source.queries != layout.length:
        return (
            f"The source has {source.queries:,} tokens and the pattern {layout.length:,}: make N the source's to "
            "measure what the pattern misses."
        )
    if source.causal and not layout.causal:
        return "The source sees its past only: let the pattern be causal too to measure what it misses."
    return ""


def known(source: Source, choices: Sequence[Choice], layout: Layout) -> bool:
    """Whether everything was measured before."""
    return all(
        _key(source, layer, layout, choice) in _lost.known
        for layer in layers_of(source)
        for choice in choices
    )


def lost(
    source: Source,
    choices: Sequence[Choice],
    layout: Layout,
    on_progress: Progress | None = None,
) -> list[Lost]:
    """Layer by layer. Exact rows stream; the patterns cost their pairs."""
    report = on_progress or ignore_progress
    layers, found = layers_of(source), []
    for number, layer in enumerate(layers):
        here = _at(source, layer)

        def within(done: int, total: int, number: int = number) -> None:
            report(number * total + done, len(layers) * total)

        for choice in choices:
            rows = _lost.get(
                _key(source, layer, layout, choice),
                lambda here=here, choice=choice, within=within: _rows(
                    here, choice, layout, within
                ),
            )
            found.append(Lost(choice, layer, rows))
    return found


def lost_rows(found: Sequence[Lost]) -> pd.DataFrame:
    """A row for each pattern, layer and head: the mean over queries and the worst of them."""
    rows = [
        (one.choice.label, one.choice.name, one.layer, head, float(row.mean()),
         float(row.max()), int(row.argmax()))
        for one in found
        for head, row in enumerate(one.rows.double())
    ]  # fmt: skip
    return pd.DataFrame(
        rows, columns=["label", "pattern", "layer", "head", "lost", "worst", "worst query"]
    )


def lost_words(rows: pd.DataFrame, source: Source, head: int) -> str:
    """Read off the map: the head that is looked at, and the head that loses most."""
    told = []
    for name, mine in rows.groupby("pattern", sort=False):
        here = mine[(mine["layer"] == source.spec.layer) & (mine["head"] == head)].iloc[0]
        most = mine.loc[mine["lost"].idxmax()]
        words = f"{str(name)[0]} {percent(here['lost'])}"
        if len(mine) > 1:
            words += (
                f" (most: {percent(most['lost'])} in layer {most['layer']}, head {most['head']})"
            )
        told.append(words)
    return (
        f"Of exact attention in layer {source.spec.layer}, head {head}, lies outside: "
        + ", ".join(told)
        + "."
    )


def _at(source: Source, layer: int) -> Source:
    if layer == source.spec.layer:
        return source
    return source_of(replace(source.spec, layer=layer))


def _rows(source: Source, choice: Choice, layout: Layout, report: Progress) -> Tensor:
    def sums() -> Tensor:
        return exact_sums(source.q, source.k, layout.tokens, source.causal, report)

    exact = _exact.get((source.spec.id, layout.tokens), sums)
    params = dict(choice.params)
    seed = params.pop("seed", 0)
    dims = Dims(source.heads, source.q.shape[3], layout.length, layout.length)
    op = choice.method.build(dims, seed=seed, **params)
    return lost_mass(op, source.q, source.k, exact, layout.causal)


def _key(source: Source, layer: int, layout: Layout, choice: Choice) -> tuple:
    return replace(source.spec, layer=layer).id, layout, choice.key


_exact: Kept[Tensor] = Kept(32, lambda x: x.numel() * x.element_size(), 2**27)
_lost: Kept[Tensor] = Kept(256, lambda x: x.numel() * x.element_size(), 2**28)
