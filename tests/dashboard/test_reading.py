"""What a chart's caption says stands in the chart, and what stands in the chart is said."""

import pandas as pd
import pytest

from dashboard.figures.quantities import QUANTITIES
from dashboard.figures.reading import MARKS, reading
from dashboard.figures.sweep_layers import FAILURES
from tests.dashboard.planted import a_spec, frame_of, nulls_of

SPEC = a_spec()
ROWS = frame_of(SPEC)
NULLS = pd.DataFrame(nulls_of(SPEC))
APART = NULLS.assign(median_s=NULLS["median_s"] * 1.5)
CROSSED = pd.DataFrame([{"label": "performer", "length": 3000.0, "low": 2500.0, "high": 3700.0}])


def with_outcome(outcome: str) -> pd.DataFrame:
    return frame_of(SPEC, {"performer @ 1024": (outcome, "")})


@pytest.mark.parametrize("outcome", FAILURES)
def test_marks_are_named_where_they_are_drawn_and_only_there(outcome):
    mark, phrase = MARKS[outcome]
    assert f"Top edge: {mark} {phrase}." in reading(with_outcome(outcome), NULLS, "time")
    assert "Top edge" not in reading(ROWS, NULLS, "time")


def test_hollow_points_are_named_where_there_are_some():
    assert "Hollow" in reading(with_outcome("unstable"), None, "time")
    assert "Hollow" not in reading(ROWS, None, "time")
    without_flash = with_outcome("unstable").query("label != 'flash'")
    assert "Hollow" not in reading(without_flash, None, "speedup"), "nothing is drawn at all"


def test_floors_are_named_where_they_are_drawn():
    assert "Thin dotted" in reading(ROWS, None, "time")
    assert "Thin dotted" not in reading(ROWS.assign(floor_s=None), None, "time")
    assert "Thin dotted" not in reading(ROWS, None, "time", "flash")
    assert "Thin dotted" not in reading(ROWS, None, "memory")


def test_a_second_measuring_is_promised_only_where_it_can_be_seen():
    hidden = reading(ROWS, NULLS, "time")
    assert "dashed" not in hidden.lower()
    assert "The same method measured twice differed by at most 1.0%." in hidden
    assert "Thin dashed: the same method" in reading(ROWS, APART, "time")
    assert "dashed" not in reading(ROWS, APART, "time", "flash").lower()
    assert "measured" not in reading(ROWS, None, "time")


def test_the_largest_of_the_differences_is_told():
    far = NULLS.assign(ratio=[1.01, 0.93, 1.02, 1.0, 1.0])
    assert "at most 7.0%" in reading(ROWS, far, "time")
    unpaired = NULLS.drop(columns=["ratio"]).assign(median_s=NULLS["median_s"] * 0.96)
    assert "at most 4.0%" in reading(ROWS, unpaired, "time")


def test_what_has_no_length_cannot_be_seen():
    there = ROWS["queries"] == 512
    said = reading(ROWS[there], APART[APART["queries"] == 512], "time")
    assert not any(word in said for word in ("Band", "dotted", "dashed"))
    assert "Grey" not in reading(ROWS[there], NULLS[NULLS["queries"] == 512], "speedup")


def test_grey_is_the_noise_of_ratios_of_time():
    assert "Grey" in reading(ROWS, NULLS, "speedup")
    assert "Grey" in reading(ROWS, NULLS, "time", "flash")
    assert "Grey" not in reading(ROWS, NULLS, "time")
    assert "Grey" not in reading(ROWS, NULLS, "memory", "flash")
    assert "Grey" not in reading(ROWS, None, "speedup")


def test_rings_are_named_where_flash_is_passed():
    assert "Rings" in reading(ROWS, None, "speedup", crossovers=CROSSED)
    assert "Rings" not in reading(ROWS, None, "speedup", crossovers=CROSSED.head(0))
    assert "Rings" not in reading(ROWS, None, "time", crossovers=CROSSED)


def test_memory_has_no_band():
    assert "Band" not in reading(ROWS, None, "memory")
    assert "Band: p20 to p80." in reading(ROWS, None, "tokens")


@pytest.mark.parametrize("quantity", ["time", "memory", "tokens"])
def test_a_relative_view_says_what_it_was_divided_by(quantity):
    said = reading(ROWS, None, quantity, "softmax", per_token=True)
    assert "divided by Softmax's at the same length; at 1 there is no difference." in said
    assert "per token" not in said, "a ratio is the same per token"


def test_per_token_is_said_where_it_changes_the_axis():
    for quantity in QUANTITIES:
        said = reading(ROWS, None, quantity, None, per_token=True)
        assert ("per token" in said) == QUANTITIES[quantity].per_token


def test_the_noise_of_one_run_is_not_read_into_several():
    both = pd.concat([ROWS.assign(run="laptop"), ROWS.assign(run="server")])
    assert "measured" not in reading(both, NULLS, "time")
