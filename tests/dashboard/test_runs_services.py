"""What the history and a comparison say about runs, without a page."""

import pytest

from attn_core.exchange import import_run
from attn_core.store import Store
from attn_core.timing.spec import Choice, SweepSpec
from dashboard.figures.export import FORMATS
from dashboard.services import bundles, comparison, figure_z, history, sweeps
from tests.dashboard.planted import a_spec
from tests.stored_runs import LAPTOP, SERVER, facts, small_spec, store_run

PLACES = {one.id: facts(one) for one in (LAPTOP, SERVER)}


@pytest.fixture
def store(tmp_path, monkeypatch) -> Store:
    monkeypatch.setenv("ATTN_CORE_HOME", str(tmp_path / "store"))
    monkeypatch.setattr(sweeps, "STUDIES", tmp_path / "no-studies")
    for service in (sweeps, figure_z):
        monkeypatch.setattr(service, "recorded", dict)
    return Store()


def test_only_what_differs_is_listed(store):
    one = store.run(store_run(store, small_spec(seconds=0.5), name="short"))
    two = store.run(store_run(store, small_spec(threads=2), name="two threads"))
    found = comparison.differences([one, two], PLACES)
    assert set(found.index) == {"Seconds a cell", "Threads asked for"}
    assert list(found.loc["Threads asked for"]) == ["–", "2"]
    assert "differ in **Threads asked for** and **Seconds a cell**" in comparison.sentence(
        [one, two], found, comparison.overlay(store, [one, two])
    )


def test_the_same_sweep_on_the_same_machine_differs_in_nothing(store):
    runs = [store.run(store_run(store)) for _ in range(2)]
    found = comparison.differences(runs, PLACES)
    assert found.empty
    said = comparison.sentence(runs, found, comparison.overlay(store, runs))
    assert "same settings and the same environment" in said


def test_parameters_tell_methods_apart(store):
    wide = SweepSpec((Choice("longformer", {"window": 256}),), (512,))
    runs = [
        store.run(store_run(store, spec))
        for spec in (wide, SweepSpec((Choice("longformer"),), (512,)))
    ]
    found = comparison.differences(runs, PLACES)
    assert list(found.loc["Methods"]) == ["Longformer window=256", "Longformer"]
    rows = comparison.overlay(store, runs)
    assert "No cell was measured in all" in comparison.sentence(runs, found, rows)


def test_the_order_of_methods_and_lengths_is_no_difference(store):
    settings = small_spec().to_json()

    def run(lengths):
        turned = {"methods": settings["methods"][::-1], "lengths": lengths}
        return store.run(store.create_run("sweep", settings | turned))

    one = store.run(store.create_run("sweep", settings))
    assert comparison.differences([one, run([1024, 512])], PLACES).empty
    found = comparison.differences([one, run([2048, 512])], PLACES)
    assert list(found.index) == ["Lengths"]
    assert list(found.loc["Lengths"]) == ["512, 1,024", "2,048, 512"]


def test_runs_of_one_name_differ_in_the_table(store):
    runs = [store.run(store_run(store, name=name)) for name in ("again", "again", "once", "")]
    called = list(history.table(runs, PLACES)["Run"])
    assert called == [
        f"again · {runs[0].id[-5:]}",
        f"again · {runs[1].id[-5:]}",
        "once",
        runs[3].id,
    ]


def test_a_run_without_flash_has_every_chart_but_the_speed_up(store):
    figures = bundles.figures(store, store_run(store, a_spec(("softmax", "longformer"))))
    assert list(figures) == ["time", "memory", "tokens", "roofline"]


def test_runs_of_one_name_are_told_apart(store):
    runs = [store.run(store_run(store, name="again")) for _ in range(2)]
    called = history.names(runs)
    assert len(set(called.values())) == 2
    assert all(name.startswith("again ") for name in called.values())


def test_a_run_without_rows_or_environment_can_be_compared(store):
    empty = store.run(store.create_run("sweep", small_spec().to_json()))
    full = store.run(store_run(store))
    rows = comparison.overlay(store, [empty, full])
    assert len(rows) == 4
    assert comparison.where([empty], PLACES) == "environment unknown"
    assert "differ" in comparison.sentence(
        [empty, full], comparison.differences([empty, full], PLACES), rows
    )
    assert len(comparison.overlay(store, [empty])) == 0


@pytest.mark.parametrize("form", FORMATS)
def test_every_chart_of_a_run_can_be_written_in_every_format(store, form):
    figures = bundles.figures(store, store_run(store))
    assert set(figures) == {"time", "memory", "tokens", "roofline", "speedup"}
    assert bundles.rendered(figures["time"], form)


def test_the_zip_of_a_page_can_be_imported(store, tmp_path):
    data = bundles.zipped(store, store_run(store))
    assert b"charts/speedup.svg" in data
    assert import_run(Store(tmp_path / "there"), data)


def test_a_file_is_named_after_its_run(store):
    named = store.run(store_run(store, name="Laptop, quiet / cold"))
    plain = store.run(store_run(store))
    assert bundles.file_name(named) == "laptop__quiet___cold"
    assert bundles.file_name(plain) == plain.id


def test_a_run_of_an_unknown_method_is_still_listed(store):
    settings = small_spec().to_json() | {"methods": [{"method": "lost", "params": {}}]}
    run = store.run(store.create_run("sweep", settings))
    table = history.table([run], {})
    assert list(table["Methods"]) == ["lost"]
    assert list(table["Measured on"]) == ["–"]
    assert comparison.differences([run], {}).empty


def test_overviews_of_matrices_are_no_measurements(store):
    kept = store.create_run("sweep", small_spec().to_json())
    drawn = store.create_run("map", {"source": {"kind": "synthetic", "length": 9}})
    store.append(drawn, "head 0", "cell", {"head": 0, "outcome": "ok"})
    assert bundles.figures(store, drawn) == {}
    assert [run.id for run in history.listed(store) if run.origin == "here"] == [kept]
