"""`worker`: the supervisor that runs queued jobs. The dashboard starts one by itself when it needs it."""

from __future__ import annotations

import argparse

from attn_core.commands.sweep_arguments import number
from attn_core.commands.verb import OK, Command
from attn_core.store import Store

IDLE_SECONDS = 600.0


def add_arguments(verb: argparse.ArgumentParser) -> None:
    verb.add_argument(
        "--idle",
        metavar="SECONDS",
        type=number,
        default=IDLE_SECONDS,
        help=f"end after this long without work (default {IDLE_SECONDS:g})",
    )


def run(options: argparse.Namespace) -> int:
    from attn_core.jobs import work

    if not options.idle >= 0:
        raise ValueError(f"--idle must be at least 0, got {options.idle:g}")
    work(Store(), options.idle)
    return OK


COMMAND = Command("run queued jobs, one at a time on each device", add_arguments, run)
