"""Behind the feature maps, what depends on the drawing and on norms: where estimates break, seeds, directions."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st
import torch

from attn_core.sources import evenly
from dashboard.components.beside import beside
from dashboard.components.chart_panel import chart_panel
from dashboard.components.source_picker import Looked
from dashboard.components.waiting import waiting
from dashboard.figures.feature_errors import colours
from dashboard.figures.feature_norms import norm_map, pair_chart, pair_points
from dashboard.figures.feature_spread import spread_chart
from dashboard.figures.matrix_map import Look, MatrixData, cells, matrix_map
from dashboard.services import feature_studies as studies
from dashboard.services import feature_words as words
from dashboard.services import features as service
from dashboard.services.shown import file_name, setting

# Directions and dimensions beside each other: more than this many are no longer seen.
SHOWN = 64
HEIGHT = 330


def norms(asked: service.Asked, looked: Looked, table: pd.DataFrame, environment: str) -> None:
    count = asked.width
    with waiting("Measuring at other norms, seed by seed") as report:
        grid = studies.norm_table(looked.source, looked.head, count, report)
    left, right = beside("norms", 2)
    with left:
        chart_panel(
            lambda dark, _: norm_map(grid, dark=dark), grid, name="norms", title="Median error by norms",
            said=setting(
                looked.source, looked.head,
                more=f"FAVOR+, {count:,} features, seeds 0 to {studies.GRID_SEEDS - 1}, at most "
                f"{studies.GRID_SAMPLE} tokens",
            ),
            environment=environment, file=f"favor_features-{count}_norms",
            help_text="Queries and keys made shorter or longer, orthogonal directions. The frame: as they are.",
            alt_text="Median relative error of the kernel estimate by the mean norm of queries and of keys.",
        )  # fmt: skip
    with right:
        _pairs(asked, looked, table, environment)
    st.markdown(words.norm_words(grid))
    st.caption(
        f"FAVOR+, {count:,} features. By norms: {studies.GRID_SAMPLE} evenly spaced queries and keys, "
        f"{studies.GRID_SEEDS} seeds, at a multiple of their norms. Every pair: this drawing; the line is the "
        "standard deviation that theory gives independent directions, √((exp‖q̂+k̂‖² − 1)/m), where x̂ is x divided by "
        "the fourth root of d."
    )


def _pairs(asked: service.Asked, looked: Looked, table: pd.DataFrame, environment: str) -> None:
    if not asked.estimates:
        st.info(
            f"{asked.title} does not estimate exp(q·k/√d), so its pairs have no error of that kind. Choose Performer "
            "with the softmax kernel to see them.",
            icon=":material/info:",
        )
        return
    points = pair_points(table)
    chart_panel(
        lambda dark, _: pair_chart(points, asked.width, colour=colours(dark)["orthogonal"], dark=dark), points,
        name="pair_errors", title="Error of every pair", 
        said=setting(looked.source, looked.head, asked.given), environment=environment,
        file=file_name("pair_errors", asked.given),
        alt_text="Relative error of every pair against the squared norm of q̂ + k̂, and the spread that theory predicts.",
    )  # fmt: skip


def seeds_of_pair(
    asked: service.Asked, looked: Looked, _table: pd.DataFrame, environment: str
) -> None:
    where = looked.source, looked.head, looked.query, looked.key, asked.width
    with waiting("Drawing features") as report:
        table = studies.pair_spread(*where, report)
    pair = f"query {looked.query:,}, key {looked.key:,}"
    chart_panel(
        lambda dark, _: spread_chart(table, dark=dark), table, name="seeds",
        title=f"{studies.pair_seeds(asked.width)} drawings of the pinned pair", 
        said=setting(
            looked.source, looked.head,
            more=f"FAVOR+, {asked.width:,} features, seeds 0 to {studies.pair_seeds(asked.width) - 1}; {pair}",
        ),
        environment=environment, file=f"favor_features-{asked.width}_seeds",
        alt_text=f"Estimate over exact kernel of {pair}: a tick a seed, for orthogonal and independent directions.",
    )  # fmt: skip
    st.markdown(words.spread_words(table, studies.pair_prediction(*where)))
    st.caption(
        f"FAVOR+, {asked.width:,} features, seeds 0 to {studies.pair_seeds(asked.width) - 1}. A tick is a drawing, the "
        "diamond the mean, the dashed line the exact kernel."
    )


def directions(
    asked: service.Asked, looked: Looked, _table: pd.DataFrame, environment: str
) -> None:
    omega = service.directions(asked)
    if omega is None:
        st.info("This feature map draws no random directions.", icon=":material/info:")
        return
    part = omega[:, :SHOWN].double()
    unit = part / part.norm(dim=0)
    cosines = (unit.T @ unit).fill_diagonal_(0)
    rows = evenly(len(part), SHOWN)
    shown = f"{part.shape[1]} of {omega.shape[1]:,} directions"
    if len(rows) < len(part):
        shown += f", {len(rows)} of {len(part)} dimensions"
    maps = (
        ("omega", f"ω: {shown}", MatrixData(
            part[rows].numpy(), signed=True, unit="ω", row_title="dimension", column_title="direction",
            each=(len(part) / len(rows), 1),
        )),
        ("cosines", "Cosines between directions", MatrixData(
            cosines.numpy(), signed=True, unit="cosine", row_title="direction", column_title="direction"
        )),
    )  # fmt: skip
    for place, (name, title, data) in zip(beside("directions", 2), maps, strict=True):
        with place:
            chart_panel(
                partial(_drawn, data), cells(data, Look("linear")), name=name, title=title, 
                said=setting(looked.source, looked.head, asked.given), file=file_name(name, asked.given),
                environment=environment, alt_text=f"{title}, signed, as colours around zero.",
            )  # fmt: skip
    off = cosines[~torch.eye(len(cosines), dtype=torch.bool)]
    norms = omega.double().norm(dim=0)
    st.markdown(
        f"The largest cosine between two of them is {float(off.abs().max()):.2g}; their norms are "
        f"{float(norms.mean()):.2f} ± {float(norms.std()):.2f}. Orthogonal directions come in blocks of d = "
        f"{omega.shape[0]}; a Gaussian vector of that width has a norm of about √d = {omega.shape[0] ** 0.5:.2f}."
        if len(off)
        else "There is one direction."
    )


def _drawn(data: MatrixData, dark: bool, _selection: str):
    return matrix_map(data, Look("linear"), dark=dark, height=HEIGHT)
