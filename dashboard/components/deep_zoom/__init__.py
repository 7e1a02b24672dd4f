"""Maps of matrices of any size, locked together: a canvas that draws tiles from the app's own routes.

The browser keeps tiles as codes and colours them itself, so that palette and scale cost no request. The scripts
are joined in this order into one module; nothing is fetched from elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from streamlit.components.v2 import component

HERE = Path(__file__).parent
SCRIPTS = (
    "colours", "camera", "tiles", "tops", "panes", "rows", "paint", "minimap", "words", "legends", "cells",
    "input", "zoom", "main",
)  # fmt: skip


def _read(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")


_component = component(
    "attn_core.deep_zoom",
    html=_read("frame.html"),
    css=_read("style.css"),
    js="\n".join(_read(f"{name}.js") for name in SCRIPTS),
)


def deep_zoom(
    data: Mapping[str, Any],
    key: str,
    on_pin: Callable[[], None],
    on_view: Callable[[], None],
) -> Any:
    """`view` of the result is the part that is seen, reported once the reader rests; `pin` a pair just clicked."""
    return _component(data=dict(data), key=key, on_pin_change=on_pin, on_view_change=on_view)
