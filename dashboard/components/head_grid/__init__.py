"""All heads as small pictures: the one that is clicked is shown large."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v2 import component

from dashboard import state

HERE = Path(__file__).parent
ZOOM = HERE.parent / "deep_zoom"
SCRIPTS = (ZOOM / "colours.js", ZOOM / "tiles.js", ZOOM / "tops.js", HERE / "grid.js")
TAKEN = ("tiles", "exact", "head", "reduce", "levels", "there", "tile", "legend", "look", "tones")

_component = component(
    "attn_core.head_grid",
    html='<div class="heads" role="group" aria-label="Heads"></div>',
    css=(HERE / "style.css").read_text(encoding="utf-8"),
    js="\n".join(path.read_text(encoding="utf-8") for path in SCRIPTS),
)


def head_grid(scene: Mapping[str, Any], heads: int) -> None:
    """`scene` is that of the maps, of which this shows the exact side of every head."""
    data = {name: scene[name] for name in TAKEN} | {"heads": heads}
    _component(data=data, key=state.X_HEADS, on_head_change=_choose)


def _choose() -> None:
    chosen = st.session_state[state.X_HEADS]["head"]
    if isinstance(chosen, int) and 0 <= chosen < 64:
        st.session_state[state.LOOK_HEAD] = chosen
