"""Overviews as jobs: what is kept is the matrix, pooled, and it is made once."""

from __future__ import annotations

from threading import Thread

import pytest
import torch

from attn_core.jobs import cancel, maps, run_here, submit, submit_map
from attn_core.sources import SourceSpec, ViewSpec, build_sides, load_source
from attn_core.views import blocks, tile
from attn_core.views.overview import BASE

SPEC = ViewSpec(SourceSpec(kind="synthetic", length=2100, heads=2), "longformer", {"window": 20})


@pytest.fixture
def asked(monkeypatch) -> list:
    stores: list = []
    monkeypatch.setattr(submit, "ensure_worker", stores.append)
    return stores


def drawn(store, spec=SPEC, stop=lambda: False, events=None) -> str:
    run_id = store.create_run(maps.KIND, spec.to_json())
    run_here(store, run_id, (events if events is not None else []).append, stop)
    return run_id


def heads_of(spec=SPEC):
    return build_sides(spec, load_source(spec.source))


def test_what_is_kept_is_the_matrix_pooled(store):
    run = store.run(drawn(store))
    assert run.state == "done" and run.cells == 2 and run.environment_id
    for head in range(2):
        fresh, other = heads_of().one(head), heads_of().one(head)
        overview = maps.load_overview(store, run, head, other)
        for side in ("exact", "method", "error"):
            for reduce in ("mean", "max"):
                found = overview.tile(side, BASE, 0, 0, reduce)
                expected = tile(fresh.side(side), BASE, 0, 0, reduce)
                torch.testing.assert_close(found.values, expected.values, rtol=1e-4, atol=1e-8)
                assert (found.masked is None) == (expected.masked is None)
                assert found.masked is None or torch.equal(found.masked, expected.masked)
        # What the job found out about the rows is not worked out again.
        torch.testing.assert_close(other.exact.sums, fresh.exact.sums)
        assert other.exact.sums is not None


def test_arrays_lie_in_files_that_are_read_as_needed(store):
    run = store.run(drawn(store))
    sides = heads_of().one(0)
    arrays = maps.load_overview(store, run, 0, sides).arrays
    assert set(arrays) == {f"{side} {what}" for side in ("exact", "method") for what in ("mean", "max")} | {
        "method masked", "error max"}  # fmt: skip
    assert all(type(array).__name__ == "memmap" for array in arrays.values())
    assert all(path.suffix == ".npy" for path in store.files(run.id).values())


def test_the_same_view_is_drawn_once(store, asked):
    first = submit_map(store, SPEC)
    assert (first.kind, first.state) == ("map", "queued")
    assert submit_map(store, SPEC).id == first.id
    spelled = ViewSpec.from_json({"source": SPEC.source.to_json(), "method": "longformer",
                                  "params": {"global_tokens": 1, "window": 20}})  # fmt: skip
    assert submit_map(store, spelled).id == first.id and len(asked) == 1
    assert submit_map(store, ViewSpec(SPEC.source)).id != first.id


def test_the_oldest_overviews_make_room(store, asked, monkeypatch):
    first, second = drawn(store), drawn(store, ViewSpec(SPEC.source, "performer"))
    each = [
        sum(path.stat().st_size for path in store.files(run).values()) for run in (first, second)
    ]
    maps.make_room(store, sum(each))
    assert {run.id for run in store.runs("map")} == {first, second}
    gone = set(store.files(first).values()) - set(store.files(second).values())
    monkeypatch.setattr(maps.make_room, "__defaults__", (each[1],))
    live = submit_map(store, ViewSpec(SPEC.source))
    assert {run.id for run in store.runs("map")} == {second, live.id}
    assert not any(path.exists() for path in gone)
    assert all(path.exists() for path in store.files(second).values())


def test_readers_who_ask_at_once_get_one_run(store, asked):
    found: list[str] = []
    asking = [Thread(target=lambda: found.append(submit_map(store, SPEC).id)) for _ in range(8)]
    for one in asking:
        one.start()
    for one in asking:
        one.join()
    assert len(found) == 8 and len(set(found)) == 1 and len(store.runs("map")) == 1


def test_a_cancelled_map_goes_on_when_it_is_asked_for_again(store, asked):
    first = submit_map(store, SPEC)
    cancel(store, first.id)
    assert store.run(first.id).state == "cancelled"
    assert submit_map(store, SPEC).id == first.id
    assert store.run(first.id).state == "queued"


def test_a_stopped_map_keeps_the_heads_it_has(store, monkeypatch):
    monkeypatch.setattr(blocks, "BLOCK_ENTRIES", 2**19)
    events: list[dict] = []
    run_id = drawn(
        store, stop=lambda: bool(events) and events[-1]["cell"] == "head 1", events=events
    )
    run = store.run(run_id)
    assert (run.state, store.finished(run_id)) == ("cancelled", {"head 0"})
    sides = heads_of()
    assert maps.load_overview(store, run, 0, sides.one(0)) is not None
    assert maps.load_overview(store, run, 1, sides.one(1)) is None
    events.clear()
    run_here(store, run_id, events.append, lambda: False)
    assert store.finished(run_id) == {"head 0", "head 1"}
    assert {event["cell"] for event in events} == {"head 1"}


def test_progress_never_goes_back_and_ends_complete(store, monkeypatch):
    monkeypatch.setattr(blocks, "BLOCK_ENTRIES", 2**19)
    events: list[dict] = []
    drawn(store, events=events)
    done = [event["done"] for event in events]
    assert len(done) > 8 and done == sorted(done) and done[-1] == events[-1]["total"]
    assert len({event["total"] for event in events}) == 1
    assert all(event["seconds_left"] >= 0 for event in events)
    assert events[-1]["seconds_left"] == 0


def test_a_view_that_cannot_be_had_fails_with_its_sentence(store):
    spec = ViewSpec(SourceSpec(model="20260101-000000-aaaaa/none"), None)
    with pytest.raises(ValueError, match="model must be"):
        drawn(store, spec)
    (run,) = store.runs("map")
    assert run.state == "failed" and "model must be" in store.latest_job(run.id).message
