"""`sweep`: measure methods at lengths in this process, keep every row in the store, print the medians."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from attn_core.commands import sweep_arguments
from attn_core.commands.derived import derived
from attn_core.commands.interrupts import Interrupts
from attn_core.commands.lookup import find_run
from attn_core.commands.progress import Display
from attn_core.commands.text import as_json, medians, remarks
from attn_core.commands.verb import FAILED, INTERRUPTED, OK, Command
from attn_core.commands.watched import check_name, watched
from attn_core.exchange import export_json
from attn_core.store import Run, Store
from attn_core.timing.spec import SweepSpec

STDOUT = "-"
RESUME_HELP = (
    "measure what this run still lacks; cells with error or timeout are kept as results and not retried: "
    "start a new run for that"
)


def add_arguments(verb: argparse.ArgumentParser) -> None:
    sweep_arguments.add_arguments(verb)
    verb.add_argument("--json", metavar="FILE|-", help="write the rows as JSON; - is stdout")
    verb.add_argument("--name", metavar="TEXT", help="what the run is called")
    verb.add_argument("--resume", metavar="RUN", help=RESUME_HELP)


def run(options: argparse.Namespace) -> int:
    check_target(options.json)
    check_name(options.name)
    store = Store()
    run_id, spec = _begin(store, options)
    display = Display()
    display.say(f"run {run_id}: {len(spec.cells)} cells")
    stopped = watched(_measure, store, run_id, display)
    kept = store.run(run_id)
    show(store, kept, options.json)
    missing = len({cell.key for cell in spec.cells} - store.finished(run_id))
    if stopped and missing:
        display.say(
            f"stopped; {kept.cells} of {len(spec.cells)} cells are kept. To measure the rest: "
            f"python -m attn_core sweep --resume {run_id}"
        )
        return INTERRUPTED
    failed = [row for row in store.rows(run_id) if row["outcome"] == "error"]
    if failed:
        display.say(f"{len(failed)} of {len(spec.cells)} cells failed: {failed[0]['message']}")
    return FAILED if failed or missing else OK


def check_target(target: str | None) -> None:
    """Refuse a place that cannot be written before anything is measured, not after."""
    if target in (None, STDOUT):
        return
    path = Path(target)
    if path.is_dir():
        raise ValueError(f"--json must name a file, {target!r} is a folder")
    if not path.absolute().parent.is_dir():
        raise ValueError(f"--json must name a file in a folder that exists, got {target!r}")


def show(store: Store, kept: Run, target: str | None) -> None:
    """The run on stdout, or in a file and as a table on stdout."""
    write_json(store, kept, target)
    if target != STDOUT:
        print(table(store, kept))


def write_json(store: Store, kept: Run, target: str | None) -> None:
    """The run where --json says, if it says anything."""
    if target == STDOUT:
        print(as_json(export_json(store, kept.id)))
    elif target is not None:
        Path(target).write_text(as_json(export_json(store, kept.id)) + "\n")


def table(store: Store, kept: Run) -> str:
    """Medians, what could not be measured and why, what follows from it, and where the numbers come from."""
    rows = store.rows(kept.id)
    asked = [choice.label for choice in SweepSpec.from_json(kept.settings).methods]
    lines = [medians(rows, asked), *remarks(rows)] if rows else ["nothing was measured"]
    lines += derived(rows, store.rows(kept.id, kind="null"), asked)
    where = store.environments([kept.environment_id]).get(kept.environment_id or "", {})
    return "\n".join([*lines, f"run {kept.id} · {where.get('line', 'environment unknown')}"])


def _begin(store: Store, options: argparse.Namespace) -> tuple[str, SweepSpec]:
    """A new run, or the one to be resumed."""
    if options.resume is not None:
        found = find_run(store, options.resume)
        if found.kind != "sweep":
            raise ValueError(f"--resume takes a sweep, {found.id} is a {found.kind}")
        spec = sweep_arguments.resumed_spec(options, found.settings)
        if options.name:
            store.rename(found.id, options.name)
        return found.id, spec
    spec = sweep_arguments.new_spec(options)
    check_device(spec.device)
    line = sweep_arguments.command_line(spec)
    return store.create_run("sweep", spec.to_json(), name=options.name or "", command=line), spec


def check_device(device: str) -> None:
    import torch

    if device == "cuda" and not torch.cuda.is_available():
        raise ValueError("device cuda: torch finds no CUDA device here; allowed: cpu")


def _measure(store: Store, run_id: str, display: Display, stop: Interrupts) -> None:
    # Here, not above: what measures takes its time to import, and a bad argument should be told at once.
    from attn_core.jobs import Waiting, run_here
    from attn_core.timing.sweep import Progress, RowReady

    def on_event(event: Any) -> None:
        if isinstance(event, Progress):
            display.progress(event.done, event.total, event.cell, event.seconds_left)
        elif isinstance(event, RowReady) and event.kind == "cell":
            display.finished(event.row)
        elif isinstance(event, Waiting):
            display.say(str(event))

    run_here(store, run_id, on_event, stop)


COMMAND = Command(
    "measure time and memory of methods at lengths",
    add_arguments,
    run,
    sweep_arguments.EPILOG,
)
