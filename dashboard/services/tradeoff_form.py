"""What the controls of a study offer, and their values as a checked study. No streamlit here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from attn_core.methods import METHODS
from attn_core.tradeoff.spec import PRESETS, StudySpec, preset
from dashboard.figures.amounts import duration
from dashboard.services.sweep_form import LENGTH
from dashboard.services.validation import HEAD_DIM, HEADS, choose
from dashboard.services.wording import listed

# As the page names the presets, and as the command line does.
NAMES: Mapping[str, str] = {"60 seconds": "60s", "10 minutes": "10min", "until done": "all"}
LENGTH_PRESETS: Mapping[str, Sequence[int]] = {
    name: PRESETS[key].lengths for name, key in NAMES.items()
}


@dataclass(frozen=True)
class Form:
    """What the controls hold, lengths still as text."""

    preset: str
    methods: Sequence[str]
    lengths: Sequence[str]
    sizes: Mapping[str, Any]


def usual_methods(role: str = "encoder") -> tuple[str, ...]:
    """All that can play the role."""
    return tuple(name for name, method in METHODS.items() if role in method.roles)


def spec_of(form: Form) -> StudySpec:
    """The study that the controls describe; a ValueError says in a sentence what is refused."""
    if not form.methods:
        raise ValueError("Choose at least one method.")
    if not form.lengths:
        raise ValueError("Choose at least one length.")
    lengths = tuple(LENGTH.parse(text) for text in form.lengths)
    sizes = dict(form.sizes)
    HEADS.check(sizes["heads"])
    HEAD_DIM.check(sizes["head_dim"])
    return preset(preset_named(form.preset), methods=tuple(form.methods), lengths=lengths, **sizes)


def preset_named(text: str) -> str:
    return NAMES[choose("study", text, NAMES)]


def plan_line(spec: StudySpec) -> str:
    """What a study will do, before it does it."""
    methods = f"{len(spec.methods)} {'method' if len(spec.methods) == 1 else 'methods'}"
    at = f"{methods}, each over its budget, at N = {listed([f'{n:,}' for n in spec.lengths])}"
    if spec.limit_s is None:
        return f"{at}, until nothing is undecided"
    return f"{at}, for {duration(spec.limit_s)}"
