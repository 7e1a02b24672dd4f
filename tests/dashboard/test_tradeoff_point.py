"""One point of the Trade-offs page: its numbers, its map, its links."""

from __future__ import annotations

import json
from urllib.parse import parse_qsl, urlsplit

import numpy as np
import pytest

from attn_core.exchange import export_json
from attn_core.sources.spec import SourceSpec
from attn_core.store import Store
from attn_core.tradeoff.axes import AXES
from dashboard import state
from dashboard.components.tradeoff_linked import linked
from dashboard.services import sweeps, tradeoffs
from dashboard.services import tradeoff_point as point
from dashboard.services import tradeoff_report as reports
from dashboard.services.tradeoff_crossings import crossings_shown
from dashboard.services.tradeoff_view import shown
from tests.dashboard.planted_tradeoffs import (
    FLASH,
    LAPTOP,
    RANKS,
    SOFTMAX,
    full,
    look,
    of,
    plant,
)
from tests.tradeoff.handmade import cell, choice, fidelity, judged

DRAWN = SourceSpec("synthetic", "encoder", length=2048, structure="local", heads=8, seed=3)
READ = SourceSpec("corpus", "encoder", layer=1, length=2048, document=97)


def test_the_usual_source_named_or_not_is_one_table_and_an_unknown_one_is_as_good_as_none(planted):
    """All that is worked out of a table is kept for that table."""
    store, usual = Store(), planted.everything
    for source in (usual.source, "a dream"):
        assert tradeoffs.everything(store, source) is tradeoffs.everything(store)


def test_a_point_says_what_its_numbers_are_read_from(planted):
    said = point.reading(planted.everything, of(planted, "low_rank rank=32"))
    # Planted errors have no input that a map could be drawn of.
    assert said.startswith(
        "The error is the median of 3 draws, of 256 sampled rows each and all heads. "
    )
    assert said.endswith("Memory was read once.")


def test_an_error_without_a_number_says_why(store):
    """It was measured: there is none."""
    full(store, LAPTOP, (2048,))
    window = choice("longformer", window=8)
    why = "infinite in 100% of the rows, where keys that exact attention uses get nothing"
    row = {**fidelity(window, 2048, 0.3, recall=0.5), "message": f"row_kl: {why}; lost_mass: no"}
    plant(store, [cell(window, 2048, 0.1)], [row])
    found = tradeoffs.everything(store)
    said = point.reading(found, of(look(store), window.label))
    assert f"Row divergence has no number: {why}." in said
    assert said.count("has no number") == 1


def test_a_point_leads_to_the_training_whose_quality_it_is_lent_and_the_report_repeats_it(store):
    full(store)
    trained = store.create_run("figure-z", {
        "methods": [RANKS[0].to_json()], "protocol": "controlled", "length": 512, "heads": 4, "width": 128,
        "device": "cpu",
    }, name="Planted Z", command="python -m attn_core figure-z --planted")  # fmt: skip
    store.set_environment(trained, LAPTOP)
    for at, row in enumerate(judged(RANKS[0].label, 512, token_accuracy=0.5)):
        store.append(trained, str(at), "cell", row)
    shown = next(
        found for one in tradeoffs.everything(store).settings
        if (found := at_setting(store, one)).table["kind"].eq("tradeoff").all()
    )  # fmt: skip
    one = of(shown, RANKS[0].label, 512)
    link = point.links(shown.everything, one)["Its training"]
    assert trained in link and link.startswith("figure-z?")
    assert f"of run {trained}, N = 512" in point.reading(shown.everything, one)
    assert "Its training" not in point.links(shown.everything, of(shown, "flash", 512))
    report = reports.report(shown)
    assert "Planted Z" in dict(report.facts)["Runs"]
    assert "python -m attn_core figure-z --planted" in report.commands


def at_setting(store, setting):
    found = tradeoffs.everything(store)
    return shown(found, setting, (512, 2048), "time_s", "output_error")


def test_recorded_points_are_a_setting_of_their_own_on_the_very_same_machine(
    store, tmp_path, monkeypatch
):
    own = full(store)
    folder = tmp_path / "studies"
    folder.mkdir()
    (folder / "shipped.json").write_text(json.dumps(export_json(store, own)))
    monkeypatch.setattr(sweeps, "STUDIES", folder)
    found = tradeoffs.everything(store)
    mine, recorded = found.settings
    assert (mine.recorded, recorded.recorded) == (False, True)
    assert mine.machine == recorded.machine and mine.points == recorded.points
    assert set(found.of(mine)["run_id"]) == {own}
    assert own not in set(found.of(recorded)["run_id"])
    assert len(crossings_shown(shown(found, recorded, (2048,), "time_s", "output_error").part))


