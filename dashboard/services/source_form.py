"""What the source picker's boxes hold at most, and from them to a checked source. No streamlit here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attn_core.sources import LONGEST, LONGEST_TEXT, SourceSpec
from dashboard.services.validation import Bounds

TEXT = "The old house near the river is empty. Marie bought it last year because it was beautiful."
FRENCH = "La vieille maison près de la rivière est vide. Marie l'a achetée l'année dernière parce qu'elle était belle."
DOCUMENT = Bounds("document", 0, 0, 1_284)
TOKENS = Bounds("tokens", 48, 1, LONGEST_TEXT)
LENGTH = Bounds("N", 64, 1, LONGEST)
KEYS = Bounds("M", 64, 1, LONGEST)
HEADS = Bounds("heads", 1, 1, 64)
HEAD_DIM = Bounds("head width", 64, 1, 256)
SEED = Bounds("seed", 0, 0, 2**31 - 1)
SPREAD = (0.0, 1_000.0, 1.0)


def spec_of(form: Mapping[str, Any]) -> SourceSpec:
    """Only what the kind asks for; a ValueError names what is not allowed."""
    kind, role = form["kind"], form["role"]
    if kind == "synthetic":
        return SourceSpec(
            kind=kind,
            role=role,
            structure=form["structure"],
            length=form["length"],
            keys=form["keys"] if role == "cross" else 0,
            spread=float(form["spread"]),
            heads=form["heads"],
            head_dim=form["head_dim"],
            seed=form["seed"],
        )
    common = {"kind": kind, "role": role, "model": form["model"], "layer": form["layer"]}
    if kind == "corpus":
        return SourceSpec(**common, document=form["document"], length=form["tokens"])
    return SourceSpec(**common, text=form["text"], french=form["french"])
