"""Charts of trade-offs: valid for every store, saved in every format, and never a mark without its number."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
import vl_convert

from attn_core.naming import called
from attn_core.tradeoff.axes import AXES
from attn_core.tradeoff.crossing import crossings
from attn_core.tradeoff.front import front_of
from attn_core.tradeoff.points import points
from attn_core.tradeoff.published import beside, published
from attn_core.tradeoff.trust import trust
from dashboard.figures.crossover_chart import MARKS, ORDER, crossover_chart, crossover_rows
from dashboard.figures.export import FORMATS, Figure
from dashboard.figures.published_chart import MOST_MARKS, left_out, published_chart
from dashboard.figures.sample_strip import sample_rows, sample_strip
from dashboard.figures.tradeoff_numbers import narrow, words
from dashboard.figures.tradeoff_scatter import tradeoff_scatter
from dashboard.figures.trust_chart import trust_chart, trust_rows
from tests.tradeoff.handmade import cell, choice, fidelity, figure_z, judged, study

FLASH, SOFTMAX, LOST = choice("flash"), choice("softmax"), choice("reformer")
RANKS = [choice("low_rank", rank=rank) for rank in (8, 16, 32, 64)]
BEGINNINGS = {"svg": b"<svg", "png": b"\x89PNG", "pdf": b"%PDF-", "html": b"<!DOCTYPE html>"}
X, Y = AXES["time_s"], AXES["output_error"]


def planted():
    """Flash overtaken by each rank at another length; one choice that ran out of memory; a student of each rank."""
    cells, errors = [], []
    for n in (512, 1024, 2048, 4096):
        cells += [
            cell(FLASH, n, 1e-9 * n * n, memory=n),
            cell(SOFTMAX, n, 3e-9 * n * n, memory=n * n),
        ]
        cells += [cell(LOST, n, None, outcome="oom")]
        errors += [fidelity(FLASH, n, 1e-7), fidelity(SOFTMAX, n, 1e-7)]
        for at, one in enumerate(RANKS):
            cells.append(cell(one, n, 1e-6 * n * (at + 0.7), memory=2 * n))
            errors.append(fidelity(one, n, 0.4 / (at + 1)))
    students = [
        row
        for at, one in enumerate(RANKS)
        for row in judged(one.label, 256, token_accuracy=0.5 + at / 10)
    ]
    return [study(cells, errors), figure_z(students, RANKS)]


RUNS = planted()
TABLE = points(RUNS)
OPERATORS = TABLE[TABLE["role"] == "encoder"].reset_index(drop=True)
LABELS = list(front_of(OPERATORS, [X.name, Y.name]))
CROSSED = crossover_rows(crossings(RUNS).query("against == 'flash' and axis == 'time_s'"))
MEASURED = beside(OPERATORS).query("quantity == 'time'")
PRINTED = published().query("quantity == 'time'")
METHODS = ["flash", "reformer", "linformer", "low_rank"]
TRUST = trust(TABLE)


def charts(dark: bool = False) -> dict[str, tuple[Any, pd.DataFrame]]:
    ranked, timed = trust_rows(TRUST), sample_rows([1e-3, 2e-3])
    return {
        "scatter": (tradeoff_scatter(OPERATORS, LABELS, X, Y, dark=dark), OPERATORS.assign(front=LABELS)),
        "crossovers": (crossover_chart(CROSSED, dark=dark), CROSSED),
        "trust": (trust_chart(ranked, Y, AXES["token_accuracy"], dark=dark), ranked),
        "published": (published_chart(PRINTED, MEASURED, METHODS, dark=dark), PRINTED),
        "samples": (sample_strip(timed, 1.5e-3, 1e-3, 2e-3, "#123456", dark=dark), timed),
    }  # fmt: skip


def layers(chart: Any) -> list[tuple[dict, list[dict]]]:
    """Every layer of a chart with the rows that it draws."""
    spec = chart.to_dict()
    shared = spec.get("data", {})
    return [
        (layer, spec["datasets"][layer.get("data", shared)["name"]]) for layer in spec["layer"]
    ]


def points_of(chart: Any) -> list[tuple[dict, list[dict]]]:
    return [(layer, rows) for layer, rows in layers(chart) if layer["mark"]["type"] == "point"]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", charts())
def test_a_chart_is_valid_and_its_legends_agree(name, dark, capfd):
    chart, _ = charts(dark)[name]
    vega = vl_convert.vegalite_to_vega(json.dumps(chart.to_dict()), show_warnings=True)
    assert "Conflicting" not in "".join(capfd.readouterr())
    assert len(vega.get("legends", [])) <= 1


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("name", charts())
def test_a_chart_is_saved_in_every_format(name, suffix):
    chart, rows = charts()[name]
    made = FORMATS[suffix].render(
        Figure(chart, rows, "A title", "a setting", "Planted laptop", "A note")
    )
    assert made.startswith(BEGINNINGS.get(suffix, b""))
    if suffix == "json":
        # As every reader takes it: Python alone knows NaN.
        json.loads(made, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))
    if suffix in ("csv", "json"):
        assert b"Planted laptop" in made


def test_what_is_tiny_is_written_as_the_linked_views_write_it():
    error, divergence = AXES["output_error"], AXES["row_kl"]
    assert [words(error, one) for one in (5.09e-7, 1.2e-5, 0.0175, 0.725)] == [
        "5.09e−5%", "0.0012%", "1.75%", "72.5%",
    ]  # fmt: skip
    assert words(divergence, 4e-8) == "4.00e−8 nats" and words(divergence, 0.434) == "0.434 nats"


def test_a_narrow_interval_leaves_out_the_unit_that_all_share():
    time, error = AXES["time_s"], AXES["output_error"]
    assert narrow(time, 0.01, 0.009, 0.0115) == "10.0 ms (9.00–11.5)"
    assert narrow(time, 0.9, 0.85, 1.2) == "900 ms (850 ms to 1.20 s)"
    assert narrow(error, 0.5, 0.5, 0.5) == "50.0%"


def test_the_axes_of_samples_hold_them_and_not_zero():
    found = layers(sample_strip(sample_rows([1e-3, 2e-3]), 1.5e-3, 1e-3, 2e-3, "#123456"))
    for layer, _ in found:
        assert layer["encoding"]["y"]["scale"] == {"zero": False}
    assert [
        one["encoding"]["x"]["scale"]["zero"] for one, _ in found if "x" in one["encoding"]
    ] == [False]


def test_a_point_without_both_quantities_is_not_drawn():
    chart = tradeoff_scatter(OPERATORS, LABELS, X, Y)
    drawn = {row["id"] for _, rows in layers(chart) for row in rows if "id" in row}
    known = {
        one for one, label in zip(OPERATORS["id"], LABELS, strict=True) if label != "unmeasured"
    }
    assert drawn == known and LABELS.count("unmeasured") == 4
    assert all(
        np.isfinite(row[X.name]) for _, rows in layers(chart) for row in rows if "method" in row
    )


def test_rings_are_around_the_front_and_around_what_is_undecided():
    rings = [
        one
        for one in points_of(tradeoff_scatter(OPERATORS, LABELS, X, Y))
        if not one[0]["mark"]["filled"]
    ]
    found = [{row["status"] for row in rows} for _, rows in rings]
    assert found[0] == {"front"} and len(found) == 2 and found[1] <= {"undecided"}


def test_all_beaten_or_nothing_drawn_are_charts_too():
    for labels in (["dominated"] * len(OPERATORS), ["unmeasured"] * len(OPERATORS)):
        tradeoff_scatter(OPERATORS, labels, X, Y).to_dict()


def test_a_line_joins_budgets_of_one_length():
    found = layers(tradeoff_scatter(OPERATORS, LABELS, X, Y))
    spec, rows = _line_by(found, "line")
    assert spec["encoding"]["detail"]["field"] == "line"
    lines = {row["line"] for row in rows}
    assert len(lines) == 4 and {row["method"] for row in rows} == {"low_rank"}


def test_steps_join_the_front_of_each_length_along_what_it_dominates():
    found = layers(tradeoff_scatter(OPERATORS, LABELS, X, Y))
    spec, rows = _line_by(found, "length")
    front = {one for one, label in zip(OPERATORS["id"], LABELS, strict=True) if label == "front"}
    assert {row["id"] for row in rows} == front
    assert spec["encoding"]["order"]["field"] == X.name
    assert spec["mark"]["interpolate"] == "step-after"
    recall = AXES["top_k_recall"]
    spec, _ = _line_by(layers(tradeoff_scatter(OPERATORS, LABELS, recall, X)), "length")
    assert spec["mark"]["interpolate"] == "step-before"


def _line_by(found, detail: str):
    """The layer of lines that this column tells apart, with its rows."""
    lines = (one for one in found if one[0]["mark"]["type"] == "line")
    return next(one for one in lines if one[0]["encoding"]["detail"]["field"] == detail)


def test_crossings_stand_where_they_were_found():
    crossed = CROSSED[CROSSED["state"] == "crosses"]
    assert len(crossed) >= 2 and list(crossed["place"]) == list(crossed["length"])
    order = [ORDER[state] for state in CROSSED["state"]]
    assert order == sorted(order)
    ends = CROSSED[CROSSED["state"] == "never up to N"]
    assert set(ends["place"]) <= {4096.0}
    assert len(crossover_rows(crossings([study([cell(FLASH, 512, 1.0)])]))) == 0


def test_a_crossing_shows_its_noise_apart_from_the_lengths_about_it():
    rules = {
        spec["encoding"]["x"]["field"]: spec["encoding"]["x2"]["field"]
        for spec, _ in layers(crossover_chart(CROSSED))
        if spec["mark"]["type"] == "rule"
    }
    assert rules == {"after": "by", "low": "high"}
    crossed = CROSSED[CROSSED["state"] == "crosses"]
    assert (crossed["after"] <= crossed["low"]).all() and (crossed["high"] <= crossed["by"]).all()


def test_every_way_to_have_no_crossing_has_a_mark_of_its_own():
    assert set(MARKS) == set(ORDER) - {"crosses"} and len(set(MARKS.values())) == len(MARKS)


def test_a_crossing_that_the_noise_leaves_open_stands_where_its_known_end_is():
    one = {
        "state": "undecided", "label": "a", "method": "performer", "note": "", "first": 256, "up_to": 4096,
        "length": 512.0,
    }  # fmt: skip
    ends = [(None, 1024.0), (600.0, None), (None, None)]
    table = pd.DataFrame(
        [one | {"label": str(at), "low": low, "high": high} for at, (low, high) in enumerate(ends)]
    )
    found = crossover_rows(table).sort_values("label")
    assert list(found["place"]) == [1024.0, 600.0, 4096.0]
    assert [said.split(",")[0] for said in found["said"]] == [
        "from here at the latest", "not before here", "not told by the noise",
    ]  # fmt: skip


def test_a_trusted_choice_is_one_mark_at_its_two_numbers():
    rows = trust_rows(TRUST)
    assert len(rows) == 4 and set(rows["label"]) == {one.label for one in RANKS}
    for one in TRUST.pairs:
        (row,) = rows[rows["label"] == one.label].to_dict("records")
        assert (row["output_error"], row["token_accuracy"]) == (one.operator[0], one.quality[0])


def test_what_is_published_and_what_was_measured_are_never_one_series():
    marks = points_of(published_chart(PRINTED, MEASURED, METHODS))
    hollow = [rows for layer, rows in marks if not layer["mark"]["filled"]]
    filled = [rows for layer, rows in marks if layer["mark"]["filled"]]
    assert len(hollow) == len(filled) == 1
    assert all(row["source"] and "choice" not in row for row in hollow[0])
    ours = {(called(one), ratio) for one, ratio in MEASURED[["label", "ratio"]].to_numpy()}
    assert all((row["choice"], row["ratio"]) in ours for row in filled[0])
    assert not any("source" in row for row in filled[0])
    for layer, _ in layers(published_chart(PRINTED, MEASURED, METHODS)):
        assert layer["mark"]["type"] != "line"


def test_costs_that_papers_give_differently_span_a_range():
    """And one paper's own two values do not."""
    (spans,) = [
        rows
        for layer, rows in layers(published_chart(PRINTED, MEASURED, METHODS))
        if layer["mark"]["type"] == "rule" and "y2" in layer["encoding"]
        and layer["encoding"]["y2"]["field"] == "most"
    ]  # fmt: skip
    known = PRINTED[PRINTED["method"].isin(METHODS)].dropna(subset=["ratio", "length"])
    several = known.groupby(["method", "length"]).filter(lambda one: one["source"].nunique() > 1)
    wanted = several.groupby(["method", "length"])["ratio"].agg(["min", "max"])
    assert len(wanted) and sorted((one["least"], one["most"]) for one in spans) == sorted(
        map(tuple, wanted.to_numpy())
    )


