"""Points read column by column, and numbers found when they are read, are what converting all of them gives."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import numpy as np
import pandas as pd
import pytest

from attn_core.tradeoff import record
from attn_core.tradeoff.axes import AXES, QUALITY
from attn_core.tradeoff.between import at_budget, at_length
from attn_core.tradeoff.interpolated import HEAD, WORST
from attn_core.tradeoff.points import points
from attn_core.tradeoff.record import records_of
from attn_core.tradeoff.scene import records
from attn_core.tradeoff.verdict import verdict
from tests.tradeoff.handmade import cell, choice, fidelity, study

RANKS = [choice("low_rank", rank=rank) for rank in (4, 8, 16, 32, 64)]
FLASH = choice("flash")


def planted() -> pd.DataFrame:
    """Memory that is missing or zero, an error that is one of rounding, and a quality that differs along the length."""
    cells, errors = [], []
    for n in (512, 1024, 4096):
        cells.append(cell(FLASH, n, 1e-9 * n * n, memory=n))
        errors.append(fidelity(FLASH, n, 1e-7))
        for at, one in enumerate(RANKS):
            memory = (None, 0, n, n * n, 7)[at]
            cells.append(cell(one, n, 1e-6 * n * (at + 0.7), memory=memory))
            errors.append(fidelity(one, n, 0.3 / (at + 1), kl=0.1 * n))
    table = points([study(cells, errors)])
    return table.assign(
        token_accuracy=np.where(table["budget_value"] > 8, 0.7, table["length"] / 5000), bleu=30.0
    )


TABLE = planted()


def alike(one: Any, other: Any) -> bool:
    both = isinstance(one, float) and isinstance(other, float)
    return type(one) is type(other) and (
        one == other or (both and math.isnan(one) and math.isnan(other))
    )


def assert_same(found: Any, wanted: dict[str, Any]) -> None:
    """The same names in the same order, with values of the same types."""
    assert list(found) == list(wanted) and len(found) == len(wanted)
    assert not [name for name in wanted if not alike(found[name], wanted[name])]


def test_records_are_those_that_pandas_gives():
    mixed = pd.DataFrame(
        {
            "whole": [1, 2, 3], "part": [0.5, math.nan, 2.0], "word": ["a", None, "c"], "sure": [True, False, True],
            "thing": pd.Series([np.int64(1), {"rank": np.int64(2)}, np.float32(0.5)], dtype=object),
        }
    )  # fmt: skip
    for table, places in ((mixed, [2, 0, 1]), (TABLE, [5, 0, 5, 11])):
        wanted = table.iloc[places].to_dict("records")
        for one, row in zip(records_of(table, places), wanted, strict=True):
            assert_same(one, row)


def test_the_points_at_a_length_are_its_rows():
    wanted = TABLE[TABLE["length"] == 1024].to_dict("records")
    found = records(TABLE, 1024)
    assert len(found) == len(wanted) == len(RANKS) + 1
    for one, row in zip(found, wanted, strict=True):
        assert_same(one, row)


def test_what_no_row_has_is_a_mistake():
    (one,) = records_of(TABLE, [0])
    with pytest.raises(KeyError, match="colour"):
        one["colour"]
    assert one.get("colour") is None and "colour" not in one and "label" in one


@pytest.fixture
def converted(monkeypatch) -> Counter[str]:
    """How often each column is converted."""
    found: Counter[str] = Counter()
    convert = record._Columns.__missing__

    def counted(columns: Any, name: str) -> list[Any]:
        found[name] += 1
        return convert(columns, name)

    monkeypatch.setattr(record._Columns, "__missing__", counted)
    return found


@pytest.mark.parametrize("length", [1024, 2000])
def test_candidates_convert_a_column_once_and_only_if_it_is_read(length, converted):
    for one in at_length(TABLE, length):
        one.interval("time_s")
    # What was measured at a length is one table; of what was not, the ends are one each, and the near one says more.
    assert set(converted.values()) <= ({1} if length == 1024 else {1, 2})
    assert converted["time_s"] == max(converted.values())
    assert len(converted) < len(TABLE.columns) / 4


def test_a_verdict_converts_few_columns(converted):
    verdict(TABLE.assign(token_accuracy=math.nan, bleu=math.nan))
    assert 0 < len(converted) < len(TABLE.columns) / 2


def eager(near: Any, far: Any, share: float, how: str, head: dict[str, Any]) -> dict[str, Any]:
    """All numbers at once."""
    point = {name: near[name] for name in HEAD}
    point |= {"id": "", "outcome": "ok", "message": how, **head}
    worse = max((near, far), key=lambda one: one["worst_error"])
    point |= {name: worse[name] for name in WORST}
    for name in AXES:
        for column in (name, f"{name}_low", f"{name}_high"):
            one, other = float(near[column]), float(far[column])
            if one == other:
                point[column] = one
            elif name in QUALITY or not (one > 0 and other > 0):
                point[column] = math.nan
            else:
                point[column] = math.exp((1 - share) * math.log(one) + share * math.log(other))
    return point


def test_a_point_between_two_lengths_has_the_numbers_of_straight_lines():
    rows = {(row["label"], row["length"]): row for row in TABLE.to_dict("records")}
    share = math.log(2000 / 1024) / math.log(4096 / 1024)
    found = at_length(TABLE, 2000)
    assert len(found) == len(RANKS) + 1
    for one in found:
        near, far = (rows[one.point["label"], n] for n in (1024, 4096))
        assert one.rests_on == (near["id"], far["id"])
        assert_same(one.point, eager(near, far, share, one.how, {"length": 2000, "keys": 2000}))


def test_a_point_between_two_budgets_has_the_numbers_of_straight_lines():
    near, far = (one for one in at_length(TABLE, 1024) if one.point["budget_value"] in (16, 32))
    found = at_budget(near, far, 20)
    share = math.log(20 / 16) / math.log(32 / 16)
    head = {
        "params": {"rank": 20},
        "budget_value": 20.0,
        "label": choice("low_rank", rank=20).label,
    }
    wanted = eager(near.point, far.point, share, found.how, head)
    assert_same(found.point, wanted)


def test_a_number_that_no_point_has_is_a_mistake():
    one = at_length(TABLE, 2000)[0].point
    with pytest.raises(KeyError, match="colour"):
        one["colour"]
    assert "colour" not in one and one.get("time_s") == one["time_s"]
