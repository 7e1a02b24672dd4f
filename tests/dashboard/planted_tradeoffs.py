"""Stores with a study whose every number is known: two exact methods and one approximation with three budgets."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from attn_core.store import Store
from attn_core.timing.row import Row
from attn_core.tradeoff.qualify import Answer, answer
from dashboard.services import tradeoff_budget as budget
from dashboard.services import tradeoffs
from dashboard.services.tradeoff_view import Shown, shown
from tests.tradeoff.handmade import LAPTOP, cell, choice, fidelity

SETTINGS = {
    "pass": "forward", "batch": 1, "dtype": "float32", "device": "cpu", "methods": [], "lengths": [2048],
}  # fmt: skip
FLASH, SOFTMAX = choice("flash"), choice("softmax")
COMMAND = "python -m attn_core tradeoff --preset 60s"
RANKS = [choice("low_rank", rank=rank) for rank in (16, 32, 64)]


def plant(
    store: Store,
    cells: Iterable[Row],
    errors: Iterable[Row] = (),
    machine: str = LAPTOP,
    command: str = "",
) -> str:
    run_id = store.create_run(tradeoffs.KIND, SETTINGS, name="Planted", command=command)
    store.environment({"id": machine, "line": f"Planted {machine}"})
    store.set_environment(run_id, machine)
    for row in cells:
        store.append(run_id, f"{row['label']} @ {row['queries']}", "cell", row)
    for row in errors:
        key = f"{row['label']} @ {row['queries']} on {row['source_key']}"
        store.append(run_id, key, "fidelity", row)
    return run_id


def full(
    store: Store, machine: str = LAPTOP, lengths: tuple[int, ...] = (512, 2048), command: str = ""
) -> str:
    """Three times as long for softmax as for flash, both quadratic; the ranks are linear, and each is better."""
    cells, errors = [], []
    for n in lengths:
        cells += [cell(FLASH, n, 1e-9 * n * n, memory=n, environment=machine)]
        cells += [cell(SOFTMAX, n, 3e-9 * n * n, memory=n * n, environment=machine)]
        errors += [fidelity(FLASH, n, 1e-7), fidelity(SOFTMAX, n, 1e-7)]
        for place, one in enumerate(RANKS):
            cells.append(cell(one, n, 1e-6 * n * (place + 1), memory=2 * n, environment=machine))
            errors.append(fidelity(one, n, 0.4 / (place + 1), kl=0.1, recall=0.5))
    return plant(store, cells, errors, machine, command)


def look(store: Store, *lengths: int, x: str = "time_s", y: str = "output_error") -> Shown:
    """The newest setting."""
    found = tradeoffs.everything(store)
    setting = found.settings[0]
    return shown(found, setting, lengths or tuple(sorted(set(found.of(setting)["length"]))), x, y)


def at(planted: Shown, *lengths: int, x: str = "time_s", y: str = "output_error") -> Shown:
    return shown(planted.everything, planted.setting, lengths, x, y)


def of(planted: Shown, label: str, length: int = 2048) -> dict[str, Any]:
    table = planted.table
    return table[(table["label"] == label) & (table["length"] == length)].to_dict("records")[0]


def asked(planted: Shown, length: int = 2048, **typed: float | None) -> Answer:
    return answer(planted.newest, budget.budget_of(length, typed))
