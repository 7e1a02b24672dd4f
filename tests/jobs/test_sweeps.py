"""The handler of sweeps puts what the timing part tells into the store."""

import pytest

from attn_core.jobs import run_here, sweeps
from attn_core.timing.row import empty_row
from attn_core.timing.spec import Choice, SweepSpec
from attn_core.timing.sweep import Progress, RowReady, Started

SPEC = SweepSpec((Choice("flash"), Choice("softmax")), (64,))
FIRST, SECOND = SPEC.cells


def rows(outcome: str = "ok"):
    yield Started({"id": "abc", "line": "a CPU"}, 2)
    yield Progress(0, 2, FIRST.key, 1.5)
    yield RowReady("gemm", "gemm @ 64", empty_row(SPEC, FIRST, "ok"))
    for cell in SPEC.cells:
        row = empty_row(SPEC, cell, outcome) | {"environment_id": "abc"}
        yield RowReady("cell", cell.key, row)


@pytest.fixture
def run_id(store) -> str:
    return store.create_run("sweep", SPEC.to_json())


@pytest.fixture
def measuring(monkeypatch):
    """Stands in for the timing part; remembers what it was told was finished."""
    told: list[set[str]] = []

    def use(events):
        def run_sweep(spec, *, finished, emit, stop):
            assert spec == SPEC
            told.append(set(finished))
            for event in events:
                emit(event)

        monkeypatch.setattr(sweeps, "run_sweep", run_sweep)
        return told

    return use


def test_rows_environment_and_progress_are_stored(store, run_id, measuring):
    measuring(rows())
    seen = []
    run_here(store, run_id, seen.append, lambda: False)
    assert [type(event).__name__ for event in seen[:2]] == ["Started", "Progress"]
    run, job = store.run(run_id), store.latest_job(run_id)
    assert (run.state, run.cells, run.environment_id) == ("done", 2, "abc")
    assert job.progress == {"done": 0, "total": 2, "cell": FIRST.key, "seconds_left": 1.5}
    assert [row["label"] for row in store.rows(run_id)] == ["flash", "softmax"]
    assert store.rows(run_id)[0]["environment_id"] == "abc"
    assert len(store.rows(run_id, "gemm")) == 1 and "abc" in store.environments(["abc"])


def test_what_is_finished_is_not_measured_again(store, run_id, measuring):
    told = measuring(list(rows())[:4])
    run_here(store, run_id, lambda event: None, lambda: False)
    assert store.run(run_id).state == "failed"  # it ended early and nobody had asked
    told = measuring(rows())
    run_here(store, run_id, lambda event: None, lambda: False)
    assert told[-1] == {FIRST.key} and store.run(run_id).state == "done"


def test_the_environment_in_which_a_run_began_stays(store, run_id, measuring):
    store.set_environment(run_id, "first")
    measuring(rows())
    run_here(store, run_id, lambda event: None, lambda: False)
    assert store.run(run_id).environment_id == "first"


@pytest.mark.parametrize(("outcome", "kept"), [("ok", 2), ("error", 0), ("oom", 0)])
def test_what_our_own_stop_broke_is_not_stored(store, run_id, measuring, outcome, kept):
    stopping = []
    measuring(rows(outcome))
    run_here(
        store,
        run_id,
        lambda event: stopping.append(event) if isinstance(event, Progress) else None,
        lambda: bool(stopping),
    )
    assert store.run(run_id).cells == kept


def test_a_spec_that_is_no_longer_valid_fails_in_one_sentence(store):
    run_id = store.create_run("sweep", {**SPEC.to_json(), "lengths": [64], "speed": 9})
    with pytest.raises(ValueError):
        run_here(store, run_id, print, lambda: False)
    assert store.latest_job(run_id).message == "sweep: unknown setting 'speed'"
