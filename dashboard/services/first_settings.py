"""How the pages that look at a method begin: small enough for a sentence. No streamlit here."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from attn_core import Param, get_method

# A catalogue's defaults are for thousands of tokens; these show in a sentence too what a method does.
SMALL: dict[str, dict[str, Any]] = {
    "linformer": {"rank": 16},
    "nystromformer": {"landmarks": 8},
    "performer": {"features": 64},
    "longformer": {"window": 4},
    "bigbird": {"block": 4, "random": 1},
    "multiscale": {"window": 2},
    "reformer": {"bucket": 8, "rounds": 2},
}


def params_of(name: str) -> tuple[Param, ...]:
    """The method's own, beginning small."""
    small = SMALL.get(name, {})
    return tuple(
        replace(param, default=small.get(param.name, param.default))
        for param in get_method(name).params
    )


def first_settings(name: str) -> dict[str, Any]:
    return {param.name: param.default for param in params_of(name)}
