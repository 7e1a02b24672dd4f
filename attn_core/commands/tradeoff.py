"""`tradeoff`: measure methods over their budgets, time and memory and error together, and print the points."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from attn_core.amounts import size
from attn_core.commands.interrupts import Interrupts
from attn_core.commands.lookup import find_run
from attn_core.commands.progress import Display
from attn_core.commands.sweep import STDOUT, check_device, check_target, write_json
from attn_core.commands.text import columns, remarks, result
from attn_core.commands.tradeoff_arguments import (
    EPILOG,
    KIND,
    add_arguments,
    command_line,
    given,
    new_spec,
)
from attn_core.commands.verb import FAILED, INTERRUPTED, OK, Command
from attn_core.commands.watched import check_name, watched
from attn_core.store import Run, Store
from attn_core.tradeoff.spec import StudySpec
from attn_core.tradeoff.stored import of_store


def run(options: argparse.Namespace) -> int:
    check_target(options.json)
    check_name(options.name)
    store = Store()
    run_id = _begin(store, options)
    display = Display()
    display.say(f"run {run_id}")
    stopped = watched(_measure, store, run_id, display)
    kept = store.run(run_id)
    write_json(store, kept, options.json)
    if options.json != STDOUT:
        print(table(store, kept))
    if stopped and kept.state != "done":
        display.say(f"stopped; to go on: python -m attn_core {KIND} --resume {run_id}")
        return INTERRUPTED
    return OK if kept.state == "done" else FAILED


def table(store: Store, kept: Run) -> str:
    """A line for every point: its time, its memory, its error on each source."""
    rows, compared = store.rows(kept.id), store.rows(kept.id, "fidelity")
    sources = StudySpec.from_json(kept.settings).sources
    where = store.environments([kept.environment_id]).get(kept.environment_id or "", {})
    foot = f"run {kept.id} · {where.get('line', 'environment unknown')}"
    if not rows:
        return f"nothing was measured\n{foot}"
    errors = {(row["label"], row["queries"], row["source_key"]): row for row in compared}
    heading = ["point", "time", "memory", *(f"error, {source}" for source in sources)]
    lines = [heading]
    for row in sorted(rows, key=lambda row: (row["queries"], row["median_s"] or float("inf"))):
        found = [errors.get((row["label"], row["queries"], source)) for source in sources]
        memory = "–" if row["peak_bytes"] is None else size(row["peak_bytes"])
        lines.append(
            [f"{row['label']} @ {row['queries']:,}", result(row), memory, *map(_error, found)]
        )
    text = columns(lines, right=range(1, len(heading)))
    return "\n".join([text, *remarks(rows), *_unreached(compared), "", *_said(store, kept), foot])


def _said(store: Store, kept: Run) -> list[str]:
    """What follows from this run alone, as the page says it."""
    # Tables of points take pandas, which a bad argument should not wait for.
    from attn_core.tradeoff.crossing import crossings
    from attn_core.tradeoff.points import points
    from attn_core.tradeoff.verdict import verdict

    runs = of_store(store, [kept.id])
    asked = {kept.id: list(StudySpec.from_json(kept.settings).methods)}
    found = verdict(points(runs), crossings(runs), asked=asked)
    return [sentence.text for one in found for sentence in one.sentences]


def _error(row: dict[str, Any] | None) -> str:
    if row is None:
        return "–"
    return row["outcome"] if row["output_error"] is None else f"{row['output_error']:.2g}"


def _unreached(compared: Sequence[dict[str, Any]]) -> list[str]:
    return [
        f"{row['label']} @ {row['queries']:,} on {row['source_key']}: {row['outcome']}: {row['message']}"
        for row in compared
        if row["outcome"] != "ok"
    ]


def _begin(store: Store, options: argparse.Namespace) -> str:
    """A new run, or the one to go on with."""
    if options.resume is not None:
        found = find_run(store, options.resume)
        if found.kind != KIND:
            raise ValueError(f"--resume takes a {KIND} run, {found.id} is a {found.kind}")
        if changed := [*given(options), *(["preset"] if options.preset else [])]:
            raise ValueError(f"--resume keeps the settings of the run, got {changed[0]} besides")
        if options.name:
            store.rename(found.id, options.name)
        return found.id
    spec = new_spec(options)
    check_device(spec.device)
    return store.create_run(
        KIND, spec.to_json(), name=options.name or "", command=command_line(spec)
    )


def _measure(store: Store, run_id: str, display: Display, stop: Interrupts) -> None:
    # Here, not above: what measures takes its time to import, and a bad argument should be told at once.
    from attn_core.jobs import Waiting, run_here
    from attn_core.timing.events import Progress, RowReady
    from attn_core.tradeoff.study_events import Ended

    def on_event(event: Any) -> None:
        if isinstance(event, Progress):
            display.progress(event.done, event.total, event.cell, event.seconds_left)
        elif isinstance(event, RowReady) and event.kind == "cell":
            display.finished(event.row)
        elif isinstance(event, Waiting | Ended):
            display.say(str(event))

    run_here(store, run_id, on_event, stop)


COMMAND = Command(
    "measure time, memory and error of methods over their budgets", add_arguments, run, EPILOG
)
