"""Everything measured so far as one table of points, and the part of it that can be compared. No streamlit here."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

import pandas as pd

from attn_core import jobs
from attn_core.environment import describe
from attn_core.sources.spec import digest
from attn_core.store import Job, Run, Store, home
from attn_core.timing.row import Row
from attn_core.tradeoff.front import SETTING
from attn_core.tradeoff.newest import counts
from attn_core.tradeoff.points import points, source_keys
from attn_core.tradeoff.stored import KINDS, StoredRun, of_document, of_store
from dashboard.figures.amounts import sizes_line
from dashboard.figures.frames import records
from dashboard.readiness import settle
from dashboard.services import sweeps
from dashboard.services.figure_z import rows_so_far
from dashboard.services.sweep_form import devices

if TYPE_CHECKING:
    from attn_core.tradeoff.spec import StudySpec

KIND = "tradeoff"
Origin = Literal["here", "imported", "recorded"]
ORIGINS: Mapping[Origin, str] = {
    "here": "", "imported": " (imported)", "recorded": " (recorded, shipped with the code)",
}  # fmt: skip
TRANSLATORS, OPERATORS = "whole translators", "single operators"


@dataclass(frozen=True)
class Setting:
    """What points must share to be compared: a machine, and what was computed on it."""

    key: tuple
    machine: str
    sizes: str
    points: int
    runs: int
    origin: Origin
    device: str = "cpu"
    # Of its run, if it is of one alone.
    name: str = ""

    @property
    def recorded(self) -> bool:
        return self.origin == "recorded"

    @property
    def id(self) -> str:
        """The same wherever the same points are read."""
        return digest({"setting": [str(one) for one in self.key]})[:8]

    @property
    def where(self) -> str:
        """The line of the machine, and that its numbers were not measured here."""
        return f"{self.machine}{ORIGINS[self.origin]}"

    @property
    def unit(self) -> str:
        """What computed: the GPU where it was one, else the processor."""
        cpu, *gpus = self.machine.split(" · torch ")[0].split(" · ")
        name = (gpus[0] if gpus and self.device == "cuda" else cpu).partition(",")[0]
        for word in ("(R)", "(TM)", " Processor"):
            name = name.replace(word, "")
        return name if self.origin == "here" else f"{self.origin}: {name}"

    @property
    def pieces(self) -> tuple[list[str], ...]:
        """What tells it from others of that unit, the most telling first: sizes, the name of its one run, and what
        else is known of the machine."""
        rest = self.machine.partition(",")[2].strip()
        return _pieces(self.sizes), [self.name] if self.name else [], _pieces(rest)


def _pieces(text: str) -> list[str]:
    return text.replace(" · ", ", ").split(", ")


def titles(settings: Sequence[Setting]) -> dict[str, str]:
    """Each by as little as tells it from the others: a box cuts the end off."""
    found = {}
    for one in settings:
        same = [other for other in settings if other is not one and other.unit == one.unit]
        named = [one.unit, *_sizes(one, same)]
        for level in (1, 2):
            same = [it for it in same if it.pieces[level - 1] == one.pieces[level - 1]]
            if same:
                named += _own(one.pieces[level], [it.pieces[level] for it in same])
        found[one.id] = " · ".join(named)
    return found


def _sizes(one: Setting, others: Sequence[Setting]) -> list[str]:
    """Of its sizes what no other setting of that machine has too."""
    if one.sizes == TRANSLATORS:
        return [TRANSLATORS]
    same = [other.pieces[0] for other in others if other.sizes != TRANSLATORS]
    return _own(one.pieces[0], same) if same else [OPERATORS][: len(others)]


def _own(pieces: Sequence[str], others: Sequence[Sequence[str]]) -> list[str]:
    """Those that not all others have too."""
    return [piece for piece in pieces if not all(piece in there for there in others)]


@dataclass(frozen=True, eq=False)
class Everything:
    """All points, those of the newest run last, and what they are of. Two are the same only if they are one."""

    table: pd.DataFrame
    settings: Sequence[Setting]
    sources: Sequence[str]
    source: str
    runs: Sequence[StoredRun]

    @cached_property
    def parts(self) -> dict[tuple, pd.DataFrame]:
        """The points of each setting; `older` are those of which a newer one counts."""
        groups = self.table.groupby(list(SETTING), sort=False, dropna=False)
        parts = {cast(tuple, key): part.reset_index(drop=True) for key, part in groups}
        return {key: part.assign(older=~counts(part)) for key, part in parts.items()}

    def of(self, setting: Setting) -> pd.DataFrame:
        return self.parts[setting.key]

    @cached_property
    def _sources(self) -> dict[tuple, list[str]]:
        return {key: list(source_keys(self.runs_of(part))) for key, part in self.parts.items()}

    def home_of(self, point_id: str | None) -> Setting:
        """The setting of a point that is known."""
        return next(one for one in self.settings if point_id in set(self.of(one)["id"]))

    def sources_of(self, setting: Setting) -> list[str]:
        """Those that its own runs measured errors on."""
        return self._sources[setting.key]

    def runs_of(self, table: pd.DataFrame) -> list[StoredRun]:
        known = set(table["run_id"].unique())
        return [run for run in self.runs if run.run_id in known]


def everything(store: Store, source: str | None = None) -> Everything:
    """Read again only where a run has more rows or another name. A source that no run has is as good as none."""
    place = _place(store)
    usual = _everything(*place, None)
    # One table for the usual source, whether it is named or not: much that is drawn is kept for it.
    others = set(usual.sources) - {usual.source}
    return _everything(*place, source) if source in others else usual


def _place(
    store: Store,
) -> tuple[str, tuple[tuple[str, str, int], ...], tuple[tuple[Path, int], ...]]:
    """What there is to read: another place has other points."""
    # The store has the newest first.
    found = [run for run in store.runs()[::-1] if run.kind in KINDS]
    tokens = tuple((run.id, run.name, rows_so_far(store, run.id)) for run in found)
    files = tuple(
        (path, path.stat().st_mtime_ns) for path in sorted(sweeps.STUDIES.glob("*.json"))
    )
    return str(home()), tokens, files


@lru_cache(maxsize=4)
def _everything(
    folder: str, tokens: tuple[tuple[str, str, int], ...], files: tuple[tuple[Path, int], ...], source: str | None
) -> Everything:  # fmt: skip
    recorded = [one for path, changed in files if (one := _recorded(path, changed)) is not None]
    own = [_stored(folder, *token) for token in tokens]
    runs = [*recorded, *own]
    sources = list(source_keys(runs))
    chosen = source if source in sources else None
    table = points(runs, chosen)
    settle(len(table))
    elsewhere: dict[str, Origin] = {run.run_id: "recorded" for run in recorded}
    elsewhere |= {run.run_id: "imported" for run in own if run.imported}
    return Everything(
        table, _settings(table, elsewhere), sources, chosen or next(iter(sources), ""), runs
    )


def _stored(folder: str, run_id: str, name: str, rows: int) -> StoredRun:
    """Of a run that grows, no state but the last is held on to."""
    state, last = (name, rows), _last_read(folder, run_id)
    if last.get("state") != state:
        last.update(state=state, run=of_store(Store(), [run_id])[0])
    return last["run"]


@lru_cache(maxsize=256)
def _last_read(_folder: str, _run_id: str) -> dict[str, Any]:
    return {}


@lru_cache(maxsize=16)
def _recorded(path: Path, _changed: int) -> StoredRun | None:
    """A study that is shipped with the code. Its run goes by the name that its file has elsewhere on the pages."""
    try:
        document = json.loads(path.read_text())
        named = {
            "run_id": sweeps.RECORDED_PREFIX + path.stem,
            "kind": document.get("kind", sweeps.KIND),
        }
        return _apart(of_document({**document, **named}))
    except (ValueError, KeyError, TypeError):
        return None  # not an export of a run: nothing to show, and nothing to fail over


def _apart(run: StoredRun) -> StoredRun:
    """Recorded numbers are never this store's, not even where they come from the same machine."""

    def named(environment_id: str) -> str:
        return f"recorded {environment_id}" if environment_id else ""

    def marked(rows: Sequence[Row]) -> list[Row]:
        return [{**row, "environment_id": named(row.get("environment_id", ""))} for row in rows]

    machines = {named(one): line for one, line in run.machines.items()}
    return replace(
        run, environment_id=named(run.environment_id), machines=machines, cells=marked(run.cells)
    )


