"""Sweeps as the Speed page needs them: planned, submitted, followed and read back. No streamlit here."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from attn_core import jobs
from attn_core.commands.sweep_arguments import command_line
from attn_core.environment import Environment
from attn_core.store import Job, Run, Store, StoreError, home
from attn_core.store.state import LIVE
from attn_core.timing.preflight import Plan, plan
from attn_core.timing.roofline import Rates
from attn_core.timing.row import TIMED
from attn_core.timing.scaling import FEWEST_POINTS, Crossover, Exponent, crossover, exponent
from attn_core.timing.spec import SweepSpec
from dashboard.figures.frames import numbers
from dashboard.services.kept import Kept

KIND = "sweep"
STUDIES = Path(__file__).resolve().parents[2] / "data" / "studies"
# A stored run has an id of digits; this keeps a shipped study's apart from it, in the URL too.
RECORDED_PREFIX = "recorded-"
UNFINISHED = ("empty", "cancelled", "lost", "failed")
RATE_COLUMNS = ("gemm_flops_per_s", "copy_bytes_per_s")
# Rows are never changed, only added: how many a line has says which. A new row of one line leaves the others'
# answers as they are, which matters while a sweep runs.
EXPONENTS: Kept[Exponent] = Kept(1024)
CROSSOVERS: Kept[Crossover] = Kept(2048)
RATIOS = ("ratio", "ratio_low", "ratio_high")
# An exponent less certain than this is not printed on a line.
WIDEST_SLOPE = 0.3
YARDSTICKS = ("flash", "softmax")


@dataclass(frozen=True, eq=False)
class Results:
    """One run, read: its rows as a table, and what is derived from them. Two are the same only if they are one:
    what is drawn from them is remembered by that."""

    id: str
    name: str
    origin: str
    settings: Mapping[str, Any]
    environment: Mapping[str, Any]
    rows: pd.DataFrame
    nulls: pd.DataFrame
    exponents: Mapping[str, Exponent] = field(default_factory=dict)
    crossovers: Mapping[str, Mapping[str, Crossover]] = field(default_factory=dict)

    @property
    def environment_line(self) -> str:
        return str(self.environment.get("line", "environment unknown"))

    @property
    def labels(self) -> list[str]:
        return list(dict.fromkeys(self.rows["label"])) if len(self.rows) else []

    @property
    def slopes(self) -> dict[str, float]:
        """Exponents sure enough to stand beside a line without their interval; the table has the others."""
        return {
            label: found.value
            for label, found in self.exponents.items()
            if found.value is not None
            and found.points >= FEWEST_POINTS
            and found.low is not None
            and found.high is not None
            and found.high - found.low <= WIDEST_SLOPE
        }

    @property
    def crossings(self) -> pd.DataFrame:
        """Crossovers over flash as the chart marks them."""
        found = [
            {"label": label, "length": one.length, "low": one.low, "high": one.high}
            for label, one in self.crossovers.get(YARDSTICKS[0], {}).items()
            if one.state == "crosses"
        ]
        return pd.DataFrame(found, columns=["label", "length", "low", "high"])


def planned(spec: SweepSpec, environment: Environment, store: Store | None = None) -> Plan:
    """What a sweep will take, and what of it cannot run; by the rates of an earlier sweep like it, if the store
    has one."""
    return plan(spec, environment, None if store is None else earlier_rates(store, spec))


def earlier_rates(store: Store, spec: SweepSpec) -> Rates | None:
    """The machine's own rates as the newest sweep on the same device, with the same dtype, found them."""
    alike = {name: getattr(spec, name) for name in ("device", "dtype", "threads")}
    try:
        for run in runs(store):
            same = alike.items() <= {name: run.settings.get(name) for name in alike}.items()
            if run.origin == "here" and run.state not in LIVE and run.cells and same:
                return rates_of(results(store, run, None))
    except StoreError:  # said where the runs are listed; an estimate can do without
        pass
    return None


def rates_of(found: Results) -> Rates | None:
    measured = [numbers(found.rows, name).median() for name in RATE_COLUMNS]
    return Rates(*measured) if all(value > 0 for value in measured) else None


def cannot_write(folder: Path | None = None) -> str | None:
    """Why nothing can be stored, or None: asked of the store's folder, or of where it would be made."""
    folder = (folder or home()).absolute()
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    if os.access(folder, os.W_OK):
        return None
    return f"The store at {folder} cannot be written, so nothing can be measured into it."


