"""The command line: `python -m attn_core <command>`. Results on stdout, one line of complaint on stderr.

A command is a `Command` in COMMANDS: its arguments, and a function from the parsed arguments to an exit code.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from attn_core.commands import (
    corpus,
    figure_z,
    maps,
    methods,
    models,
    runs,
    sweep,
    tradeoff,
    worker,
)
from attn_core.commands.verb import BAD_ARGUMENTS, FAILED, INTERRUPTED, Command
from attn_core.store import StoreError

# Set to anything, it shows where an unforeseen failure came from.
TRACEBACK = "ATTN_CORE_TRACEBACK"

COMMANDS: dict[str, Command] = {
    "methods": methods.COMMAND,
    "sweep": sweep.COMMAND,
    "figure-z": figure_z.COMMAND,
    "tradeoff": tradeoff.COMMAND,
    "map": maps.COMMAND,
    "corpus": corpus.COMMAND,
    "models": models.COMMAND,
    "runs": runs.COMMAND,
    "worker": worker.COMMAND,
}


class OneLineParser(argparse.ArgumentParser):
    """Complains in one line that names the value and the choices, without the usage text."""

    def error(self, message: str) -> NoReturn:
        self.exit(BAD_ARGUMENTS, f"{self.prog}: {message}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    try:
        code = COMMANDS[options.command].run(options)
        sys.stdout.flush()
        return code
    except BrokenPipeError:  # whoever read our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except KeyboardInterrupt:
        return complain(options.command, "interrupted", INTERRUPTED)
    except ValueError as problem:  # the engine's own way of refusing a value
        return complain(options.command, str(problem), BAD_ARGUMENTS)
    except StoreError as problem:
        return complain(options.command, str(problem), FAILED)
    except OSError as problem:
        said = f"{problem.filename or 'output'}: {problem.strerror or problem}"
        return complain(options.command, said, FAILED)
    except Exception as problem:
        if os.environ.get(TRACEBACK):
            raise
        kind = type(problem).__name__
        said = f"unforeseen {kind}: {problem} (set {TRACEBACK}=1 to see where)"
        return complain(options.command, said, FAILED)


def complain(command: str, sentence: str, code: int) -> int:
    """One line on stderr, whatever the sentence holds, and the exit code."""
    line = " ".join(sentence.removeprefix(f"{command}: ").split())
    print(f"attn_core {command}: {line}", file=sys.stderr)
    return code


def parser() -> argparse.ArgumentParser:
    top = OneLineParser(prog="attn_core", description="Attention methods behind one contract.")
    verbs = top.add_subparsers(dest="command", required=True, metavar="command")
    for name, command in COMMANDS.items():
        verb = verbs.add_parser(
            name, help=command.help, description=command.help, epilog=command.epilog
        )
        command.add_arguments(verb)
    return top