def test_of_many_choices_at_a_length_some_are_drawn_from_the_least_to_the_most():
    """Few are all drawn, whatever the order of the rows."""
    ratios = np.random.default_rng(0).permutation(np.linspace(0.1, 2.0, 500))
    many = pd.concat([MEASURED.head(1)] * 500, ignore_index=True).assign(ratio=ratios)
    few = MEASURED[MEASURED["method"] == "low_rank"]
    (drawn,) = [
        rows
        for layer, rows in points_of(published_chart(PRINTED, pd.concat([many, few]), METHODS))
        if layer["mark"]["filled"]
    ]
    named = many["method"].iloc[0]
    kept = sorted(row["ratio"] for row in drawn if row["method"] == named)
    assert MOST_MARKS / 2 < len(kept) <= MOST_MARKS + 1 and (kept[0], kept[-1]) == (0.1, 2.0)
    assert max(np.diff(kept)) < 0.15
    assert sum(row["method"] == "low_rank" for row in drawn) == len(few)


def test_every_published_cost_is_drawn_or_counted_as_left_out():
    said = left_out(PRINTED)
    counts = [int(word) for word in said.split() if word.isdigit()]
    drawn = PRINTED[PRINTED["known"]].dropna(subset=["ratio", "length"])
    rest = PRINTED[PRINTED["method"] != "softmax"]
    assert len(counts) == 3 and "ran out of memory" in said
    assert sum(counts) + len(drawn[drawn["method"] != "softmax"]) == len(rest)


def test_samples_keep_their_order():
    rows = sample_rows([3e-3, 1e-3, 2e-3])
    assert list(rows["turn"]) == [1, 2, 3] and list(rows["seconds"]) == [3e-3, 1e-3, 2e-3]
