"""What is sent of a chart: rows apart from a specification that stays the same while only numbers change."""

from __future__ import annotations

import json
from pathlib import Path

import altair as alt
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.figures.layers import layered
from dashboard.figures.on_screen import MANY, on_screen

MAIN = Path(__file__).resolve().parents[2] / "dashboard" / "main.py"
SOURCE = {"source": "synthetic", "drawn": "256", "structure": "local"}


@pytest.fixture(autouse=True)
def store(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("ATTN_CORE_HOME", str(tmp_path / "store"))


def points(rows: pd.DataFrame, more: pd.DataFrame) -> alt.LayerChart:
    marks = [alt.Chart(one).mark_point().encode(x="a:Q") for one in (rows, more, rows)]
    return layered(marks, False)


def test_rows_go_by_their_places_and_shared_ones_once():
    few, others = pd.DataFrame({"a": [1.0]}), pd.DataFrame({"a": [2.0, 3.0]})
    shown = on_screen(lambda: points(few, others))
    assert {name: len(rows) for name, rows in shown.rows.items()} == {"rows-0": 1, "rows-1": 2}
    names = [layer["data"]["name"] for layer in shown.spec["layer"]]
    assert names == ["rows-0", "rows-1", "rows-0"]
    assert on_screen(lambda: points(few * 5, others * 7)).spec == shown.spec
    assert set(shown.shown()["datasets"]) == set(shown.rows)


@pytest.mark.parametrize("count, painted", [(MANY, False), (MANY + 1, True)])
def test_many_marks_are_painted(count, painted):
    rows = pd.DataFrame({"a": range(count)})
    shown = on_screen(lambda: alt.LayerChart(layer=[alt.Chart(rows).mark_point().encode(x="a:Q")]))
    assert ("usermeta" in shown.spec) == painted


def test_layers_are_put_together_as_altair_would():
    """Which copies all of them: the same picture, but for the names of views and rows that all layers share."""
    rows, more = pd.DataFrame({"a": [1.0]}), pd.DataFrame({"a": [2.0]})
    picked = alt.selection_point(name="pick", fields=["a"], on="click", empty=False)

    def layers() -> list[alt.Chart]:
        first = alt.Chart(rows).mark_point().encode(x="a:Q").add_params(picked)
        return [alt.Chart(more).mark_line().encode(x="a:Q"), first]

    ours = layered(layers(), False, height=80).to_dict()
    theirs = layered([], False, height=80).to_dict() | alt.LayerChart(layer=layers()).to_dict()
    assert ours["params"][0].pop("views") == [ours["layer"][1].pop("name")]
    assert theirs["params"][0].pop("views") == [theirs["layer"][1].pop("name")]
    assert {**theirs, "config": ours["config"]} == ours
    shown = on_screen(lambda: layered(layers(), False, height=80)).spec
    for at, layer in enumerate(layered(layers(), False).to_dict()["layer"]):
        assert shown["layer"][at] == layer | {"data": {"name": f"rows-{at}"}}
    assert (shown["$schema"], shown["height"]) == (ours["$schema"], 80)


@pytest.mark.parametrize(
    "page, setting",
    [
        ("features", "Query i"), ("features", "features"), ("steps", "Query i"), ("masks", "Query i"),
        ("masks", "window"), ("low_rank", "Query i"),
    ],
)  # fmt: skip
def test_a_changed_setting_changes_rows_and_no_specification(page, setting):
    """The alternative text is part of one: a browser makes a view anew for it."""
    app = AppTest.from_file(str(MAIN), default_timeout=60)
    for name, value in SOURCE.items():
        app.query_params[name] = value
    app.run().switch_page(f"app_pages/{page}.py").run()
    before = specs(app)
    control = next(one for one in app.number_input if one.label == setting)
    control.set_value(control.value + 1).run()
    assert not app.exception and before and specs(app) == before


def specs(app: AppTest) -> list[dict]:
    charts = [chart.proto for chart in app.get("vega_lite_chart")]
    return [{**json.loads(one.spec), "said": one.alt} for one in charts]
