"""`methods`: the catalogue, as a table or as JSON."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

from attn_core.commands.text import as_json, columns
from attn_core.commands.verb import OK, Command
from attn_core.contract import ROLES, AttentionMethod
from attn_core.methods import METHODS


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


def add_arguments(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--json", action="store_true", help="print every fact as JSON")


def run(options: argparse.Namespace) -> int:
    if options.json:
        print(as_json([describe_method(method) for method in METHODS.values()]))
        return OK
    rows = [("name", "family", "time", "memory", "roles", "parameters")]
    for method in METHODS.values():
        roles = ", ".join(role for role in ROLES if role in method.roles)
        params = ", ".join(f"{name}={value}" for name, value in method.defaults.items()) or "–"
        cost = method.complexity
        rows.append((method.name, method.family, cost["time"], cost["memory"], roles, params))
    print(columns(rows))
    return OK


COMMAND = Command("list the attention methods", add_arguments, run)