def start(store: Store, spec: SweepSpec) -> Run:
    """Hand the sweep to the worker; it is queued behind whatever runs on the same device."""
    return jobs.submit_sweep(store, spec, command=command_line(spec))


def resume(store: Store, run_id: str) -> Job:
    return jobs.resume(store, run_id)


def see_to(store: Store, job: Job | None) -> None:
    """A job that waits needs someone to take it; the worker may have been killed since."""
    if job is not None and job.state == "queued":
        jobs.ensure_worker(store)


def cancel(store: Store, run_id: str) -> None:
    jobs.cancel(store, run_id)


def can_resume(run: Run, _job: Job | None = None) -> bool:
    """Whether cells are missing that a job could still measure."""
    wanted = len(run.settings.get("methods", [])) * len(run.settings.get("lengths", []))
    return run.origin == "here" and run.state in UNFINISHED and run.cells < wanted


def runs(store: Store) -> list[Run]:
    """Sweeps, newest first."""
    return store.runs(kind=KIND)


def results(store: Store, run: Run, job: Job | None) -> Results:
    """A run's rows and what follows from them; read again only when the run has changed."""
    progress = job.progress if job is not None and job.state in LIVE else {}
    # While a job beats, the store's stamp changes by the second; the rows change with the cells done.
    token = f"{run.cells} {progress.get('done')}" if progress else store.stamp(run.id)
    return _results(str(home()), run.id, f"{run.state} {run.name} {token}")


@lru_cache(maxsize=16)
def _results(_home: str, run_id: str, _token: str) -> Results:
    store = Store()
    run = store.run(run_id)
    rows = store.rows(run_id)
    found = store.environments([run.environment_id]) if run.environment_id else {}
    environment = found.get(run.environment_id or "", {})
    return derived(run.id, run.name, run.origin, run.settings, environment, rows,
                   store.rows(run_id, kind="null"))  # fmt: skip


def derived(
    run_id: str,
    name: str,
    origin: str,
    settings: Mapping[str, Any],
    environment: Mapping[str, Any],
    rows: list[dict[str, Any]],
    nulls: list[dict[str, Any]],
) -> Results:
    """Rows with their exponents and crossovers."""
    labels = list(dict.fromkeys(row["label"] for row in rows if row["outcome"] in TIMED))
    cells = Counter(row["label"] for row in rows)

    def of(label: str) -> Exponent:
        key = (str(home()), run_id, label, cells[label])
        return EXPONENTS.get(key, lambda: exponent(rows, label))

    def between(label: str, yardstick: str) -> Crossover:
        key = (str(home()), run_id, label, cells[label], yardstick, cells[yardstick])
        return CROSSOVERS.get(key, lambda: crossover(rows, label, yardstick))

    return Results(
        run_id,
        name,
        origin,
        settings,
        environment,
        table(rows),
        table(nulls),
        {label: of(label) for label in labels},
        {
            yardstick: {label: between(label, yardstick) for label in labels if label != yardstick}
            for yardstick in YARDSTICKS
            if yardstick in labels
        },
    )


def table(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Rows as a table whose numbers are numbers, also where every one of them is missing."""
    frame = pd.DataFrame(rows)
    numbers = [c for c in frame if c.endswith(("_s", "_bytes")) or c in RATIOS]
    return frame.assign(**{column: pd.to_numeric(frame[column]) for column in numbers})


def measured_on(store: Store, run: Run) -> str:
    """The machine behind a run, in one line."""
    found = store.environments([run.environment_id]) if run.environment_id else {}
    return str(found.get(run.environment_id, {}).get("line", "an unknown machine"))


def recorded(folder: Path | None = None) -> dict[str, Results]:
    """The sweeps shipped with the code, by id; measured on another machine, and labelled so."""
    folder = folder or STUDIES
    files = sorted(folder.glob("*.json")) if folder.is_dir() else []
    found = (_study(path, path.stat().st_mtime_ns) for path in files)
    return {study.id: study for study in found if study is not None}


@lru_cache(maxsize=8)
def _study(path: Path, _changed: int) -> Results | None:
    try:
        data = json.loads(path.read_text())
        if data.get("kind", KIND) != KIND:
            return None  # another kind of study
        return derived(
            RECORDED_PREFIX + path.stem,
            data.get("name") or path.stem.replace("-", " ").replace("_", " "),
            "recorded",
            data["settings"],
            data.get("environment") or {},
            data["rows"],
            data.get("nulls", []),
        )
    except (ValueError, KeyError, TypeError):
        return None  # not an export of a sweep: nothing to show, and nothing to fail over
