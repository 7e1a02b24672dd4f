"""How each method of Figure Z is drawn: its own look everywhere, and a neutral one for what is no method."""

from __future__ import annotations

from collections.abc import Iterable

from attn_core import METHODS
from attn_core.naming import called
from dashboard.figures.palette import DASHES, mark
from dashboard.figures.series import OPACITIES, Series
from dashboard.figures.theme import ink

# A tick and a star: no method has either.
NEUTRAL = "M-0.25,-1L0.25,-1L0.25,1L-0.25,1Z"
STAR = (
    "M0,-1.15L0.3,-0.37L1.1,-0.35L0.48,0.15L0.68,0.95L0,0.5L-0.68,0.95L-0.48,0.15L-1.1,-0.35"
    "L-0.3,-0.37Z"
)


def method_of(label: str) -> str:
    """The method's name in a label: longformer(window=16) and longformer window=16 are longformers."""
    return label.partition("(")[0].partition(" ")[0]


def is_exact(label: str) -> bool:
    known = METHODS.get(method_of(label))
    return known is not None and known.family == "exact"


def short_names(labels: Iterable[str]) -> dict[str, str]:
    """The methods' titles alone, where they tell the labels apart: for a legend where there is little room."""
    labels = list(dict.fromkeys(labels))
    names = [method_of(label) for label in labels]
    return {
        label: called(name if names.count(name) == 1 else label)
        for label, name in zip(labels, names, strict=True)
    }


def lines_of(labels: Iterable[str], dark: bool = False) -> list[Series]:
    """One look a label, in catalogue order; what the catalogue does not know comes last, in grey."""
    order = list(METHODS)

    def place(label: str) -> int:
        name = method_of(label)
        return order.index(name) if name in order else len(order)

    found: list[Series] = []
    seen: dict[str, int] = {}
    for label in sorted(dict.fromkeys(labels), key=place):
        name = method_of(label)
        variant = seen.get(name, 0)
        seen[name] = variant + 1
        found.append(_series(label, name, variant, dark))
    return found


def _series(label: str, name: str, variant: int, dark: bool) -> Series:
    opacity = OPACITIES[min(variant, len(OPACITIES) - 1)]
    if name not in METHODS:
        return Series(label, label, "", name, ink(dark).muted, NEUTRAL, DASHES[2], opacity)
    look = mark(METHODS[name], dark)
    dash = DASHES[(DASHES.index(look.dash) + variant) % len(DASHES)]
    return Series(label, label, "", name, look.colour, look.shape, dash, opacity)
