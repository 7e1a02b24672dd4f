"""Runs as a stranger might send them: every text in them is Markdown that would load a picture and offer a link."""

from __future__ import annotations

from dataclasses import replace

from attn_core.environment import Gpu
from attn_core.store import Store
from tests.dashboard.planted_figure_z import store_figure_z
from tests.dashboard.planted_tradeoffs import FLASH, SOFTMAX, plant
from tests.stored_runs import LAPTOP, facts, small_spec, store_run
from tests.tradeoff.handmade import cell, fidelity

HOST = "evil.example"
HOSTILE = (
    f"![](https://{HOST}/pixel.png) [log in](https://{HOST}/login) https://{HOST} :red[a] | $x$"
)
MACHINE = replace(LAPTOP, cpu=HOSTILE, system=HOSTILE, torch=HOSTILE, gpus=(Gpu(HOSTILE, 2**30),))


def store_hostile(store: Store) -> dict[str, str]:
    """The ids of a run of every kind, by kind; and of a sweep beside it, to compare the first with."""
    where = store.environment(facts(MACHINE))
    refused = {"flash @ 1024": ("error", HOSTILE)}
    trained = store_figure_z(store, name=HOSTILE)
    store.set_environment(trained, where)
    return {
        "sweep": store_run(store, outcomes=refused, environment=MACHINE, name=HOSTILE),
        "other": store_run(store, small_spec(batch=2), name=f"{HOSTILE} again"),
        "figure-z": trained,
        "tradeoff": _study(store, where),
    }


def _study(store: Store, where: str) -> str:
    """Of a source and on a machine that are called so, too unsteady for a reason that is."""
    cells = [
        cell(one, 512, seconds, memory=512, environment=where, outcome="unstable", message=HOSTILE)
        for one, seconds in ((FLASH, 1e-4), (SOFTMAX, 3e-4))
    ]
    errors = [fidelity(one, 512, 1e-7, source=HOSTILE) for one in (FLASH, SOFTMAX)]
    run_id = plant(store, cells, errors)
    store.rename(run_id, HOSTILE)
    store.set_environment(run_id, where)
    return run_id
