"""`models build`: the small trained teacher that comes with the project, trained again."""

from __future__ import annotations

import argparse
from hashlib import sha256
from pathlib import Path
from typing import Any

from attn_core.commands.interrupts import Interrupts
from attn_core.commands.progress import Display
from attn_core.commands.text import columns
from attn_core.commands.verb import INTERRUPTED, OK, Command


def add_arguments(verb: argparse.ArgumentParser) -> None:
    verbs = verb.add_subparsers(dest="verb", required=True, metavar="build")
    build = verbs.add_parser("build", help="train the shipped teacher and write it")
    build.add_argument("--out", type=Path, metavar="FOLDER", help="default: data/models")


def run(options: argparse.Namespace) -> int:
    from attn_core.training import teacher
    from attn_core.training.book import Stopped

    folder = options.out or teacher.MODELS
    display = Display()

    def progress(told: dict[str, Any]) -> None:
        doing = f"{told['stage']} {told['step']}/{told['steps']}"
        display.progress(told["step"], told["steps"], doing, told["seconds_left"])

    with Interrupts(display.say) as stop:
        try:
            numbers = teacher.build(folder, progress=progress, stop=stop)
        except Stopped:
            return INTERRUPTED
        finally:
            display.close()
    content = (folder / teacher.FILE).read_bytes()
    rows = [[name, f"{value:.4g}"] for name, value in numbers.items()]
    print(columns([["held-out documents", ""], *rows], right=[1]))
    print(f"{folder / teacher.FILE}: {len(content):,} bytes, sha256 {sha256(content).hexdigest()}")
    return OK


COMMAND = Command("train the small teacher that comes with the project", add_arguments, run)
