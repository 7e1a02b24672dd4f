"""A sweep's charts hold every row: numbers as lines, failures as marks, and several runs side by side."""

import json

import pandas as pd
import pytest

from attn_core import METHODS
from attn_core.naming import called
from dashboard.figures.axes import around, spread
from dashboard.figures.export import FORMATS, Figure
from dashboard.figures.palette import mark
from dashboard.figures.quantities import QUANTITIES, values
from dashboard.figures.reading import reading
from dashboard.figures.series import named_by_series, series_of
from dashboard.figures.sweep import flat, sweep_chart, sweep_figures
from tests.dashboard.planted import LENGTHS, a_spec, frame_of, nulls_of

SPEC = a_spec()
FAILED = {
    "softmax @ 8192": ("oom", "needs at least 64 GiB"),
    "performer @ 1024": ("unstable", "the interval stayed wide"),
    "linformer @ 512": ("unsupported", "linformer: no such role"),
    "linformer @ 4096": ("timeout", "one call took more than 60 s"),
}
ROWS = frame_of(SPEC, FAILED)
NULLS = pd.DataFrame(nulls_of(SPEC))
BOUNDS = ("value", "low", "high")
CROSSED = pd.DataFrame([{"label": "performer", "length": 3000.0, "low": 2500.0, "high": 3700.0}])


def tables(spec: dict) -> list[list[dict]]:
    return list(spec["datasets"].values())


def points(spec: dict, *fields: str) -> list[dict]:
    """The rows of the one table that has all these fields."""
    (found,) = (t for t in tables(spec) if t and set(fields) <= set(t[0]))
    return found


def measured(rows: pd.DataFrame = ROWS, quantity: str = "time", **options) -> list[dict]:
    return points(sweep_chart(rows, quantity, **options).to_dict(), "shown", "value")


def marks(spec: dict) -> list[dict]:
    return points(spec, "outcome", "message", "value")


def scales(spec: dict, channel: str) -> list[dict]:
    inner = [found for layer in spec.get("layer", []) for found in scales(layer, channel)]
    here = spec.get("encoding", {}).get(channel, {})
    return inner + ([here["scale"]] if "scale" in here else [])


@pytest.mark.parametrize("quantity", QUANTITIES)
@pytest.mark.parametrize("scale", ["log", "linear"])
def test_every_quantity_is_drawn_on_the_axes_asked_for(quantity, scale):
    spec = sweep_chart(ROWS, quantity, scale=scale, nulls=NULLS, crossovers=CROSSED).to_dict()
    for axis in ("x", "y"):
        assert {one["type"] for one in scales(spec, axis)} == {scale}


def test_the_medians_and_their_bands_are_drawn_as_they_were_measured():
    drawn = {(one["series"], one["queries"]): one for one in measured()}
    for row in ROWS.to_dict(orient="records"):
        name = called(row["label"])
        there = (name, row["queries"]) in drawn
        assert there == (row["outcome"] in ("ok", "unstable"))
        if there:
            assert drawn[name, row["queries"]]["value"] == pytest.approx(row["median_s"])
    bands = points_of_band(sweep_chart(ROWS, "time").to_dict())
    row = ROWS[(ROWS["label"] == "flash") & (ROWS["queries"] == 2048)].iloc[0]
    assert (row["p20_s"], row["p80_s"]) == pytest.approx(bands["FlashAttention", 2048])


def points_of_band(spec: dict) -> dict:
    (found,) = (t for t in tables(spec) if t and set(t[0]) == {"series", "queries", "low", "high"})
    return {(one["series"], one["queries"]): (one["low"], one["high"]) for one in found}


def test_an_unstable_median_keeps_its_number_and_says_so():
    (wide,) = (one for one in measured() if one["outcome"] == "unstable")
    assert wide["series"] == "Performer"
    assert "datum.outcome === 'unstable'" in json.dumps(sweep_chart(ROWS, "time").to_dict())


def test_what_has_no_number_is_a_mark_at_the_top_edge_with_its_reason():
    spec = sweep_chart(ROWS, "time").to_dict()
    found = {(one["series"], one["queries"]): one for one in marks(spec)}
    failed = {
        (called((at := key.split(" @ "))[0]), at[1]): said
        for key, said in FAILED.items()
        if said[0] != "unstable"
    }
    assert {(name, str(n)) for name, n in found} == set(failed)
    highest = max(one["value"] for one in measured())
    for (name, length), one in found.items():
        assert (one["outcome"], one["message"]) == failed[name, str(length)]
        assert highest < one["value"] <= scales(spec, "y")[0]["domain"][1]


