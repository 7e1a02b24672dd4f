"""What linked views send to the browser, and what of its answer they believe."""

import json

import numpy as np
import pandas as pd
import pytest

from dashboard.components.linked_points import Group, LinkedData, Picked, Quantity, payload, picked

TIME = Quantity("time", "Time", "s", log=True)
ERROR = Quantity("error", "Error", "share")
GROUPS = (Group("a", "A", "#000000", "#ffffff", "square"), Group("b", "B", "#111111", "#eeeeee"))
HOSTILE = "</script><img src=x onerror=alert(1)>\u202e\0"


def frame(**columns: list) -> pd.DataFrame:
    rows = {"id": ["p", "q", "r"], "label": ["P", "Q", "R"], "group": ["a", "b", "a"]}
    return pd.DataFrame(rows | {"time": [1.0, 2.0, 4.0], "error": [0.5, 0.2, 0.1]} | columns)


def data(**columns: list) -> LinkedData:
    return LinkedData(frame(**columns), (TIME, ERROR), GROUPS, ("small", "large"))


def sent(points: LinkedData, **more) -> dict:
    settings = dict(alt="", height=400, status=None, facets=False, hide_dominated=False)
    settings |= dict(published=None, axes=None)
    return payload(points, x="time", y="error", **settings | more)


def test_numbers_travel_in_single_precision_and_names_as_codes():
    table = data(facet=["large", "small", "elsewhere"], line=["l", "l", None]).table
    assert table["q0"].type == "float"
    assert table["q0"].to_pylist() == [1.0, 2.0, 4.0]
    assert table["group"].to_pylist() == [0, 1, 0]
    assert table["facet"].to_pylist() == [1, 0, -1]
    assert table["line"].to_pylist() == [0, 0, -1]


def test_what_is_no_number_is_not_measured():
    table = data(time=[np.nan, np.inf, -np.inf], error=[1e300, None, 0.5]).table
    assert np.isnan(table["q0"].to_numpy()).all()
    assert np.isnan(table["q1"].to_numpy()[:2]).all()
    assert table["q1"].to_pylist()[2] == 0.5


def test_an_interval_travels_only_where_it_says_something():
    points = data(time_low=[1.0, 2.0, 4.0], time_high=[1.0, 2.5, 4.0], error_low=[0.5, 0.2, 0.1])
    names = set(points.table.column_names)
    assert "q0_high" in names
    assert not names & {"q0_low", "q1_low", "q1_high"}


def test_a_remark_travels_beside_its_number():
    table = data(error_remark=["", "unsteady", None]).table
    assert table["q1_remark"].to_pylist() == ["", "unsteady", ""]
    assert "q0_remark" not in table.column_names


def test_a_quantity_that_nobody_measured_is_an_empty_column():
    points = LinkedData(frame(), (TIME, Quantity("bleu", "BLEU")), GROUPS)
    assert np.isnan(points.table["q1"].to_numpy()).all()


@pytest.mark.parametrize("n", [0, 1])
def test_few_points_are_sent_like_many(n):
    points = LinkedData(frame().iloc[:n], (TIME, ERROR), GROUPS)
    assert points.table.num_rows == n
    assert sent(points, status=["front"] * n)["status"].num_rows == n


def test_hostile_text_stays_text():
    points = LinkedData(
        frame(id=[HOSTILE, "q", "r"], label=[HOSTILE, "Q", None], note=[HOSTILE, None, 3]),
        (Quantity("time", HOSTILE), ERROR), (Group("a", HOSTILE, "#000", "#fff"), GROUPS[1]),
        texts={"note": HOSTILE},
    )  # fmt: skip
    assert points.table["id"].to_pylist()[0] == HOSTILE
    assert points.table["label"].to_pylist() == [HOSTILE, "Q", ""]
    assert points.table["t0"].to_pylist() == [HOSTILE, "", "3"]
    assert sent(points)["quantities"][0]["title"] == HOSTILE


def test_all_but_the_statuses_is_plain_json():
    """The points themselves are no part of it: they travel once."""
    whole = sent(data(time=[np.nan, np.inf, 1.0]), status=["front", "", "dominated"])
    del whole["status"]
    assert json.loads(json.dumps(whole, allow_nan=False)) == whole


def test_the_version_follows_the_points():
    assert data().version == data().version
    assert data().version != data(time=[1.0, 2.0, 5.0]).version
    assert (
        sent(data(), status=["front"] * 3)["status_version"]
        != (sent(data(), status=["front", "front", ""])["status_version"])
    )


def test_statuses_are_coded_and_checked():
    table, _ = data().statuses(["front", "unmeasured", "dominated"])
    assert table["status"].to_pylist() == [1, 0, 3]
    with pytest.raises(ValueError, match="2 statuses do not fit 3 points"):
        data().statuses(["front", "front"])
    with pytest.raises(ValueError, match="'best' is none of"):
        data().statuses(["best", "front", "front"])


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"id": ["p", "p", "r"]}, "'p' stands for two points"),
        ({"group": ["a", "z", "a"]}, "'z' is none of the groups"),
    ],
)
def test_points_that_cannot_be_told_apart_are_refused(columns, words):
    with pytest.raises(ValueError, match=words):
        data(**columns)


def test_too_many_points_missing_columns_and_unknown_names_are_refused():
    many = pd.DataFrame({"id": range(20_001), "label": "", "group": "a"})
    with pytest.raises(ValueError, match="20,001 points are too many"):
        LinkedData(many, (TIME,), GROUPS)
    with pytest.raises(ValueError, match="lack the column 'label'"):
        LinkedData(frame().drop(columns="label"), (TIME,), GROUPS)
    with pytest.raises(ValueError, match="the unit 'furlong'"):
        LinkedData(frame(), (Quantity("time", "Time", "furlong"),), GROUPS)
    with pytest.raises(ValueError, match="'speed' is no quantity"):
        data().index_of("speed")


def test_published_marks_share_the_quantities():
    other = LinkedData(frame(), (TIME,), GROUPS)
    with pytest.raises(ValueError, match="quantities and groups of the points"):
        sent(data(), published=other)
    assert sent(data(), published=data(time=[3.0, 3.0, 3.0]))["published"].num_rows == 3


def test_an_answer_about_other_points_is_not_believed():
    points = data()
    assert picked({}, points) == Picked()
    assert picked({"picked": "gone", "brushed": None}, points) == Picked()
    assert picked({"picked": ["p"], "brushed": "all"}, points) == Picked()
    whole = picked({"picked": "q", "brushed": {"count": 2, "ids": ["p", "r"]}}, points)
    assert whole == Picked("q", True, 2, ("p", "r"))
    stale = picked({"brushed": {"count": 900, "ids": ["p", "gone", 7, []]}}, points)
    assert stale == Picked(None, True, 1, ("p",))
