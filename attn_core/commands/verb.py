"""What a verb of the command line is, and the exit codes that all of them share."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass

OK, FAILED, BAD_ARGUMENTS, INTERRUPTED = 0, 1, 2, 130


@dataclass(frozen=True)
class Command:
    """One verb: its arguments, and a function from the parsed arguments to an exit code."""

    help: str
    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]
    epilog: str = ""
