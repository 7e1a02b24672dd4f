"""What an exported figure shows, in words for its setting and for its file's name. No streamlit here."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from attn_core import AttentionMethod
from attn_core.sources import Source

# A method with its parameters, all of them.
Given = tuple[AttentionMethod, Mapping[str, Any]]
# Letters of a file's name that parameters may take.
LONGEST = 60
UNSAFE = re.compile(r"[^A-Za-z0-9-]+")


def setting(source: Source, head: int | None, *methods: Given, more: str = "") -> str:
    """The source with its sizes, the head (None stands for all), every method with its parameters, and what else."""
    sizes = f"N = {source.queries:,}"
    if source.keys != source.queries:
        sizes += f", M = {source.keys:,}"
    heads = "1 head" if source.heads == 1 else f"{source.heads} heads"
    parts = [f"{source.title}, {sizes}, {heads} of {source.q.shape[3]}"]
    parts += [] if head is None else [f"head {head}"]
    parts += [with_parameters(*one) for one in methods]
    return "; ".join([*parts, *([more] if more else [])])


def with_parameters(method: AttentionMethod, params: Mapping[str, Any]) -> str:
    return f"{method.short_title} ({parameters(params)})" if params else method.short_title


def parameters(params: Mapping[str, Any]) -> str:
    """features 64, kernel softmax, seed 0"""
    return ", ".join(f"{name} {value}" for name, value in params.items())


def file_name(what: str, *methods: Given) -> str:
    """performer_features-64_error: of the parameters the budget and what is not the default. Unique on a page where
    `what` and the methods' names together are."""
    return "_".join([*(_short(*one) for one in methods), safe(what)])


def _short(method: AttentionMethod, params: Mapping[str, Any]) -> str:
    budget = "" if method.budget is None else method.budget.name
    told = [
        safe(f"{name}-{'-'.join(map(str, value)) if isinstance(value, tuple) else value}")
        for name, value in params.items()
        if name == budget or value != method.defaults[name]
    ]
    return "_".join([method.name, *(["_".join(told)[:LONGEST].rstrip("_")] if told else [])])


def safe(text: str) -> str:
    """Plain letters, digits and hyphens: φ(Q) becomes phi_Q."""
    plain = unicodedata.normalize("NFKD", "".join(map(_spelt, text)))
    return UNSAFE.sub("_", plain.encode("ascii", "ignore").decode()).strip("_")


def _spelt(letter: str) -> str:
    name = unicodedata.name(letter, "")
    return name.split()[-1].lower() if name.startswith("GREEK") else letter