def _settings(table: pd.DataFrame, elsewhere: Mapping[str, Origin]) -> list[Setting]:
    """What was measured here before what was imported, and that before recorded ones; of recorded ones first what a
    user of this machine would measure: on its GPU, if it has one; of each, the newest before others. `elsewhere` says
    by run where those are from that were not measured here."""
    found, usual = [], devices(describe())[-1]
    for key, part in table.groupby(list(SETTING), sort=False, dropna=False):
        one = records(part.head(1), "machine", "run_name", *SETTING)[0]
        runs = set(part["run_id"])
        sizes = TRANSLATORS if one["role"] == "model" else sizes_line(one)
        machine, origins = str(one["machine"]), {elsewhere.get(run, "here") for run in runs}
        origin: Origin = next(one for one in ORIGINS if one in origins)
        newest = int(cast(int, part.index[-1]))
        count = int(counts(part).sum())
        name = str(one["run_name"]) if len(runs) == 1 else ""
        device = str(one["device"])
        setting = Setting(cast(tuple, key), machine, sizes, count, len(runs), origin, device, name)
        unlike = setting.recorded and setting.device != usual
        rank = list(ORIGINS).index(origin), sizes == TRANSLATORS, unlike, -newest
        found.append((rank, setting))
    return [setting for _, setting in sorted(found, key=lambda one: one[0])]


def start(store: Store, spec: StudySpec) -> Run:
    """Hand the study to the worker; it is queued behind whatever runs on the same device."""
    from attn_core.commands.tradeoff import command_line

    return jobs.submit_tradeoff(store, spec, command=command_line(spec))


def runs(store: Store) -> list[Run]:
    """Studies, newest first."""
    return store.runs(kind=KIND)


def current(store: Store) -> tuple[Run | None, int]:
    """The study that runs, else the next that waits, else the newest, whoever started it; and how many more wait for
    its device."""
    known = {run.id: run for run in runs(store)}
    live = [job for job in store.jobs(sweeps.LIVE) if job.run_id in known]
    if not live:
        return next(iter(known.values()), None), 0
    first = next((job for job in live if job.state != "queued"), live[0])
    waiting = [job for job in live if job.state == "queued" and job.device == first.device]
    return known[first.run_id], sum(job.id != first.id for job in waiting)


def can_resume(run: Run, job: Job | None = None) -> bool:
    """With more time a study finds more, unless nothing is uncertain any more."""
    if run.origin != "here":
        return False
    out_of_time = run.state == "done" and job is not None and job.progress.get("why") == "limit"
    return out_of_time or run.state in sweeps.UNFINISHED
