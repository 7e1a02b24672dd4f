"""Error against the number of features, over seeds, beside what theory says."""

from __future__ import annotations

import math

import altair as alt
import numpy as np
import pandas as pd

from attn_core import METHODS
from dashboard.figures import powers
from dashboard.figures.frames import column, numbers, records, where
from dashboard.figures.layers import layered
from dashboard.figures.palette import FAMILY_COLOURS, mark
from dashboard.figures.theme import ink

HEIGHT = 300
# A prediction so far above all that was measured would flatten the picture: words say it instead.
FAR = 1.5
THEORY, SLOPE = "theory, independent", "1/√m from m = {m}"
DASHES = {"orthogonal": [1, 0], "independent": [6, 3], "relu": [2, 2], "elu+1": [8, 3, 2, 3]}
# Of the kernel itself only these are estimates.
ESTIMATES = ("orthogonal", "independent")


def colours(dark: bool) -> dict[str, str]:
    """By variant: the performer's own, and shades of its family."""
    performer = mark(METHODS["performer"], dark).colour
    kernels = FAMILY_COLOURS["kernel"]
    return {
        "orthogonal": performer,
        "independent": kernels[2][dark],
        "relu": kernels[3][dark],
        "elu+1": mark(METHODS["kernelized"], dark).colour,
    }


def curve_points(rows: pd.DataFrame, quantity: str) -> pd.DataFrame:
    """Median and middle 80% over seeds, by variant and features; as log10 too."""
    if quantity == "kernel":
        rows = where(rows, column(rows, "variant").isin(ESTIMATES))
    found: dict[tuple[str, str, int], list[float]] = {}
    for row in records(rows, "variant", "name", "m", quantity):
        found.setdefault((row["variant"], row["name"], row["m"]), []).append(row[quantity])
    made = []
    for (variant, name, m), values in found.items():
        shares = np.quantile(np.clip(values, 1e-12, 1e300), [0.1, 0.5, 0.9])
        row = {"variant": variant, "name": name, "m": m}
        row |= dict(zip(("p10", "median", "p90"), shares, strict=True))
        row |= dict(zip(("log_p10", "log_median", "log_p90"), np.log10(shares), strict=True))
        made.append(row)
    return pd.DataFrame(made)


def predicted_points(points: pd.DataFrame, predicted: pd.DataFrame, quantity: str) -> pd.DataFrame:
    """The 1/√m line through the first median, and for the kernel what theory predicts where that can be drawn."""
    first = records(where(points, column(points, "variant") == "orthogonal"))[0]
    counts = numbers(predicted, "m").to_numpy()
    slope = first["log_median"] - 0.5 * np.log10(counts / first["m"])
    parts = [pd.DataFrame({"m": counts, "log": slope, "name": SLOPE.format(m=int(first["m"]))})]
    if quantity == "kernel":
        theory = np.log10(numbers(predicted, "kernel").to_numpy().clip(1e-12, 1e300))
        if theory.max() < max(points["log_p90"]) + FAR:
            parts.append(pd.DataFrame({"m": counts, "log": theory, "name": THEORY}))
    return pd.concat(parts, ignore_index=True)


def error_curve(
    points: pd.DataFrame,
    lines: pd.DataFrame,
    *,
    title: str,
    dark: bool = False,
    height: int = HEIGHT,
) -> alt.LayerChart:
    tone, hues = ink(dark), colours(dark)
    known = dict(zip(points["variant"], points["name"], strict=True))
    names = [*known.values(), *dict.fromkeys(lines["name"])]
    looks = [hues[one] for one in known] + [tone.muted, tone.text][: len(names) - len(known)]
    dashes = [DASHES[one] for one in known] + [[4, 4], [1, 3]][: len(names) - len(known)]
    span = powers.ends(points["log_p10"], points["log_p90"], lines["log"])
    x = alt.X("m:Q", title="random features m", scale=alt.Scale(type="log", base=2, nice=False, padding=8),
              axis=alt.Axis(values=sorted(set(lines["m"])), format=",d"))  # fmt: skip
    key = alt.Legend(
        orient="bottom", columns=3, symbolType="stroke", symbolStrokeWidth=2.2, symbolSize=240,
        symbolOpacity=1,
    )  # fmt: skip
    colour = alt.Color("name:N", scale=alt.Scale(domain=names, range=looks), legend=key)
    dash = alt.StrokeDash("name:N", scale=alt.Scale(domain=names, range=dashes), legend=key)

    def up(field: str) -> alt.Y:
        return alt.Y(f"{field}:Q", title=title, scale=powers.scale(*span), axis=powers.axis(*span))

    said = [
        alt.Tooltip("name:N", title="features"), alt.Tooltip("m:Q"),
        alt.Tooltip("median:Q", format=".3~g"), alt.Tooltip("p10:Q", format=".3~g"),
        alt.Tooltip("p90:Q", format=".3~g"),
    ]  # fmt: skip
    drawn = where(points, column(points, "variant") != "elu+1")
    flat = where(points, column(points, "variant") == "elu+1")
    base = alt.Chart(drawn).encode(x=x, color=colour)
    layers = [
        base.mark_area(opacity=0.13, clip=True).encode(y=up("log_p10"), y2="log_p90:Q"),
        alt.Chart(lines).mark_line(strokeWidth=1.5).encode(x=x, y=up("log"), color=colour, strokeDash=dash),
        base.mark_line(strokeWidth=2.2).encode(y=up("log_median"), strokeDash=dash),
        base.mark_point(filled=True, size=42, opacity=1).encode(y=up("log_median"), tooltip=said),
    ]  # fmt: skip
    if len(flat):  # it has the head's own width, whatever m
        layers.append(
            alt.Chart(flat)
            .mark_rule(strokeWidth=2)
            .encode(y=up("log_median"), color=colour, strokeDash=dash)
        )
    return layered(layers, dark, height=height)


def slope_of(points: pd.DataFrame, variant: str) -> float:
    """The exponent measured: -0.5 is 1/√m."""
    part = where(points, column(points, "variant") == variant)
    if len(part) < 2:
        return math.nan
    logs = np.log10(numbers(part, "m").to_numpy())
    return float(np.polyfit(logs, numbers(part, "log_median").to_numpy(), 1)[0])
