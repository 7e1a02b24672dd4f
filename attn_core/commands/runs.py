"""`runs`: what the store holds: list, show, export, import, delete."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from attn_core.commands import charts, figure_z, sweep, tradeoff
from attn_core.commands.lookup import LATEST, find_run
from attn_core.commands.sweep import STDOUT
from attn_core.commands.text import as_json, columns
from attn_core.commands.verb import OK, Command
from attn_core.exchange import LARGEST_FILE, export_csv, export_json, export_zip, import_run
from attn_core.store import Run, Store

DATA = ("csv", "json", "zip")
PICTURES = ("svg", "png", "pdf", "html")
TABLES: Mapping[str, Callable[[Store, Run], str]] = {
    "sweep": sweep.table,
    figure_z.KIND: figure_z.table,
    tradeoff.KIND: tradeoff.table,
}
# The chart of each kind that stands for the run.
WHOLE = {figure_z.KIND: "figure_z"}
RUN_HELP = f"a run's id, the beginning of one, or {LATEST!r}"

Action = Callable[[argparse.Namespace], int]


def add_arguments(verb: argparse.ArgumentParser) -> None:
    json_help = "print what is shown as JSON"
    verb.add_argument("--json", action="store_true", help=json_help)
    verb.set_defaults(action=list_runs, search="")
    actions = verb.add_subparsers(metavar="list|show|export|import|delete")

    def action(name: str, act: Action, help_text: str) -> argparse.ArgumentParser:
        parser = actions.add_parser(name, help=help_text, description=help_text)
        parser.set_defaults(action=act)
        # Suppressed, so that it does not undo a --json given before the action.
        parser.add_argument(
            "--json", action="store_true", default=argparse.SUPPRESS, help=json_help
        )
        return parser

    listing = action("list", list_runs, "the runs of the store, newest first")
    listing.add_argument("--search", metavar="TEXT", default="", help="only runs that mention it")
    for name, act, help_text in (
        ("show", show_run, "one run: its name, notes, command and numbers"),
        ("export", export_run, "one run as a file: numbers or charts"),
        ("delete", delete_run, "remove one run with its rows and files"),
    ):
        action(name, act, help_text).add_argument("run", metavar="RUN", help=RUN_HELP)
    exporting = actions.choices["export"]
    exporting.add_argument("--format", required=True, choices=(*PICTURES, *DATA))
    exporting.add_argument(
        "--out", required=True, help="the file; a folder takes every chart; - is stdout"
    )
    exporting.add_argument("--chart", help="which chart (default time, of a figure-z all of it)")
    importing = action("import", bring_in, "a run exported elsewhere, as JSON or zip")
    importing.add_argument("file", metavar="FILE", help="the exported file; - is stdin")


def run(options: argparse.Namespace) -> int:
    return options.action(options)


def list_runs(options: argparse.Namespace) -> int:
    found = Store().runs(search=options.search)
    if options.json:
        print(as_json([facts(one) for one in found]))
        return OK
    if not found:
        print(f"no run mentions {options.search!r}" if options.search else "no runs yet")
        return OK
    # Names of imported runs may have any letters: here each is one line.
    heading = ("run", "created (UTC)", "kind", "state", "cells", "name")
    rows = [
        (one.id, one.created_at[:16].replace("T", " "), one.kind, one.state, str(one.cells), " ".join(one.name.split()))
        for one in found
    ]  # fmt: skip
    print(columns([heading, *rows], right=(4,)))
    return OK


def show_run(options: argparse.Namespace) -> int:
    store = Store()
    found = find_run(store, options.run)
    if options.json:
        print(as_json(export_json(store, found.id)))
        return OK
    lines = [f"{found.name or 'unnamed'} · {found.kind} · {found.state} · {found.created_at}"]
    lines += [found.notes] if found.notes else []
    lines += [found.command] if found.command else []
    lines += ["", TABLES[found.kind](store, found)] if found.kind in TABLES else []
    print("\n".join(lines))
    return OK


def check_out(target: str, form: str) -> None:
    """Refuse a place that cannot be written before anything is drawn."""
    path = Path(target)
    if target == STDOUT or (form in PICTURES and (target.endswith("/") or path.is_dir())):
        return
    if path.is_dir() or target.endswith("/"):
        raise ValueError(f"--out must name a file for {form}, {target!r} is a folder")
    if not path.absolute().parent.is_dir():
        raise ValueError(f"--out must name a file in a folder that exists, got {target!r}")


def export_run(options: argparse.Namespace) -> int:
    check_out(options.out, options.format)
    store = Store()
    found = find_run(store, options.run)
    if options.format in DATA:
        if options.chart is not None:
            raise ValueError(f"--chart needs a format of {', '.join(PICTURES)}")
        _write(options.out, data(store, found.id, options.format))
    elif options.out != STDOUT and (options.out.endswith("/") or Path(options.out).is_dir()):
        Path(options.out).mkdir(parents=True, exist_ok=True)
        for name, picture in charts.draw(store, found.id, options.format, options.chart).items():
            _write(str(Path(options.out) / f"{name}.{options.format}"), picture)
    else:
        wanted = options.chart or WHOLE.get(found.kind, charts.FIRST)
        _write(options.out, charts.draw(store, found.id, options.format, wanted)[wanted])
    if options.json and options.out != STDOUT:
        print(as_json({"run_id": found.id, "out": options.out}))
    return OK


def data(store: Store, run_id: str, form: str) -> bytes:
    """The numbers of a run as a file."""
    if form == "csv":
        return export_csv(store, run_id)
    if form == "json":
        return f"{as_json(export_json(store, run_id))}\n".encode()
    return export_zip(store, run_id, charts=charts.svgs_if_possible)


def bring_in(options: argparse.Namespace) -> int:
    if options.file != STDOUT and not Path(options.file).is_file():
        raise ValueError(f"there is no file {options.file!r}")
    with sys.stdin.buffer if options.file == STDOUT else Path(options.file).open("rb") as source:
        run_id = import_run(Store(), source.read(LARGEST_FILE + 1))
    print(as_json({"run_id": run_id}) if options.json else run_id)
    return OK


def delete_run(options: argparse.Namespace) -> int:
    store = Store()
    found = find_run(store, options.run)
    store.delete(found.id)
    print(as_json({"deleted": found.id}) if options.json else f"deleted {found.id}")
    return OK


def facts(found: Run) -> dict[str, Any]:
    """A run as plain data, without its rows."""
    names = ("id", "kind", "name", "notes", "created_at", "state", "cells", "origin", "command")
    return {name: getattr(found, name) for name in names} | {
        "environment_id": found.environment_id,
        "settings": found.settings,
    }


def _write(target: str, content: bytes) -> None:
    if target == STDOUT:
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    else:
        Path(target).write_bytes(content)


COMMAND = Command("list, show, export, import and delete stored runs", add_arguments, run)