def test_slopes_are_printed_at_the_lines_ends():
    spec = sweep_chart(ROWS, "time", slopes={"flash": 1.984}).to_dict()
    words = {one["series"]: one["text"] for one in points(spec, "text", "place")}
    assert words["FlashAttention"] == "FlashAttention  N^1.98"
    assert words["Performer"] == "Performer"


def test_a_method_without_any_number_is_still_in_the_legend():
    nothing = {f"linformer @ {n}": ("unsupported", "no such role") for n in LENGTHS}
    spec = sweep_chart(frame_of(SPEC, nothing), "time").to_dict()
    words = {one["series"]: one["text"] for one in points(spec, "text", "place")}
    assert words["Linformer"] == "Linformer  unsupported"


def test_relative_to_a_method_divides_by_it_at_the_same_length():
    relative = measured(relative_to="flash")
    assert {one["value"] for one in relative if one["series"] == "FlashAttention"} == {1.0}
    softmax = [one["value"] for one in relative if one["series"] == "Softmax"]
    assert softmax == pytest.approx([3.0] * 4)
    assert next(one for one in relative if one["series"] == "Softmax")["shown"] == "3.00×"


def test_speed_up_is_the_yardsticks_time_over_the_methods():
    drawn = [one["value"] for one in measured(quantity="speedup") if one["series"] == "Softmax"]
    assert drawn == pytest.approx([1 / 3] * 4)


def test_per_token_divides_by_batch_times_length():
    rows = frame_of(a_spec(batch=4))
    whole = values(named_by_series(rows), "memory")
    each = values(named_by_series(rows), "memory", per_token=True)
    assert (each["value"] * each["queries"] * 4).tolist() == pytest.approx(whole["value"].tolist())


def test_the_crossover_is_marked_at_its_length():
    spec = sweep_chart(ROWS, "speedup", crossovers=CROSSED).to_dict()
    (rings,) = (t for t in tables(spec) if t and set(t[0]) == {"series", "queries", *BOUNDS})
    assert rings == [
        {"series": "Performer", "queries": 3000.0, "value": 1.0, "low": 2500.0, "high": 3700.0}
    ]


def test_the_noise_of_measuring_twice_is_drawn_beside_ratios():
    spec = sweep_chart(ROWS, "speedup", nulls=NULLS).to_dict()
    (band,) = (t for t in tables(spec) if t and set(t[0]) == {"queries", "value", "low", "high"})
    assert {(one["low"], one["value"], one["high"]) for one in band} == {(0.98, 1.01, 1.03)}


def test_floors_and_second_measurings_are_quiet_lines_of_the_time():
    plain = len(sweep_chart(ROWS, "time", floors=False).to_dict()["layer"])
    assert len(sweep_chart(ROWS, "time").to_dict()["layer"]) == plain + 1
    assert len(sweep_chart(ROWS, "time", nulls=NULLS).to_dict()["layer"]) == plain + 2


@pytest.mark.parametrize("relative_to", [None, "flash"])
@pytest.mark.parametrize("scale", ["log", "linear"])
def test_bands_are_seen_whole(scale, relative_to):
    rows = frame_of(SPEC)
    rows["p80_s"] *= 40
    rows["p20_s"] /= 40
    spec = sweep_chart(rows, "time", scale=scale, relative_to=relative_to).to_dict()
    low, high = scales(spec, "y")[0]["domain"]
    bands = points_of_band(spec).values()
    assert low <= min(below for below, _ in bands)
    assert max(above for _, above in bands) <= high


def test_the_interval_of_measuring_twice_is_seen_whole():
    spec = sweep_chart(ROWS, "speedup", nulls=NULLS.assign(ratio_high=500.0)).to_dict()
    assert scales(spec, "y")[0]["domain"][1] >= 500.0


def test_two_times_of_one_method_are_not_drawn_beside_its_memory():
    with_nulls = sweep_chart(ROWS, "memory", nulls=NULLS, relative_to="flash").to_dict()
    assert len(with_nulls["layer"]) == len(
        sweep_chart(ROWS, "memory", relative_to="flash").to_dict()["layer"]
    )


def test_a_relative_axis_says_what_it_is_relative_to():
    def titles(**view) -> set:
        spec = sweep_chart(ROWS, **view).to_dict()
        return {one["encoding"]["y"]["title"] for one in spec["layer"] if "y" in one["encoding"]}

    assert titles(quantity="time", relative_to="flash") == {"Time relative to FlashAttention, ×"}
    assert titles(quantity="memory", relative_to="softmax") == {"Memory relative to Softmax, ×"}
    assert titles(quantity="time") == titles(quantity="speedup") == {None}


