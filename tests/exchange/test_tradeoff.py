"""A study as a file and back, with its comparisons; and what is false in one is refused."""

import copy
import json

import pytest

from attn_core.exchange import export_json, export_zip, import_run
from attn_core.store import Store
from attn_core.tradeoff.study import run_study
from attn_core.tradeoff.study_events import FidelityReady
from dashboard.services import bundles, history
from tests.stored_runs import LAPTOP, facts
from tests.tradeoff.planted import SMALL, PlantedMeasuring

KINDS = ("cell", "fidelity")


def store_study(store: Store) -> str:
    run_id = store.create_run("tradeoff", SMALL.to_json(), name="planted")
    environment = store.environment(facts(LAPTOP))
    store.set_environment(run_id, environment)

    def emit(event):
        if hasattr(event, "row"):
            kind = "fidelity" if isinstance(event, FidelityReady) else event.kind
            where = {} if kind == "fidelity" else {"environment_id": environment}
            store.append(run_id, event.key, kind, event.row | where)

    run_study(SMALL, emit=emit, measuring=PlantedMeasuring().measuring())
    return run_id


@pytest.mark.parametrize("form", ["json", "zip"])
def test_a_study_comes_back_as_it_went(here, there, form):
    run_id = store_study(here)
    document = export_json(here, run_id)
    data = export_zip(here, run_id) if form == "zip" else json.dumps(document).encode()
    again = import_run(there, data)
    for kind in KINDS:
        before, after = here.rows(run_id, kind), there.rows(again, kind)
        assert before and [row | {"run_id": ""} for row in after] == [
            row | {"run_id": ""} for row in before
        ]
    assert (
        there.run(again).kind == "tradeoff"
        and there.run(again).settings == here.run(run_id).settings
    )
    with pytest.raises(ValueError, match="here already"):
        import_run(there, data)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"output_error": -1.0}, "output_error"),
        ({"output_error": 99.0}, "outside its range"),
        ({"top_k_recall_high": 1.5}, "top_k_recall_high"),
        ({"label": "flash rank=3"}, "no other row has"),
        ({"source_key": "the moon"}, "source_key"),
        ({"outcome": "oom"}, "is oom and yet has"),
        ({"outcome": "great"}, "outcome"),
        ({"draws": 7}, "draws"),
        ({"source": {"kind": "magic"}}, "source of fidelity 1"),
        ({"more": 1}, "unknown field"),
    ],
)
def test_a_false_comparison_is_refused(here, there, change, said):
    document = copy.deepcopy(export_json(here, store_study(here)))
    document["fidelity"][0] |= change
    with pytest.raises(ValueError, match=said):
        import_run(there, json.dumps(document).encode())
    assert there.runs() == []


def test_rows_of_a_method_that_the_settings_do_not_name_are_refused(here, there):
    document = export_json(here, store_study(here))
    document["settings"]["methods"] = ["softmax", "flash", "linformer"]
    with pytest.raises(ValueError, match="longformer"):
        import_run(there, json.dumps(document).encode())


def test_the_runs_page_can_list_it(here):
    run = here.run(store_study(here))
    assert history.is_tradeoff(run) and not history.is_figure_z(run)
    assert history.methods(run).startswith("Softmax, FlashAttention")
    assert len(history.table([run], history.environments(here, [run]))) == 1
    assert bundles.figures(here, run.id) == {}
