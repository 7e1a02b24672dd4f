"""What a method is held against exact attention on: drawn queries and keys, and layers of the shipped translator.

A source is named by the words that its rows carry. Each draw is another input: another seed, or another document.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import cast

from attn_core.contract import Role
from attn_core.sources.spec import MOST_ROWS, SHIPPED, STRUCTURES, SourceSpec, Structure

DRAWN, TRAINED = "synthetic", "teacher layer"
SOURCES = (f"{DRAWN} local", f"{DRAWN} gaussian", f"{TRAINED} 0", f"{TRAINED} 1")
NAMED = re.compile(rf"{DRAWN} ({'|'.join(STRUCTURES)})|{TRAINED} (\d{{1,3}})")
# Documents between one draw and the next, of those that are shipped: long texts run over many.
APART, DOCUMENTS = 97, 1000


def check_sources(names: Sequence[object]) -> None:
    allowed = ", ".join([*(f"{DRAWN} {one}" for one in STRUCTURES), f"{TRAINED} 0 (1, 2, …)"])
    if not names:
        raise ValueError(f"tradeoff: choose at least one source of {allowed}")
    for name in names:
        if not isinstance(name, str) or not NAMED.fullmatch(name):
            raise ValueError(f"tradeoff: a source must be one of {allowed}, got {name!r}")
        if list(names).count(name) > 1:
            raise ValueError(f"tradeoff: the source {name!r} is listed twice")


def shipped_layers() -> int:
    """How many layers the shipped translator has: read from the head of its file, without its weights."""
    # Here, not above: settings are checked everywhere, and what knows the model takes its time to import.
    from attn_core.model.weights import config_in
    from attn_core.sources.source import shipped_model

    return config_in(shipped_model(SHIPPED)).layers


def source_spec(
    name: str, length: int, role: Role, heads: int, head_dim: int, seed: int, draw: int
) -> SourceSpec:
    """One draw of a source at a length; a ValueError says why it cannot be so long. Of very long texts fewer heads
    are drawn."""
    structure, layer = NAMED.fullmatch(name).groups()  # pyright: ignore[reportOptionalMemberAccess]
    if layer is not None:
        place = (seed + draw) * APART % DOCUMENTS
        return SourceSpec("corpus", role, layer=int(layer), length=length, document=place)
    few = max(1, min(heads, 64, MOST_ROWS // length))
    shape = cast(Structure, structure)
    return SourceSpec(
        "synthetic", role, length=length, structure=shape, heads=few, head_dim=head_dim,
        seed=seed + draw,
    )  # fmt: skip