@pytest.mark.parametrize("dark", [False, True])
def test_every_method_keeps_its_colour(dark):
    spec = a_spec(tuple(METHODS))
    scale = scales(sweep_chart(frame_of(spec), "time", dark=dark).to_dict(), "stroke")[0]
    found = dict(zip(scale["domain"], scale["range"], strict=True))
    assert found == {one.short_title: mark(one, dark).colour for one in METHODS.values()}


def two_runs() -> pd.DataFrame:
    again = frame_of(SPEC)
    again["median_s"] *= 1.3
    return pd.concat([ROWS.assign(run="laptop"), again.assign(run="server")], ignore_index=True)


def test_runs_are_overlaid_by_method_and_run():
    lines = series_of(named_by_series(two_runs()))
    both = {one.name: one for one in lines if one.method == "flash"}
    assert set(both) == {"FlashAttention · laptop", "FlashAttention · server"}
    laptop, server = both.values()
    assert laptop.colour == server.colour
    assert (laptop.dash, laptop.opacity) != (server.dash, server.opacity)
    drawn = measured(two_runs())
    assert {one["series"] for one in drawn} == {one.name for one in lines}


def test_each_run_is_held_against_its_own_yardstick():
    drawn = measured(two_runs(), relative_to="flash")
    assert {one["value"] for one in drawn if one["series"].startswith("FlashAttention")} == {1.0}


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_a_chart_without_any_number_is_still_a_chart(quantity):
    none = {cell.key: ("oom", "") for cell in SPEC.cells}
    for rows in (frame_of(SPEC, none), frame_of(SPEC).head(0)):
        assert sweep_chart(rows, quantity, nulls=NULLS.head(0)).to_dict()["layer"]


def test_a_missing_yardstick_leaves_the_other_rows_out_of_the_ratio_but_in_the_legend():
    rows = frame_of(a_spec(("performer", "longformer")))
    spec = sweep_chart(rows, "speedup").to_dict()
    words = [one["text"] for one in points(spec, "text", "place")]
    assert words == ["Performer  no number", "Longformer  no number"]


def test_an_unknown_quantity_is_named_with_the_known_ones():
    with pytest.raises(ValueError, match=r"time, memory, tokens.*'colour'"):
        sweep_chart(ROWS, "colour")


class ARun:
    settings = SPEC.to_json()


def test_all_figures_of_a_run_can_be_exported():
    figures = sweep_figures(ARun(), ROWS, NULLS, "AMD EPYC · abc123")
    assert len(figures) == len(QUANTITIES)
    text = FORMATS["svg"].render(figures[0]).decode()
    for words in ("Median time", "8 heads of 64", "AMD EPYC · abc123", "Longformer", "hourglass"):
        assert words in text
    for name, figure in zip(QUANTITIES, figures, strict=True):
        assert figure.note == reading(ROWS, NULLS, name)
    kept = json.loads(FORMATS["json"].render(figures[0]))["rows"]
    assert [row["median_s"] for row in kept if row["label"] == "flash"] == pytest.approx(
        ROWS[ROWS["label"] == "flash"]["median_s"].tolist()
    )


def test_an_exported_table_has_no_gaps_that_json_cannot_say():
    figure = Figure(sweep_chart(ROWS, "time"), flat(ROWS), "", "", "")
    written = json.loads(FORMATS["json"].render(figure))["rows"]
    assert "NaN" not in FORMATS["json"].render(figure).decode()
    assert written[0]["params"] == ROWS["params"].iloc[0]
    assert written[-1]["median_s"] == pytest.approx(ROWS["median_s"].iloc[-1])


def test_labels_keep_their_distance_and_stay_near():
    places = spread([100.0, 101.0, 102.0, 300.0], 15.0, 318.0)
    assert places == pytest.approx([86.0, 101.0, 116.0, 300.0])
    crowded = spread([5.0] * 30, 15.0, 290.0)
    assert min(crowded) >= 0
    assert max(crowded) <= 290.0 + 1e-9
    assert sorted(crowded) == crowded


@pytest.mark.parametrize("log", [True, False])
def test_an_extent_holds_its_values_with_room_at_the_ends(log):
    extent = around([1.0, 100.0], log, 200.0, 10.0, 30.0)
    assert extent.pixel(100.0) == pytest.approx(170.0)
    assert extent.at(extent.pixel(7.0)) == pytest.approx(7.0)
    assert extent.pixel(1.0) == pytest.approx(10.0 if log else 1.7)
