"""The command line: `python -m attn_core <command>`. Results on stdout, one line of complaint on stderr.

A command is a `Command` in COMMANDS: its arguments, and a function from the parsed arguments to an exit code.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NoReturn

from attn_core.contract import ROLES, AttentionMethod
from attn_core.methods import METHODS

OK, FAILED, BAD_ARGUMENTS = 0, 1, 2


@dataclass(frozen=True)
class Command:
    """One verb of the command line."""

    help: str
    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]


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
    except ValueError as problem:  # the engine's own way of refusing a value
        print(f"attn_core {options.command}: {problem}", file=sys.stderr)
        return BAD_ARGUMENTS
    except BrokenPipeError:  # whoever read our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED


def parser() -> argparse.ArgumentParser:
    top = OneLineParser(prog="attn_core", description="Attention methods behind one contract.")
    verbs = top.add_subparsers(dest="command", required=True, metavar="command")
    for name, command in COMMANDS.items():
        command.add_arguments(verbs.add_parser(name, help=command.help, description=command.help))
    return top


def describe_method(method: AttentionMethod) -> dict[str, Any]:
    """Everything a method says about itself that is plain data."""
    return {
        "name": method.name,
        "title": method.title,
        "family": method.family,
        "summary": method.summary,
        "formula": method.formula,
        "complexity": dict(method.complexity),
        "paper": method.paper,
        "roles": [role for role in ROLES if role in method.roles],
        "extends": method.extends,
        "limits": list(method.limits),
        "params": [asdict(param) | {"allowed": param.allowed} for param in method.params],
    }


def _methods_arguments(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--json", action="store_true", help="print every fact as JSON")


def _methods(options: argparse.Namespace) -> int:
    if options.json:
        facts = [describe_method(method) for method in METHODS.values()]
        print(json.dumps(facts, indent=2, ensure_ascii=False))
        return OK
    rows = [("name", "family", "time", "memory", "roles", "parameters")]
    for method in METHODS.values():
        roles = ", ".join(role for role in ROLES if role in method.roles)
        params = ", ".join(f"{name}={value}" for name, value in method.defaults.items()) or "–"
        cost = method.complexity
        rows.append((method.name, method.family, cost["time"], cost["memory"], roles, params))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print("  ".join(cells).rstrip())
    return OK


COMMANDS: dict[str, Command] = {
    "methods": Command("list the attention methods", _methods_arguments, _methods),
}
