"""One fixed colour, marker and dash per method, wherever it is drawn.

A family is a hue; within it methods differ in lightness (so in greyscale too), in marker and in dash. A method
that is not listed yet takes a free slot of its family by its name, so a new method needs no line here.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from attn_core import METHODS, AttentionMethod

# The light column is for white paper and the light theme, the dark one for the dark theme.
FAMILY_COLOURS: dict[str, tuple[tuple[str, str], ...]] = {
    "exact": (
        ("#26282e", "#f1f0ec"),
        ("#85878d", "#9b9da4"),
        ("#55575d", "#c6c7ca"),
        ("#6d6f75", "#b0b2b7"),
    ),
    "low-rank": (
        ("#1257a8", "#5a9bf0"),
        ("#4292e0", "#a9cdfb"),
        ("#0b3566", "#3f7fd6"),
        ("#2f74c4", "#84b6f7"),
    ),
    "kernel": (
        ("#c2500a", "#f58a3c"),
        ("#ec8b2c", "#fbc07d"),
        ("#8a3603", "#d96f1e"),
        ("#d96f1e", "#f8a65c"),
    ),
    "sparse": (
        ("#1b7a3a", "#4fbf73"),
        ("#0d4a24", "#2f9b55"),
        ("#57a86b", "#8fdba6"),
        ("#2f8f6b", "#63c9a5"),
        ("#4d5a12", "#dcee8c"),
        ("#7d9f1e", "#9cc23a"),
    ),
    "recurrent": (
        ("#8a2a9b", "#d07be0"),
        ("#b565c6", "#e5b3ef"),
        ("#5c1469", "#b454c6"),
    ),
}
# What takes part in attention, wherever the computation itself is shown: light and dark theme.
PARTS: dict[str, tuple[str, str]] = {
    "query": ("#1f66cc", "#6aa5f7"),
    "key": ("#cf4318", "#f5835c"),
    "value": ("#1d8348", "#55c283"),
    "attention": ("#5b45c9", "#a392f5"),
}
SLOTS: dict[str, int] = {
    "softmax": 0,
    "flash": 1,
    "linformer": 0,
    "nystromformer": 1,
    "low_rank": 2,
    "performer": 0,
    "kernelized": 1,
    "longformer": 0,
    "sparse_transformer": 1,
    "reformer": 2,
    "bigbird": 3,
    "multiscale": 4,
    "ssd": 0,
}
# Exact attention is on every chart: nothing else may look like it. The other families share six markers,
# each starting at another one.
EXACT_MARKERS = ("circle", "cross", "arrow", "wedge")
MARKERS = (
    "square",
    "diamond",
    "triangle-up",
    "triangle-down",
    "triangle-right",
    "triangle-left",
)
DASHES = ((1, 0), (6, 3), (2, 2), (8, 3, 2, 3), (10, 4), (4, 2, 1, 2))


@dataclass(frozen=True)
class Mark:
    """How one method is drawn."""

    colour: str
    shape: str
    dash: tuple[int, ...]


def mark(method: AttentionMethod, dark: bool = False) -> Mark:
    """The method's mark in the light or the dark theme."""
    colours = FAMILY_COLOURS[method.family]
    slot = slot_of(method)
    shift = list(FAMILY_COLOURS).index(method.family)
    shapes = EXACT_MARKERS if method.family == "exact" else MARKERS[shift:] + MARKERS[:shift]
    return Mark(
        colour=colours[slot % len(colours)][dark],
        shape=shapes[slot % len(shapes)],
        dash=DASHES[slot % len(DASHES)],
    )


def slot_of(method: AttentionMethod) -> int:
    """The method's place among its family's colours: listed, or found from its name alone."""
    if method.name in SLOTS:
        return SLOTS[method.name]
    taken = {
        SLOTS[name]
        for name, known in METHODS.items()
        if name in SLOTS and known.family == method.family
    }
    places = range(len(FAMILY_COLOURS[method.family]))
    free = [place for place in places if place not in taken] or list(places)
    return free[zlib.crc32(method.name.encode()) % len(free)]
