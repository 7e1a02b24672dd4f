"""Each kind of row of a Figure Z from strangers, held against what the settings name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from attn_core.exchange.figure_z_values import (
    LIMITS,
    LOSS,
    RATE,
    ROUNDING,
    SHARE,
    check_interval,
    check_value,
)
from attn_core.exchange.plain import between, count, fields, one_of, short, text
from attn_core.exchange.rows import AGREE, LONGEST_S
from attn_core.methods import METHODS
from attn_core.timing.row import Outcome, Row
from attn_core.training.cells import Who, cell, key

IDENTITY, PUBLISHED = "identity", "published"
STUDENTS = ("teacher", "distilled", "drop-in", IDENTITY, PUBLISHED)
STAGES = ("teacher", "transfer", "logits")
EVIDENCE = ("both", "target")
ROLES = ("encoder", "decoder", "cross")
CELL = (*cell("", Who("", "", 0), 0, None)[1], "environment_id")
WHO = ("run_id", *Who._fields)
CURVE = (*WHO, "stage", "step", "steps", "loss", "val_ce", "tokens_per_s", "seconds")
SAMPLE = (*WHO, "index", "source", "reference", "text")
AGREEMENT = (
    *WHO, "length", "evidence", "distance_low", "distance_high", "correct", "total", "value", "low", "high",
)  # fmt: skip
ROLE = ("run_id", "method", *ROLES)
MEASURED = tuple(metric for metric in LIMITS if metric != "steps")
# Whole documents, decoded: longer than any other text of a run.
LONGEST_SAMPLE = 1_000_000


@dataclass(frozen=True)
class Known:
    """What the rows may name."""

    labels: frozenset[str]
    seeds: range
    lengths: tuple[int, ...]


def _cell(row: Any, where: str, known: Known) -> str:
    fields(row, where, CELL)
    published = row["student"] == PUBLISHED
    _who(row, where, known)
    metrics = tuple(LIMITS) if published else MEASURED
    metric = one_of(row["metric"], f"metric of {where}", metrics)
    count(row["length"], f"length of {where}", low=1)
    if row["length"] not in known.lengths and not published:
        raise ValueError(
            f"import: {where} is of length {row['length']}, which the settings do not have"
        )
    text(row["message"], f"message of {where}")
    text(row["environment_id"], f"environment_id of {where}")
    one_of(row["outcome"], f"the outcome of {where}", get_args(Outcome))
    check_value(row, where, LIMITS[metric])
    return key(metric, Who.of(row), row["length"])


def _curve(row: Any, where: str, known: Known) -> str:
    fields(row, where, CURVE)
    _who(row, where, known, trained=True)
    one_of(row["stage"], f"stage of {where}", STAGES)
    count(row["step"], f"step of {where}", low=1)
    count(row["steps"], f"steps of {where}", low=1)
    if row["step"] > row["steps"]:
        raise ValueError(f"import: {where} is of step {row['step']}, of {row['steps']} steps")
    for name in ("loss", "val_ce"):
        if row[name] is not None:
            between(row[name], f"{name} of {where}", *LOSS)
    between(row["tokens_per_s"], f"tokens_per_s of {where}", *RATE)
    between(row["seconds"], f"seconds of {where}", -ROUNDING, LONGEST_S)
    return f"curve {Who.of(row).name} {row['stage']} step {row['step']}"


def _sample(row: Any, where: str, known: Known) -> str:
    fields(row, where, SAMPLE)
    _who(row, where, known, trained=True)
    count(row["index"], f"index of {where}")
    for name in ("source", "reference", "text"):
        text(row[name], f"{name} of {where}", LONGEST_SAMPLE)
    return f"sample {Who.of(row).name} {row['index']}"


def _agreement(row: Any, where: str, known: Known) -> str:
    fields(row, where, AGREEMENT)
    _who(row, where, known, trained=True)
    if type(row["length"]) is not int or row["length"] not in known.lengths:
        raise ValueError(
            f"import: {where} is of length {short(row['length'])}, which the settings do not have"
        )
    one_of(row["evidence"], f"evidence of {where}", EVIDENCE)
    near, far = (
        count(row[f"distance_{end}"], f"distance_{end} of {where}") for end in ("low", "high")
    )
    if near > far:
        raise ValueError(f"import: {where} has the distances {near} to {far}, out of order")
    total = count(row["total"], f"total of {where}", low=1)
    correct = count(row["correct"], f"correct of {where}")
    if correct > total:
        raise ValueError(f"import: {where} has {correct} correct of {total}")
    share = between(row["value"], f"value of {where}", *SHARE)
    if abs(share - correct / total) > AGREE:
        raise ValueError(
            f"import: {where} has the value {share:g}, {correct} of {total} is another"
        )
    check_interval(row, where, SHARE, AGREE)
    return f"agreement {Who.of(row).name} @ {row['length']} {row['evidence']} {near} to {far}"


def _role(row: Any, where: str, known: Known) -> str:
    fields(row, where, ROLE)
    _method(row["method"], where, known.labels)
    for role in ROLES:
        one_of(row[role], f"{role} of {where}", (*METHODS, IDENTITY))
    return f"role {row['method']}"


CHECKS: Mapping[str, Callable[[Any, str, Known], str]] = {
    "cell": _cell, "curve": _curve, "sample": _sample, "agreement": _agreement, "role": _role,
}  # fmt: skip


def _who(row: Row, where: str, known: Known, trained: bool = False) -> None:
    """The model that a row is of; `trained` where nothing published can be."""
    students = [one for one in STUDENTS if not (trained and one == PUBLISHED)]
    student = one_of(row["student"], f"student of {where}", students)
    count(row["seed"], f"seed of {where}")
    if student == PUBLISHED:
        # Under its own name, unless the settings have the same method with other parameters.
        _method(row["method"], where, known.labels | set(METHODS))
        return
    _method(row["method"], where, known.labels)
    if (row["method"] == IDENTITY) != (student == IDENTITY):
        raise ValueError(f"import: {where} is of {student} {row['method']}, which no run has")
    if row["seed"] not in known.seeds:
        raise ValueError(
            f"import: {where} is of seed {row['seed']}, which the settings do not have"
        )


def _method(method: Any, where: str, known: frozenset[str]) -> None:
    if not isinstance(method, str) or method not in known:
        raise ValueError(
            f"import: {where} is of method {short(method)}, which the settings do not name"
        )
