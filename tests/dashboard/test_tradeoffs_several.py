"""The Trade-offs page where there is more than one of something: studies at work, settings, sources, origins."""

from __future__ import annotations

import pytest

from attn_core.environment import Environment, Gpu, describe
from attn_core.store import Store
from dashboard import state
from dashboard.services import sweeps, tradeoffs
from tests.dashboard.planted_tradeoffs import FLASH, RANKS, SETTINGS, full, plant
from tests.dashboard.test_tradeoffs_page import button, page, store, texts
from tests.tradeoff.handmade import LAPTOP, SERVER, cell, fidelity

__all__ = ["store"]
SHIPPED = sweeps.STUDIES


def queued(store: Store, device: str = "cpu") -> tuple[str, int]:
    run_id = store.create_run(tradeoffs.KIND, SETTINGS)
    return run_id, store.submit(run_id, SETTINGS, device).id


def test_what_runs_is_shown_before_what_waits_and_what_has_ended(store):
    """Whichever was started last: what measures can be cancelled, and whoever cancels the last one sees the others."""
    full(store)
    (first, job), (second, _), (_, last) = queued(store), queued(store), queued(store)
    store.claim(job)
    store.begin(job, 1)
    assert tradeoffs.current(store)[0].id == first and tradeoffs.current(store)[1] == 2
    store.cancel(last)
    run, waiting = tradeoffs.current(store)
    assert (run.id, waiting) == (first, 1)
    app = page()
    assert button(app, "Cancel") and "1 more waits behind it" in texts(app)
    assert "The verdict follows" in texts(app), "written now it would disturb what is measured"
    store.finish(job, "done")
    assert tradeoffs.current(store)[0].id == second


def test_studies_wait_in_the_order_of_the_queue_each_for_its_own_device(store):
    (resumed, job), (elsewhere, _) = queued(store), queued(store, "cuda")
    store.cancel(job)
    (first, _) = queued(store)
    store.submit(resumed, SETTINGS, "cpu")
    run, waiting = tradeoffs.current(store)
    assert run.id == elsewhere and waiting == 0, "two wait for another device"
    store.cancel(store.latest_job(elsewhere).id)
    run, waiting = tradeoffs.current(store)
    assert (run.id, waiting) == (first, 1), "a resumed study goes to the end of the queue"


def test_what_the_newest_study_says_stands_only_beside_its_own_setting(store):
    full(store, LAPTOP, (2048,))
    run_id = full(store, SERVER, (2048,))
    job = store.submit(run_id, SETTINGS, "cpu")
    store.claim(job.id)
    store.begin(job.id, 1)
    store.heartbeat(job.id, {"done": 5, "total": 9, "cell": "5 points measured", "why": "limit"})
    store.finish(job.id, "done")
    app = page()
    assert "Newest study: 5 points measured" in texts(app)
    next(one for one in app.selectbox if one.label == "Machine and setting").select_index(1).run()
    assert f"Planted {LAPTOP}" in texts(app) and "Newest study" not in texts(app)


def test_a_link_to_lengths_of_another_setting_says_so(store):
    full(store, LAPTOP, (512, 8192))
    full(store, SERVER, (1024, 2048))
    (warning,) = page(**{state.D_AT: "8192"}).warning
    assert "8192" in warning.value and "in this setting: 1024, 2048" in warning.value


def test_a_link_to_a_point_opens_its_setting_and_its_length(store):
    run_id = full(store, LAPTOP, (512, 8192))
    full(store, SERVER, (1024, 2048))
    point = f"{run_id}/low_rank rank=16 @ 512"
    app = page(**{state.D_POINT: point})
    assert "**Low-rank rank=16** at N = 512" in texts(app) and f"Planted {LAPTOP}" in texts(app)
    # A link that names lengths means them.
    home = next(one.id for one in tradeoffs.everything(store).settings if LAPTOP in one.where)
    app = page(**{state.D_POINT: point, state.D_SETTING: home, state.D_AT: "8192"})
    assert "**Low-rank rank=16**" not in texts(app)
    assert "Low-rank rank=16 at N = 512, is at none of the lengths that are drawn" in texts(app)
    next(one for one in app.button if "Draw it" in one.label).click().run()
    assert "**Low-rank rank=16** at N = 512" in texts(app)


def test_a_link_to_a_setting_and_a_point_of_another_one_says_where_the_point_is(store):
    run_id = full(store, LAPTOP, (512,))
    full(store, SERVER, (2048,))
    newest = tradeoffs.everything(store).settings[0].id
    app = page(**{state.D_POINT: f"{run_id}/low_rank rank=16 @ 512", state.D_SETTING: newest})
    assert f"of another setting: Planted {LAPTOP}" in texts(app)
    next(one for one in app.button if "Draw it" in one.label).click().run()
    assert "**Low-rank rank=16** at N = 512" in texts(app) and "of another setting" not in texts(
        app
    )


@pytest.mark.parametrize(("gpus", "device"), [((), "cpu"), ((Gpu("H200", 1),), "cuda")])
def test_of_recorded_studies_that_of_the_readers_kind_of_machine_comes_first(
    store, monkeypatch, gpus, device
):
    monkeypatch.setattr(sweeps, "STUDIES", SHIPPED)
    here = Environment(**{**vars(describe()), "gpus": gpus})
    monkeypatch.setattr(tradeoffs, "describe", lambda: here)
    first, *rest = tradeoffs.everything(store).settings
    assert first.recorded and first.device == device
    assert {first.device, *(one.device for one in rest)} == {"cpu", "cuda"}


def test_only_sources_of_the_setting_are_offered(store):
    """Errors on another would be none: what is shown falls back to a source that it has, and says so."""
    other = [fidelity(one, 2048, 0.3, "gaussian") for one in (FLASH, *RANKS)]
    cells = [cell(one, 2048, 0.1, environment=SERVER) for one in (FLASH, *RANKS)]
    plant(store, cells, other, SERVER)
    full(store, LAPTOP, (2048,))
    app = page(**{state.D_SOURCE: "gaussian"})
    assert "'gaussian'" in app.warning[0].value and "synthetic local" in app.warning[0].value
    assert "5 points: " in texts(app) and "Errors are those on synthetic local" in texts(app)
    assert not [one for one in app.selectbox if one.label == "Errors on"]


@pytest.mark.parametrize("origin, said", [("here", ""), ("imported", " (imported)")])
def test_imported_runs_are_named_so_and_come_after_ones_own(store, origin, said):
    own = full(store, LAPTOP, (2048,))
    foreign = store.create_run(tradeoffs.KIND, SETTINGS, name="Planted", origin=origin)
    store.environment({"id": SERVER, "line": f"Planted {SERVER}"})
    store.set_environment(foreign, SERVER)
    row = cell(FLASH, 2048, 0.1, environment=SERVER)
    store.append(foreign, "flash @ 2048", "cell", row)
    found = tradeoffs.everything(store)
    where = {one.where: one.origin for one in found.settings}
    assert where == {f"Planted {LAPTOP}": "here", f"Planted {SERVER}{said}": origin}
    first = found.runs_of(found.of(found.settings[0]))[0].run_id
    assert first == (own if said else foreign)
