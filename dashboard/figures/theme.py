"""The look of every chart, on screen and exported alike: quiet axes, one font, ink for the theme."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

# Streamlit ships the first, vl-convert the second: neither the page nor an export falls back in silence.
SCREEN_FONT = "Source Sans, sans-serif"
EXPORT_FONT = "Liberation Sans, Arial, sans-serif"


@dataclass(frozen=True)
class Ink:
    """Colours of everything in a chart that is not data."""

    text: str
    muted: str
    grid: str
    accent: str


LIGHT = Ink(text="#22242a", muted="#676a73", grid="#ecebe7", accent="#5b45c9")
DARK = Ink(text="#e6e5e1", muted="#a3a6ae", grid="#2b2f36", accent="#a392f5")


def ink(dark: bool) -> Ink:
    return DARK if dark else LIGHT


def config(dark: bool = False, font: str = SCREEN_FONT) -> dict[str, Any]:
    """A Vega-Lite configuration. The background stays clear, so that the page's own shows through."""
    tone = ink(dark)
    return {
        "background": "transparent",
        "font": font,
        "view": {"stroke": None},
        "axis": {
            "labelColor": tone.muted,
            "titleColor": tone.muted,
            "titleFontWeight": "normal",
            "labelFontSize": 12,
            "titleFontSize": 12,
            "gridColor": tone.grid,
            "domainColor": tone.grid,
            "ticks": False,
            "labelPadding": 6,
            "titlePadding": 8,
        },
        "legend": {
            "labelColor": tone.text,
            "labelFontSize": 12.5,
            "symbolStrokeWidth": 0,
            "symbolOpacity": 1,
            "symbolSize": 70,
            "title": None,
        },
        "title": {
            "color": tone.text,
            "subtitleColor": tone.muted,
            "fontSize": 14,
            "fontWeight": 600,
            "subtitleFontSize": 12,
            "anchor": "start",
        },
    }
