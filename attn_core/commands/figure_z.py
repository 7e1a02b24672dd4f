"""`figure-z`: train, distil and compare translators in this process, keep every number in the store, print a table."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from attn_core.commands.figure_z_arguments import (
    KIND,
    add_arguments,
    command_line,
    given,
    new_spec,
)
from attn_core.commands.interrupts import Interrupts
from attn_core.commands.lookup import find_run
from attn_core.commands.progress import Display
from attn_core.commands.sweep import STDOUT, check_target
from attn_core.commands.text import as_json, columns
from attn_core.commands.verb import FAILED, INTERRUPTED, OK, Command
from attn_core.commands.watched import check_name, watched
from attn_core.exchange import export_json
from attn_core.store import Run, Store

METRICS = ("token_accuracy", "val_ce", "bleu", "agreement_accuracy", "generalization", "forward_s")
EPILOG = (
    "Each run is kept in the store (ATTN_CORE_HOME, by default the folder 'runs') and shown by the dashboard. "
    "Ctrl-C stops it and keeps what is done; --resume goes on."
)


def run(options: argparse.Namespace) -> int:
    check_target(options.json)
    check_name(options.name)
    store = Store()
    run_id = _begin(store, options)
    display = Display()
    display.say(f"run {run_id}")
    stopped = watched(_train, store, run_id, display)
    kept = store.run(run_id)
    show(store, kept, options.json)
    if stopped and kept.state != "done":
        display.say(f"stopped; to go on: python -m attn_core {KIND} --resume {run_id}")
        return INTERRUPTED
    return OK if kept.state == "done" else FAILED


def show(store: Store, kept: Run, target: str | None) -> None:
    if target == STDOUT:
        print(as_json(export_json(store, kept.id)))
        return
    if target is not None:
        Path(target).write_text(as_json(export_json(store, kept.id)) + "\n")
    print(table(store, kept))


def table(store: Store, kept: Run) -> str:
    """A line for every model, a column for every metric and length."""
    rows = [row for row in store.rows(kept.id) if row["metric"] in METRICS]
    heads = list(dict.fromkeys((row["metric"], row["length"]) for row in rows))
    heads.sort(key=lambda one: (METRICS.index(one[0]), one[1]))
    found: dict[tuple[str, str, int], dict[tuple[str, int], str]] = {}
    for row in rows:
        who = row["method"], row["student"], row["seed"]
        said = row["outcome"] if row["value"] is None else f"{row['value']:.4g}"
        found.setdefault(who, {})[row["metric"], row["length"]] = said
    lines = [["method", "student", "seed", *(f"{metric} @ {n:,}" for metric, n in heads)]]
    for who, values in found.items():
        lines.append([*map(str, who), *(values.get(head, "–") for head in heads)])
    where = store.environments([kept.environment_id]).get(kept.environment_id or "", {})
    text = columns(lines, right=range(2, len(lines[0]))) if rows else "nothing was measured"
    return f"{text}\nrun {kept.id} · {where.get('line', 'environment unknown')}"


def _begin(store: Store, options: argparse.Namespace) -> str:
    """A new run, or the one to go on with."""
    if options.resume is not None:
        found = find_run(store, options.resume)
        if found.kind != KIND:
            raise ValueError(f"--resume takes a {KIND} run, {found.id} is a {found.kind}")
        if changed := given(options):
            raise ValueError(
                f"--resume keeps the settings of the run, got --{next(iter(changed)).replace('_', '-')} besides"
            )
        return found.id
    # Here, not above: what only measures needs no tokenizers.
    from attn_core.training.check import check_run

    spec = new_spec(options)
    check_run(spec)
    return store.create_run(
        KIND, spec.to_json(), name=options.name or "", command=command_line(spec)
    )


def _train(store: Store, run_id: str, display: Display, stop: Interrupts) -> None:
    from attn_core.jobs import Waiting, run_here

    def on_event(event: Any) -> None:
        if isinstance(event, Waiting):
            display.say(str(event))
        elif isinstance(event, dict):
            step = f" {event['step']}/{event['steps']}" if event["steps"] else ""
            doing = f"{event['stage']} {event['method']} {event['student']}{step}"
            display.progress(event["done"], event["total"], doing, event["seconds_left"])
        elif event[0] == "cell" and event[2]["metric"] in ("token_accuracy", "bleu"):
            display.told(event[2])

    run_here(store, run_id, on_event, stop)


COMMAND = Command("train, distil and compare translators (Figure Z)", add_arguments, run, EPILOG)
