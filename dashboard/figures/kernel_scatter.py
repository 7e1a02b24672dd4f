"""Kernel estimates against the exact kernel, pair by pair, with their calibration."""

from __future__ import annotations

import altair as alt
import pandas as pd

from dashboard.figures import powers
from dashboard.figures.frames import column, numbers, where
from dashboard.figures.layers import layered
from dashboard.figures.theme import ink

HEIGHT = 310


def kernel_scatter(
    table: pd.DataFrame,
    calibrated: pd.DataFrame,
    *,
    colour: str,
    unit: str,
    pin: tuple[int, int] | None = None,
    selectable: str = "",
    dark: bool = False,
    height: int = HEIGHT,
) -> alt.LayerChart:
    """`table` and `calibrated` come from services.features; `selectable` names the selection a click makes."""
    tone = ink(dark)
    x_ends = powers.ends(table["exact"])
    kept = numbers(table, "estimate").clip(lower=x_ends[0] - 12)
    # Whole decades: the largest estimate is another with every drawing of the features.
    y_ends = powers.ends(kept, table["exact"], step=1.0)
    x = _axis(alt.X, "exact", "exp(q·k/√d), exact", x_ends)
    y = _axis(alt.Y, "estimate", unit, y_ends)
    drawn = table.assign(estimate=kept)
    points = (
        alt.Chart(drawn)
        .mark_circle(size=16, color=colour, opacity=0.28, clip=True, aria=False)
        .encode(x=x, y=y, tooltip=_tooltip(table))
    )
    if selectable:
        picked = alt.selection_point(name=selectable, fields=["i", "j"], on="click", empty=False)
        points = points.add_params(picked)
    corner = pd.DataFrame({"exact": x_ends, "estimate": x_ends})
    layers = [
        alt.Chart(corner)
        .mark_line(color=tone.muted, strokeDash=[5, 4], strokeWidth=1.3, clip=True)
        .encode(x=x, y=y),
        points,
        *_calibration(calibrated, x, y, y_ends, dark),
    ]
    if pin is not None:
        here = where(drawn, (column(drawn, "i") == pin[0]) & (column(drawn, "j") == pin[1]))
        layers.append(
            alt.Chart(here)
            .mark_point(size=150, stroke=tone.accent, strokeWidth=2.5, filled=False)
            .encode(x=x, y=y, tooltip=_tooltip(table))
        )
    return layered(layers, dark, height=height)


def _calibration(
    table: pd.DataFrame, x, y, y_ends: tuple[float, float], dark: bool
) -> list[alt.Chart]:
    if not len(table):
        return []
    tone = ink(dark)
    shown = table.assign(
        low=table["low"].clip(lower=y_ends[0]), high=table["high"].clip(upper=y_ends[1])
    )
    base = alt.Chart(shown).encode(x=x)
    said = [
        alt.Tooltip("pairs:Q", title="pairs"),
        alt.Tooltip("exact:Q", title="mean exact, log10", format=".3f"),
        alt.Tooltip("estimate:Q", title="mean estimate, log10", format=".3f"),
    ]
    return [
        base.mark_rule(color=tone.text, strokeWidth=1.5, opacity=0.55, clip=True).encode(
            y=alt.Y("low:Q", scale=powers.scale(*y_ends)), y2=alt.Y2("high:Q")
        ),
        base.mark_line(color=tone.text, strokeWidth=1.8, clip=True).encode(y=y),
        base.mark_point(color=tone.text, filled=True, size=44, opacity=1, clip=True).encode(
            y=y, tooltip=said
        ),
    ]


def _axis(make, field: str, title: str, span: tuple[float, float]):
    return make(f"{field}:Q", title=title, scale=powers.scale(*span), axis=powers.axis(*span))


def _tooltip(table: pd.DataFrame) -> list[alt.Tooltip]:
    shown = [alt.Tooltip("i:Q", title="query i"), alt.Tooltip("j:Q", title="key j")]
    shown += [alt.Tooltip(f"{name}:N") for name in ("query", "key") if name in table]
    return [
        *shown,
        alt.Tooltip("exact:Q", title="exact, log10", format=".3f"),
        alt.Tooltip("estimate:Q", title="estimate, log10", format=".3f"),
    ]
