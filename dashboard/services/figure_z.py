"""Figure Z runs as their page needs them: submitted, followed and read back. No streamlit here."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from attn_core import jobs
from attn_core.commands.figure_z_arguments import command_line
from attn_core.store import Job, Run, Store, home
from dashboard.figures.figure_z_quality import Noise
from dashboard.figures.figure_z_series import is_exact
from dashboard.figures.frames import column, where
from dashboard.services import sweeps
from dashboard.services.figure_z_summary import CELL_COLUMNS, noise_floor, summary

if TYPE_CHECKING:
    from attn_core.training.spec import FigureZSpec

KIND = "figure-z"
STUDIES = sweeps.STUDIES
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "cell": CELL_COLUMNS,
    "curve": (
        "method", "student", "seed", "stage", "step", "steps", "loss", "val_ce", "tokens_per_s", "seconds",
    ),
    "sample": ("index", "source", "reference", "method", "student", "seed", "text"),
    "agreement": (
        "method", "student", "seed", "length", "evidence", "distance_low", "distance_high", "correct", "total",
        "value", "low", "high",
    ),
    "role": ("method", "encoder", "decoder", "cross"),
}  # fmt: skip
# What a study's file calls the kinds of rows.
FILE_NAMES = {
    "cell": "rows", "curve": "curves", "sample": "samples", "agreement": "agreement", "role": "roles",
}  # fmt: skip
NUMBERS = {
    "value", "low", "high", "loss", "val_ce", "tokens_per_s", "seconds", "distance_low", "distance_high",
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Results:
    """One run, read: a table for every kind of row. Two are the same only if they are one: what is drawn from them
    is remembered by that."""

    id: str
    name: str
    origin: str
    settings: Mapping[str, Any]
    environment: Mapping[str, Any]
    cells: pd.DataFrame
    curves: pd.DataFrame
    samples: pd.DataFrame
    agreement: pd.DataFrame
    roles: pd.DataFrame
    created_at: str = ""

    @cached_property
    def summary(self) -> pd.DataFrame:
        """One line for every number, its seeds put together."""
        return summary(self.cells)

    @property
    def environment_line(self) -> str:
        return str(self.environment.get("line", "environment unknown"))

    @property
    def article(self) -> bool:
        return self.settings.get("protocol") == "article"

    @property
    def length(self) -> int:
        """The length that was trained at."""
        return int(self.settings.get("length") or min(self.lengths, default=0))

    @property
    def lengths(self) -> list[int]:
        """Ours: what was published has lengths of its own."""
        asked = {int(one) for one in self.settings.get("lengths", [])}
        return sorted(asked | {int(one) for one in self._own["length"].dropna()})

    @property
    def seeds(self) -> int:
        """How many seeds there are numbers of, the teacher's included."""
        return len(set(self._own["seed"]))

    @property
    def _own(self) -> pd.DataFrame:
        return where(self.cells, column(self.cells, "student") != "published")

    @property
    def exact(self) -> set[str]:
        return {label for label in self.cells["method"] if is_exact(label)}

    @property
    def empty(self) -> bool:
        return not len(self.cells) and not len(self.curves)

    def noise(self, metric: str) -> Noise | None:
        """The band within which a difference of this metric means nothing, and what it is a band of."""
        return noise_floor(self.summary, metric, self.length, self.exact)


def runs(store: Store) -> list[Run]:
    """Figure Z runs, newest first."""
    return store.runs(kind=KIND)


def start(store: Store, spec: FigureZSpec) -> Run:
    """Hand the run to the worker; it is queued behind whatever runs on the same device. What it reads may have gone
    since the page was drawn."""
    from attn_core.training.check import check_run

    check_run(spec, fetch=False)
    return jobs.submit_figure_z(store, spec, command=command_line(spec))


def can_resume(run: Run, _job: Job | None = None) -> bool:
    return run.origin == "here" and run.state in sweeps.UNFINISHED


def results(store: Store, run: Run) -> Results:
    """A run's rows; read again only when there are more of them, or the run is called or stands otherwise."""
    return _results(str(home()), run.id, f"{run.state} {run.name} {rows_so_far(store, run.id)}")


def rows_so_far(store: Store, run_id: str) -> int:
    """Rows are only added, so their number says whether there are new ones; heartbeats leave it alone."""
    with store.reading() as db:
        found = db.execute("SELECT COUNT(*) AS n FROM rows WHERE run_id = ?", (run_id,)).fetchone()
    return int(found["n"])


@lru_cache(maxsize=16)
def _results(_home: str, run_id: str, _token: str) -> Results:
    store = Store()
    run = store.run(run_id)
    found = store.environments([run.environment_id]) if run.environment_id else {}
    rows = {kind: store.rows(run_id, kind=kind) for kind in COLUMNS}
    environment = found.get(run.environment_id, {})
    return read(run.id, run.name, run.origin, run.settings, environment, rows, run.created_at)


def read(
    run_id: str,
    name: str,
    origin: str,
    settings: Mapping[str, Any],
    environment: Mapping[str, Any],
    rows: Mapping[str, Iterable[Mapping[str, Any]]],
    created_at: str = "",
) -> Results:
    tables = {kind: table(rows.get(kind, ()), columns) for kind, columns in COLUMNS.items()}
    return Results(
        run_id, name, origin, settings, environment,
        tables["cell"], tables["curve"], tables["sample"], tables["agreement"], tables["role"],
        created_at,
    )  # fmt: skip


def table(rows: Iterable[Mapping[str, Any]], columns: tuple[str, ...]) -> pd.DataFrame:
    """Rows with every column they should have, whose numbers are numbers also where all of them are missing."""
    frame = pd.DataFrame(list(rows)).reindex(columns=list(columns))
    return frame.assign(
        **{name: pd.to_numeric(frame[name]) for name in columns if name in NUMBERS}
    )


def recorded(folder: Path | None = None) -> dict[str, Results]:
    """The studies of this kind shipped with the code, by id; measured on another machine, and labelled so."""
    folder = folder or STUDIES
    files = sorted(folder.glob("*.json")) if folder.is_dir() else []
    found = (_study(path, path.stat().st_mtime_ns) for path in files)
    return {study.id: study for study in found if study is not None}


@lru_cache(maxsize=8)
def _study(path: Path, _changed: int) -> Results | None:
    try:
        data = json.loads(path.read_text())
        if "protocol" not in data["settings"]:
            return None  # another kind of study
        return read(
            sweeps.RECORDED_PREFIX + path.stem,
            data.get("name") or path.stem.replace("-", " "),
            "recorded",
            data["settings"],
            data.get("environment") or {},
            {kind: data[name] for kind, name in FILE_NAMES.items() if name in data},
            str(data.get("created_at") or ""),
        )
    except (ValueError, KeyError, TypeError):
        return None  # not an export of a Figure Z: nothing to show, and nothing to fail over