def test_a_points_numbers_are_its_own_and_no_other(planted):
    one = of(planted, "low_rank rank=32")
    table = point.numbers(one)
    known = [axis for name, axis in AXES.items() if np.isfinite(one[name])]
    assert list(table["Quantity"]) == [axis.title for axis in known]
    lines = {line["Quantity"]: line for line in table.to_dict("records")}
    assert (
        lines["Time"]["Value"] == "4.10 ms" and lines["Time"]["Interval"] == "4.06 ms to 4.14 ms"
    )
    assert lines["Output error"]["Interval"] == "18.0% to 22.0%"
    assert len(point.samples(planted.everything, one)) == 9
    assert np.median(point.samples(planted.everything, one)) == pytest.approx(one["time_s"])


def test_an_unsteady_time_is_called_so_wherever_it_stands(store):
    plant(store, [cell(FLASH, 2048, 0.01), cell(SOFTMAX, 2048, 0.02, outcome="unstable")])
    found = look(store, y="memory_bytes")
    values = {name: point.numbers(of(found, name))["Value"][0] for name in ("flash", "softmax")}
    assert values == {"flash": "10.0 ms", "softmax": "20.0 ms, unsteady"}
    said = point.reading(found.everything, of(found, "softmax"))
    assert said.startswith("The time is unsteady: planted unstable.")
    assert list(linked(found).points["time_s_remark"]) == ["", "unsteady"]
    (table,) = reports.report(found).sections[-1].tables
    assert table.rows[1][table.columns.index("Time")].endswith("), unsteady")


@pytest.mark.parametrize("spec", [DRAWN, READ], ids=["drawn", "read"])
def test_a_map_is_of_the_very_input_whose_error_was_measured(store, spec):
    chosen = choice("longformer", window=64)
    errors = [fidelity(one, 2048, 0.1) | {"source": spec.to_json()} for one in (chosen, FLASH)]
    plant(store, [cell(chosen, 2048, 0.01), cell(FLASH, 2048, 0.02)], errors)
    found = look(store)
    pages = point.links(found.everything, of(found, "longformer window=64"))
    asked = dict(parse_qsl(urlsplit(pages["Its attention map"]).query))
    assert urlsplit(pages["Its attention map"]).path == "matrices"
    assert asked[state.X_METHODS] == "longformer"
    assert asked[state.look_param_key("x", "longformer", "window")] == "64"
    assert asked[state.LOOK_KIND] == spec.kind and asked[state.LOOK_ROLE] == spec.role
    if spec is DRAWN:
        said = (
            state.LOOK_STRUCTURE,
            state.LOOK_LENGTH,
            state.LOOK_SEED,
            state.LOOK_HEADS,
            state.LOOK_HEAD_DIM,
        )
        assert [asked[name] for name in said] == ["local", "2048", "3", "8", str(spec.head_dim)]
    else:
        said = (state.LOOK_DOCUMENT, state.LOOK_TOKENS, state.LOOK_LAYER, state.LOOK_MODEL)
        assert [asked[name] for name in said] == ["97", "2048", "1", spec.model]
    # Exact attention is on that page anyway, beside every method.
    exact = of(found, "flash")
    pages = point.links(found.everything, exact)
    assert "Its attention map" not in pages
    assert state.X_METHODS not in dict(parse_qsl(urlsplit(pages["The exact map"]).query))
    assert "no approximation to compare" in point.about_map(found.everything, exact)
    assert not point.about_map(found.everything, of(found, "longformer window=64"))


def test_a_point_without_an_input_has_no_map(planted):
    one = of(planted, "low_rank rank=32")
    assert list(point.links(planted.everything, one)) == ["Its run"]
    assert point.about_map(planted.everything, one).startswith("No attention map: its error was")


HOSTILE = '../x?a=b&c="<script>#ä 1'


@pytest.mark.parametrize("kind", ["sweep", "figure-z", "tradeoff"])
def test_no_name_leaves_its_place_in_an_address(planted, kind):
    one = of(planted, "flash") | {"run_id": HOSTILE, "kind": kind}
    for address in point.links(planted.everything, one).values():
        assert not set('<>" #') & set(address) and ".." not in urlsplit(address).path
        ((name, value),) = parse_qsl(urlsplit(address).query)
        assert name in (state.RUN, state.RUNS_CHOSEN) and value == HOSTILE
