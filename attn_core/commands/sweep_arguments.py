"""The arguments of `sweep`: from the command line to a `SweepSpec`, and back to the line that repeats it."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Mapping
from typing import Any

from attn_core.commands.refusals import named_as_typed, options_of
from attn_core.commands.spelling import ALL, read_choices, write_choices
from attn_core.contract import ROLES
from attn_core.methods import METHODS
from attn_core.timing.spec import DTYPES, PASSES, SweepSpec

METHODS_HELP = (
    f"names separated by commas; also {ALL!r} and the families; the same method with several settings "
    "as longformer(window=64),longformer(window=256)"
)
PARAMS_HELP = (
    "settings of the methods, as longformer.window=64,performer.features=128; the numbers of a tuple are "
    "separated by colons, as multiscale.scales=1:4:16"
)
DTYPE_HELP = "type of every number (default float32); float64 on cpu only, float16 on cuda only"
EPILOG = (
    "Each run is kept in the store (ATTN_CORE_HOME, by default the folder 'runs'). "
    "Ctrl-C stops it and keeps what was measured; --resume measures the rest. "
    "A cell that ended in error or timeout has its result and is not tried again: for that, start a new run."
)


def whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be a whole number, got {text!r}") from None


def number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be a number, got {text!r}") from None


def lengths(text: str) -> list[int]:
    found = [whole(part.strip()) for part in text.split(",")]
    if twice := next((one for one in found if found.count(one) > 1), None):
        raise argparse.ArgumentTypeError(f"each length must be named once, got {twice} twice")
    return found


def add_arguments(verb: argparse.ArgumentParser) -> None:
    """What was not given stays None: the sweep's own defaults hold, or those of the run it resumes."""
    dtypes = tuple(dict.fromkeys(name for names in DTYPES.values() for name in names))
    add = verb.add_argument
    add("--methods", metavar="A,B", help=METHODS_HELP)
    add("--lengths", metavar="N,N", type=lengths, help="sequence lengths, as 512,1024")
    add("--params", metavar="M.P=V,…", help=PARAMS_HELP)
    add("--pass", dest="which", choices=PASSES, help="what is timed (default forward)")
    add("--role", choices=ROLES, help="where the attention sits (default encoder)")
    add("--keys", metavar="M", type=whole, help="keys looked at, in the role cross (default N)")
    add("--batch", type=whole, help="sequences at once (default 1)")
    add("--heads", type=whole, help="attention heads (default 8)")
    add("--head-dim", type=whole, help="numbers per head (default 64)")
    add("--dtype", choices=dtypes, help=DTYPE_HELP)
    add("--device", choices=tuple(DTYPES), help="where it is measured (default cpu)")
    add("--threads", type=whole, help="CPU threads (default: torch's own choice)")
    add("--seconds", type=number, help="time spent on one cell at most (default 1)")
    add("--precision", type=number, help="half-width of the median's interval to stop at (0.02)")
    add("--timeout", type=number, help="longest single call in seconds (default 60)")
    add("--seed", type=whole, help="fixes everything drawn at random (default 0)")


# Options whose value goes into the settings as it is, in the order a command line names them.
PLAIN = ("role", "keys", "batch", "heads", "head_dim", "dtype", "device", "threads")
CLOCK = ("seconds", "precision", "timeout", "seed")
ALWAYS = ("role", "batch", "heads", "head_dim", "dtype", "device", "seconds")


def given(options: argparse.Namespace) -> dict[str, Any]:
    """The settings that the command line names, in the form of `SweepSpec.to_json`."""
    found = {
        name: getattr(options, name)
        for name in (*PLAIN, *CLOCK, "lengths")
        if getattr(options, name) is not None
    }
    if options.which is not None:
        found["pass"] = options.which
    if options.methods is not None:
        found["methods"] = read_choices(options.methods, options.params or "")
    elif options.params is not None:
        raise ValueError("--params needs --methods")
    return found


def new_spec(options: argparse.Namespace) -> SweepSpec:
    settings = given(options)
    if "methods" not in settings:
        raise ValueError(f"--methods is needed: {ALL}, or some of {', '.join(METHODS)}")
    if "lengths" not in settings:
        raise ValueError("--lengths is needed, as 512,1024")
    with named_as_typed("sweep", options_of((*PLAIN, *CLOCK), {})):
        return SweepSpec.from_json(settings)


def resumed_spec(options: argparse.Namespace, stored: Mapping[str, Any]) -> SweepSpec:
    """The sweep of a run to be finished; options given besides must say what the run says."""
    spec = SweepSpec.from_json(stored)
    settings = spec.to_json()
    with named_as_typed("sweep", options_of((*PLAIN, *CLOCK), {})):
        wanted = SweepSpec.from_json({**settings, **given(options)})
    for name, value in wanted.to_json().items():
        if value != settings[name]:
            raise ValueError(
                f"--resume keeps the settings of the run: {name} is {settings[name]!r} there, "
                f"got {value!r}"
            )
    return spec


def command_line(spec: SweepSpec) -> str:
    """The line that repeats a sweep, quoted for a shell; reading it gives the same `SweepSpec`."""
    methods, params = write_choices(spec.methods)
    words = ["--methods", methods, "--lengths", ",".join(map(str, spec.lengths))]
    words += ["--params", params] if params else []
    words += ["--pass", spec.which]
    usual = SweepSpec(spec.methods, spec.lengths)
    for name in (*PLAIN, *CLOCK):
        value = getattr(spec, name)
        if name in ALWAYS or value != getattr(usual, name):
            words += [f"--{name.replace('_', '-')}", str(value)]
    return shlex.join(["python", "-m", "attn_core", "sweep", *words])
