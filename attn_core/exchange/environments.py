"""Environments from strangers: the facts of `environment.Environment`, its id and its line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields as dataclass_fields
from typing import Any

from attn_core.environment import Environment, Gpu
from attn_core.exchange.plain import count, fields, listed, text

TEXTS = ("id", "line", "cpu", "torch", "python", "system", "cpu_capability")
COUNTS = ("cores", "threads")
SIZES = ("total_memory", "available_memory")
LISTS = ("math_libraries", "sdpa_backends")
NAMES = tuple(field.name for field in dataclass_fields(Environment))
LONGEST_ID = 64


def check_environment(facts: Any, where: str = "the environment") -> dict[str, Any]:
    fields(facts, where, (*NAMES, "id", "line"))
    for name in TEXTS:
        text(facts[name], f"{name} of {where}")
    if not 0 < len(facts["id"]) <= LONGEST_ID:
        raise ValueError(f"import: id of {where} must have 1 to {LONGEST_ID} characters")
    for name in COUNTS:
        count(facts[name], f"{name} of {where}", low=1)
    for name in SIZES:
        if facts[name] is not None:
            count(facts[name], f"{name} of {where}")
    for name in LISTS:
        for item in listed(facts[name], f"{name} of {where}"):
            text(item, f"an entry in {name} of {where}")
    for gpu in listed(facts["gpus"], f"gpus of {where}"):
        fields(gpu, f"a GPU of {where}", tuple(field.name for field in dataclass_fields(Gpu)))
        text(gpu["name"], f"the GPU's name in {where}")
        count(gpu["total_memory"], f"total_memory of a GPU of {where}")
    return facts


def check_known(rows: Iterable[dict[str, Any]], known: Iterable[str]) -> None:
    """No row may point to an environment that the file does not describe."""
    ids = set(known)
    for row in rows:
        if row["environment_id"] not in ids:
            raise ValueError(
                f"import: a row names the environment {row['environment_id']!r}, which is not described"
            )
