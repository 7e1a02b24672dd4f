"""Runs are kept as they were asked for, found again, and say in what state they are."""

import pytest

from attn_core.store import Store, StoreError, home


def test_the_folder_comes_from_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("ATTN_CORE_HOME", str(tmp_path))
    assert home() == tmp_path
    assert Store().folder == tmp_path
    monkeypatch.delenv("ATTN_CORE_HOME")
    assert str(home()) == "runs"


def test_looking_at_a_store_that_does_not_exist_makes_nothing(tmp_path):
    store = Store(tmp_path / "home")
    assert store.runs() == [] and store.jobs() == [] and store.rows("x") == []
    assert store.environments(["x"]) == {} and store.stamp("x") == ""
    assert list(tmp_path.iterdir()) == []


def test_a_run_comes_back_as_it_was_made(store):
    settings = {"methods": [{"method": "flash", "params": {}}], "lengths": [64, 128], "role": "é"}
    run_id = store.create_run("sweep", settings, name="mine", command="sweep …", origin="imported")
    run = store.run(run_id)
    assert (run.id, run.kind, run.name, run.notes) == (run_id, "sweep", "mine", "")
    assert (run.settings, run.command, run.origin) == (settings, "sweep …", "imported")
    assert run.created_at == "2026-11-21T08:16:40.000+00:00"
    assert run_id.startswith("20261121-081640-")
    assert (run.environment_id, run.state, run.cells) == ("", "empty", 0)


def test_names_notes_and_environments_can_be_set_later(store, run_id):
    store.rename(run_id, "better")
    store.annotate(run_id, "on battery")
    store.set_environment(run_id, store.environment({"id": "abc", "line": "a CPU", "gpus": ()}))
    run = store.run(run_id)
    assert (run.name, run.notes, run.environment_id) == ("better", "on battery", "abc")
    assert store.environments(["abc", "other"]) == {
        "abc": {"id": "abc", "line": "a CPU", "gpus": []}
    }


def test_the_first_description_of_an_environment_stays(store):
    store.environment({"id": "abc", "available_memory": 1})
    store.environment({"id": "abc", "available_memory": 2})
    assert store.environments(["abc"])["abc"]["available_memory"] == 1


def test_runs_are_listed_newest_first_also_within_one_second(store, clock):
    ids = [store.create_run("sweep", {}) for _ in range(3)]
    clock.pass_by(1)
    ids.append(store.create_run("other", {}))
    assert [run.id for run in store.runs()] == ids[::-1]
    assert [run.id for run in store.runs(kind="sweep")] == ids[2::-1]


def test_every_word_of_a_search_must_be_somewhere(store):
    one = store.create_run("sweep", {"methods": ["Longformer"]}, name="GPU box")
    two = store.create_run("sweep", {"methods": ["flash"]}, name="laptop 100%_")
    store.annotate(two, "on the gpu as well")
    assert [run.id for run in store.runs(search="gpu")] == [two, one]
    assert [run.id for run in store.runs(search="gpu longformer")] == [one]
    assert [run.id for run in store.runs(search="100%_")] == [two]
    assert store.runs(search="'; DROP TABLE runs") == []
    assert [run.id for run in store.runs(search=one)] == [one]
    store.rename(one, "Éclair")
    assert [run.id for run in store.runs(search="éCLAIR")] == [one]


def test_a_run_that_is_not_there_is_named(store, run_id):
    for ask in (store.run, store.delete, lambda gone: store.rename(gone, "x")):
        with pytest.raises(StoreError, match=r"no run 'gone' in .*home"):
            ask("gone")
    with pytest.raises(StoreError, match="no run 'gone'"):
        store.append("gone", "k", "cell", {})
    with pytest.raises(StoreError, match="no run 'gone'"):
        store.submit("gone", {}, "cpu")


def test_settings_that_are_not_json_are_refused(store):
    with pytest.raises(ValueError, match="JSON"):
        store.create_run("sweep", {"seconds": float("nan")})


def test_a_run_with_rows_and_no_job_is_done(store):
    run_id = store.create_run("sweep", {}, origin="imported")
    store.append(run_id, "null @ 64", "null", {})
    assert store.run(run_id).state == "empty"
    store.append(run_id, "flash @ 64", "cell", {})
    assert store.run(run_id).state == "done"


def test_a_run_is_in_the_state_of_its_latest_job(store, run_id):
    first = store.submit(run_id, {}, "cpu")
    assert store.run(run_id).state == "queued"
    store.cancel(first.id)
    assert store.run(run_id).state == "cancelled"
    second = store.submit(run_id, {}, "cpu")
    store.claim(second.id)
    assert store.run(run_id).state == "running"
    store.cancel(second.id)
    assert store.run(run_id).state == "cancelling"
    store.finish(second.id, "done")
    assert store.run(run_id).state == "done"


def test_the_stamp_changes_with_everything_that_a_page_shows(store, run_id, clock):
    job = store.submit(run_id, {}, "cpu")
    stamps = [store.stamp(run_id)]

    def changed() -> bool:
        stamps.append(store.stamp(run_id))
        return stamps[-1] != stamps[-2]

    steps = [
        lambda: store.append(run_id, "a", "cell", {}),
        lambda: store.append(run_id, "a", "null", {}),
        lambda: store.rename(run_id, "x"),
        lambda: store.annotate(run_id, "x"),
        lambda: store.set_environment(run_id, "x"),
        lambda: store.keep_file(run_id, "a", b"a", ".npy"),
        lambda: store.claim(job.id),
        lambda: store.begin(job.id, 1),
        lambda: store.heartbeat(job.id, {"done": 1}),
        lambda: clock.pass_by(11),  # nobody writes that a process died
        lambda: store.heartbeat(job.id, {"done": 1}),
        lambda: store.cancel(job.id),
        lambda: store.finish(job.id, "cancelled"),
    ]
    for number, step in enumerate(steps):
        step()
        assert changed(), f"step {number}"
    store.delete(run_id)
    assert changed() and stamps[-1] == ""


def test_the_stamp_stays_when_nothing_is_new(store, run_id, clock):
    job = store.submit(run_id, {}, "cpu")
    store.claim(job.id)
    store.heartbeat(job.id, {"done": 1})
    store.append(run_id, "a", "cell", {})
    before = store.stamp(run_id)
    clock.pass_by(1)
    store.heartbeat(job.id, {"done": 1})
    store.append(run_id, "a", "cell", {})
    assert store.stamp(run_id) == before
