"""The arguments of `tradeoff`: from the command line to a `StudySpec`, and back to the line that repeats it."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from attn_core.commands.refusals import named_as_typed, options_of
from attn_core.commands.spelling import ALL, read_choices
from attn_core.commands.sweep_arguments import DTYPE_HELP, lengths, number, whole
from attn_core.contract import ROLES
from attn_core.sources.spec import STRUCTURES
from attn_core.timing.spec import DTYPES, PASSES
from attn_core.tradeoff.sources import DRAWN, SOURCES, TRAINED, shipped_layers
from attn_core.tradeoff.spec import PRESETS, StudySpec, preset

KIND, USUAL, UNLIMITED = "tradeoff", "60s", "all"
TEACHER = "teacher"
EPILOG = (
    "Each run is kept in the store (ATTN_CORE_HOME, by default the folder 'runs') and shown by the dashboard. "
    "Every point is valid alone: Ctrl-C keeps what was measured, and --resume goes on, with the same limit again."
)
METHODS_HELP = (
    f"names or families separated by commas (default {ALL!r}: those that serve the role)"
)
SOURCE_HELP = (
    f"what fidelity is measured on: {', '.join(STRUCTURES)} (drawn), {TEACHER} (layers of the shipped translator), "
    f"or {TEACHER}-1 for one layer"
)
# Settings with an option each: its type or choices, and its help.
OPTIONS: Mapping[str, tuple[Any, str]] = {
    "role": (ROLES, "where the attention sits (default encoder)"),
    "batch": (whole, "sequences at once (default 1)"),
    "heads": (whole, "attention heads (default 8)"),
    "head_dim": (whole, "numbers per head (default 64)"),
    "dtype": (tuple(dict.fromkeys(d for of in DTYPES.values() for d in of)), DTYPE_HELP),
    "device": (tuple(DTYPES), "where it is measured (default cpu)"),
    "threads": (whole, "CPU threads (default: torch's own choice)"),
    "draws": (whole, "different inputs and seeds behind each error (default 3)"),
    "rows": (whole, "queries of every draw that are compared with exact attention"),
    "steps": (whole, "values of each budget, at least (default 8)"),
    "precision": (number, "half-width of a median's interval to stop at"),
    "timeout": (number, "longest single call in seconds"),
    "seed": (whole, "fixes everything drawn at random (default 0)"),
}  # fmt: skip
# Options that are called otherwise than their settings.
NAMED = {
    "which": "--pass",
    "limit_s": "--seconds",
    "seconds": "--cell-seconds",
    "sources": "--source",
}


def add_arguments(verb: argparse.ArgumentParser) -> None:
    """What was not given stays None: the preset holds, or the run that is resumed."""
    add = verb.add_argument
    add("--preset", choices=tuple(PRESETS), help=f"how much is measured (default {USUAL})")
    add("--methods", metavar="A,B", help=METHODS_HELP)
    add("--lengths", metavar="N,N", type=lengths, help="sequence lengths, as 512,2048")
    add(
        "--seconds",
        dest="limit_s",
        metavar="S",
        type=number,
        help="time for the whole study, instead of the preset's",
    )
    add("--source", dest="sources", metavar="A,B", help=SOURCE_HELP)
    add("--pass", dest="which", choices=PASSES, help="what is timed (default forward)")
    add(
        "--cell-seconds",
        dest="seconds",
        metavar="S",
        type=number,
        help="time spent on one point at most",
    )
    for name, (kind, help_text) in OPTIONS.items():
        taken = {"choices": kind} if isinstance(kind, tuple) else {"type": kind}
        add(f"--{name.replace('_', '-')}", help=help_text, **taken)
    add("--json", metavar="FILE|-", help="write the run as JSON; - is stdout")
    add("--name", metavar="TEXT", help="what the run is called")
    add("--resume", metavar="RUN", help="go on with this run, for as long again")


def given(options: argparse.Namespace) -> dict[str, Any]:
    """The settings that the command line names."""
    names = [f.name for f in fields(StudySpec)]
    found = {name: getattr(options, name) for name in names if getattr(options, name) is not None}
    if "methods" in found:
        found["methods"] = methods(found["methods"])
    if "sources" in found:
        found["sources"] = sources(found["sources"])
    if "lengths" in found:
        found["lengths"] = tuple(found["lengths"])
    return found


def new_spec(options: argparse.Namespace) -> StudySpec:
    with named_as_typed(KIND, options_of([f.name for f in fields(StudySpec)], NAMED)):
        return preset(options.preset or USUAL, **given(options))


def methods(text: str) -> tuple[str, ...]:
    """A study varies the budgets itself, so that methods come without parameters."""
    if text.strip() == ALL:
        return ()
    listed = read_choices(text)
    if own := next((one for one in listed if one["params"]), None):
        raise ValueError(
            f"--methods takes names only, a study chooses the budgets: got parameters of {own['method']}"
        )
    return tuple(one["method"] for one in listed)


def sources(text: str) -> tuple[str, ...]:
    """`local,teacher-1` as the names that rows carry."""
    found: list[str] = []
    for word in (part.strip() for part in text.split(",")):
        layer = word.removeprefix(f"{TEACHER}-")
        if word in STRUCTURES:
            found.append(f"{DRAWN} {word}")
        elif word == TEACHER:
            found += [source for source in SOURCES if source.startswith(TRAINED)]
        elif layer != word and layer.isdecimal():
            found.append(f"{TRAINED} {_layer(int(layer))}")
        else:
            allowed = ", ".join([*STRUCTURES, TEACHER, f"{TEACHER}-0, {TEACHER}-1, …"])
            raise ValueError(f"--source must be of {allowed}, got {word!r}")
    if twice := next((one for one in found if found.count(one) > 1), None):
        raise ValueError(f"--source must name each once, got {written_sources((twice,))} twice")
    return tuple(found)


def _layer(number: int) -> int:
    """Told before the study begins, instead of rows that say "unsupported"."""
    if number >= (there := shipped_layers()):
        layers = ", ".join(f"{TEACHER}-{one}" for one in range(there))
        raise ValueError(
            f"--source must be a layer of the shipped translator ({layers}), got {TEACHER}-{number}"
        )
    return number


def written_sources(names: tuple[str, ...]) -> str:
    return ",".join(
        name.removeprefix(f"{DRAWN} ").replace(f"{TRAINED} ", f"{TEACHER}-") for name in names
    )


def command_line(spec: StudySpec) -> str:
    """The line that repeats a study, quoted for a shell; reading it gives the same `StudySpec`."""
    base = UNLIMITED if spec.limit_s is None else USUAL
    usual, words = preset(base, role=spec.role), ["--preset", base]
    for name in ("lengths", "methods", "sources", "limit_s", "which", "seconds", *OPTIONS):
        value = getattr(spec, name)
        if (
            name == "lengths"
            or value != getattr(usual, name)
            or (name == "role" and value != ROLES[0])
        ):
            text = written_sources(value) if name == "sources" else _written(value)
            words += [NAMED.get(name, f"--{name.replace('_', '-')}"), text]
    return shlex.join(["python", "-m", "attn_core", KIND, *words])


def _written(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
