"""What people call a choice: its method by its title, then what of its parameters is not the default."""

from __future__ import annotations

from functools import lru_cache

from attn_core.methods import METHODS


@lru_cache(maxsize=4096)
def called(label: str) -> str:
    """Nyströmformer landmarks=8 for nystromformer landmarks=8, or for nystromformer(landmarks=8); what the catalogue
    does not know stays as it is."""
    name, space, rest = label.rstrip(")").replace("(", " ", 1).partition(" ")
    return METHODS[name].short_title + space + rest if name in METHODS else label
