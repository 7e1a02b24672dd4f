"""The arguments of `figure-z`: from the command line to a `FigureZSpec`, and back to the line that repeats it."""

from __future__ import annotations

import argparse
import shlex
from typing import Any

from attn_core.commands.spelling import read_choices, write_choices
from attn_core.commands.sweep_arguments import lengths, number, whole
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
