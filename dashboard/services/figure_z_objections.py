"""What a careful reader objects to in the published recipe, by the panel it touches. No streamlit here."""

from __future__ import annotations

from collections.abc import Mapping

OBJECTIONS: Mapping[str, tuple[str, ...]] = {
    "quality": (
        "The encoder is fed noise instead of English, so nothing is translated.",
        "The teacher is trained to stay where it started: its target is its own first output.",
        "At 2,048 tokens most of each row is padding.",
        "Cross-entropy (standard attention) and squared error (the others) share one axis.",
        "Four sentences, no test set, one seed.",
        "The decoder sees the answer it has to give.",
        "Attention has neither projections nor heads, and Performer is not FAVOR+.",
    ),
    "generalization": (
        "A ratio below 1 was called worse, although it means a smaller error at the longer length.",
        "The teacher was set to 1, and Linformer's failure to the number 1,000. Here it is a mark.",
        "The longer input is the same four sentences with more padding.",
    ),
    "speed": (
        "The published times are means of ten calls without warm-up, on another machine.",
        "The published Longformer masks all N² scores and has no global tokens: its cost is not that of the method.",
    ),
}  # fmt: skip
