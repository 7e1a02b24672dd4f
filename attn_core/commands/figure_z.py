"""`figure-z`: train, distil and compare translators in this process, keep every number in the store, print a table."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from attn_core.commands.interrupts import Interrupts
from attn_core.commands.lookup import find_run
from attn_core.commands.progress import Display
from attn_core.commands.spelling import read_choices, write_choices
from attn_core.commands.sweep import STDOUT, check_target
from attn_core.commands.sweep_arguments import lengths, number, whole
from attn_core.commands.text import as_json, columns
from attn_core.commands.verb import FAILED, INTERRUPTED, OK, Command
from attn_core.exchange import export_json
from attn_core.exchange.intake import LONGEST_NAME
from attn_core.store import Run, Store
from attn_core.training.spec import POSITIONS, PRESETS, FigureZSpec

KIND = "figure-z"
# Options that go into the settings as they are, with the words that explain them.
WHOLE = {
    "seeds": "how many seeds, each with a teacher of its own",
    "length": "tokens of a row in training",
    "width": "width of the model",
    "layers": "layers of the encoder, and of the decoder",
    "heads": "attention heads",
    "convolution": "width of a depthwise convolution beside attention, 0 for none",
    "batch": "rows of a step",
    "teacher-steps": "steps of the teacher at most",
    "transfer-steps": "steps of a student towards the teacher's attention",
    "student-steps": "steps of a student towards text and teacher",
    "patience": "looks at held-out text without progress before a training ends",
    "seed": "the first seed",
}
NUMBERS = {
    "learning-rate": "the highest learning rate",
    "temperature": "of the distillation",
}
METRICS = ("token_accuracy", "val_ce", "bleu", "agreement_accuracy", "generalization", "forward_s")
EPILOG = (
    "Each run is kept in the store (ATTN_CORE_HOME, by default the folder 'runs') and shown by the dashboard. "
    "Ctrl-C stops it and keeps what is done; --resume goes on."
)


def add_arguments(verb: argparse.ArgumentParser) -> None:
    add = verb.add_argument
    add("--preset", choices=tuple(PRESETS), help="which experiment, and how large")
    add("--scale", choices=("full", "small"), help="of the preset article (default full)")
    add("--methods", metavar="A,B", help="the students (default: the preset's)")
    add("--params", metavar="M.P=V,…", help="settings of the methods, as longformer.window=64")
    add("--lengths", metavar="N,N", type=lengths, help="lengths to judge at")
    add("--csv", metavar="FILE", help="your own pairs, with the columns en and fr")
    add("--tokenizer", metavar="NAME", help="a name or a folder (default: the shipped one)")
    add("--positions", choices=POSITIONS, help="how models know the order of tokens")
    add("--device", choices=("cpu", "cuda"), help="where it runs (default cpu)")
    for names, kind in ((WHOLE, whole), (NUMBERS, number)):
        for name, words in names.items():
            add(f"--{name}", type=kind, metavar="N", help=words)
    add("--json", metavar="FILE|-", help="write the rows as JSON; - is stdout")
    add("--name", metavar="TEXT", help="what the run is called")
    add("--resume", metavar="RUN", help="go on with a run that was stopped")


def run(options: argparse.Namespace) -> int:
    check_target(options.json)
    if options.name and len(options.name) > LONGEST_NAME:
        raise ValueError(
            f"--name must be at most {LONGEST_NAME} characters, got {len(options.name)}"
        )
    store = Store()
    run_id = _begin(store, options)
    display = Display()
    display.say(f"run {run_id}")
    with Interrupts(display.say) as stop:
        try:
            _train(store, run_id, display, stop)
        except KeyboardInterrupt:
            stop.asked = True
        finally:
            display.close()
    kept = store.run(run_id)
    show(store, kept, options.json)
    if stop.asked and kept.state != "done":
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


def given(options: argparse.Namespace) -> dict[str, Any]:
    """The settings that the command line names."""
    names = [name.replace("-", "_") for name in (*WHOLE, *NUMBERS)]
    names += ["lengths", "tokenizer", "positions", "device"]
    found = {name: getattr(options, name) for name in names if getattr(options, name) is not None}
    if options.csv is not None:
        found["data"] = options.csv
    if options.methods is not None:
        found["methods"] = read_choices(options.methods, options.params or "")
    elif options.params is not None:
        raise ValueError("--params needs --methods")
    return found


def new_spec(options: argparse.Namespace) -> FigureZSpec:
    if options.preset is None:
        raise ValueError(f"--preset is needed: {', '.join(PRESETS)}")
    changed = given(options)
    base = FigureZSpec.preset_of(options.preset, options.scale or "full").to_json()
    if "length" in changed and "lengths" not in changed:
        times = [length // base["length"] for length in base["lengths"]]
        changed["lengths"] = [changed["length"] * part for part in times]
    return FigureZSpec.from_json(base | changed)


def command_line(spec: FigureZSpec) -> str:
    """The line that repeats a run; a preset's own values are left out."""
    import shlex

    base = FigureZSpec.preset_of(spec.preset if spec.preset in PRESETS else "quick", spec.scale)
    words = ["--preset", base.preset]
    words += ["--scale", spec.scale] if spec.scale != "full" else []
    if spec.methods != base.methods:
        methods, params = write_choices(spec.methods)
        words += ["--methods", methods, *(["--params", params] if params else [])]
    if (spec.length, spec.lengths) != (base.length, base.lengths):
        words += ["--lengths", ",".join(map(str, spec.lengths))]
    if spec.data != base.data:
        words += ["--csv", spec.data]
    plain = [name.replace("-", "_") for name in (*WHOLE, *NUMBERS)]
    for name in (*plain, "tokenizer", "positions", "device"):
        if getattr(spec, name) != getattr(base, name):
            words += [f"--{name.replace('_', '-')}", str(getattr(spec, name))]
    return shlex.join(["python", "-m", "attn_core", KIND, *words])


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
    from attn_core.training.material import check_sources

    spec = new_spec(options)
    check_sources(spec)
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
