"""Rows of a Figure Z from strangers, held against the settings that they claim to belong to and against each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, get_args

from attn_core.exchange.document import ROWS_OF, Document
from attn_core.exchange.plain import between, count, fields, listed, one_of, short, text
from attn_core.exchange.rows import AGREE, LONGEST_S, MOST_BYTES, SHORTEST_S
from attn_core.methods import METHODS
from attn_core.timing.row import TIMED, Outcome, Row
from attn_core.training.cells import Who, cell, key
from attn_core.training.spec import FigureZSpec

IDENTITY, PUBLISHED = "identity", "published"
STUDENTS = ("teacher", "distilled", "drop-in", IDENTITY, PUBLISHED)
STAGES = ("teacher", "transfer", "logits")
EVIDENCE = ("both", "target")
ROLES = ("encoder", "decoder", "cross")
CELL = (*cell("", Who("", "", 0), 0, None)[1], "environment_id")
WHO = ("run_id", "method", "student", "seed")
CURVE = (*WHO, "stage", "step", "steps", "loss", "val_ce", "tokens_per_s", "seconds")
SAMPLE = (*WHO, "index", "source", "reference", "text")
AGREEMENT = (
    *WHO, "length", "evidence", "distance_low", "distance_high", "correct", "total", "value", "low", "high",
)  # fmt: skip
ROLE = ("run_id", "method", *ROLES)
# Limits of each metric. A model that diverges has a loss of whatever single precision holds; sums of rounded numbers
# may leave nothing a little below zero.
ROUNDING, LARGEST = 1e-3, 3.5e38
LOSS, SHARE, SCORE = (-ROUNDING, LARGEST), (0.0, 1.0), (0.0, 100.0)
RATIO, RATE = (0.0, LARGEST), (0.0, 1e15)
SECONDS, BYTES = (SHORTEST_S, LONGEST_S), (0.0, float(MOST_BYTES))
LIMITS: Mapping[str, tuple[float, float]] = {
    "val_ce": LOSS, "kl_to_teacher": LOSS, "published_quality": LOSS, "token_accuracy": SHARE,
    "agreement_accuracy": SHARE, "chrf": SCORE, "bleu": SCORE, "generalization": RATIO,
    "forward_s": SECONDS, "train_forward_backward_s": SECONDS, "article_forward_s": SECONDS,
    "dense_forward_s": SECONDS, "peak_bytes": BYTES, "dense_peak_bytes": BYTES,
    "decode_tokens_per_s": RATE, "steps": RATE,
}  # fmt: skip
MEASURED = tuple(metric for metric in LIMITS if metric != "steps")
# Intervals of these lie around the mean of the draws: a point beside the score at times, and beyond the scale.
DRAWN = ("chrf", "bleu")
DRAWN_ROOM, DRAWN_LIMITS = 1.0, (0.0, 200.0)
# Whole documents, decoded: longer than any other text of a run.
LONGEST_SAMPLE = 1_000_000


@dataclass(frozen=True)
class Known:
    """What the rows may name."""

    labels: frozenset[str]
    seeds: range
    lengths: tuple[int, ...]


def check_figure_z(document: Document, spec: FigureZSpec) -> dict[tuple[str, str], Row]:
    """The rows of a run by kind and key."""
    text(spec.data, "data of the settings")
    text(spec.tokenizer, "tokenizer of the settings")
    known = Known(_labels(spec), range(spec.seed, spec.seed + spec.seeds), spec.lengths)
    found: dict[tuple[str, str], Row] = {}
    for part, kind in ROWS_OF.items():
        for place, row in enumerate(listed(document[part], part), start=1):
            where = f"{kind} {place}"
            name = CHECKS[kind](row, where, known)
            if (kind, name) in found:
                raise ValueError(f"import: {where} is there twice: {name}")
            text(row["run_id"], f"run_id of {where}")
            found[kind, name] = row
    return found


def _labels(spec: FigureZSpec) -> frozenset[str]:
    """The methods as the rows of this protocol call them."""
    if spec.protocol == "article":
        # Only here: it brings all that trains.
        from attn_core.training.article.protocol import Settings

        try:
            settings = Settings.of(spec.to_json())
        except ValueError as problem:
            raise ValueError(f"import: the settings are refused: {problem}") from None
        return frozenset(one.label for one in (settings.teacher, *settings.methods))
    return frozenset(("flash", IDENTITY, *(one.label for one in spec.methods)))


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
    _value(row, where, LIMITS[metric])
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
    _interval(row, where, SHARE, AGREE)
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


def _value(row: Row, where: str, limits: tuple[float, float]) -> None:
    """A number only where something was measured, and an interval only where there is a number."""
    given = [name for name in ("value", "low", "high") if row[name] is not None]
    if given and row["outcome"] not in TIMED:
        raise ValueError(f"import: {where} is {row['outcome']} and yet has {given[0]}")
    if row["value"] is None:
        if given:
            raise ValueError(f"import: {where} has {given[0]} and no value")
        return
    between(row["value"], f"value of {where}", *limits)
    drawn = row["metric"] in DRAWN
    room = DRAWN_ROOM if drawn else AGREE * abs(row["value"]) + AGREE**2
    _interval(row, where, DRAWN_LIMITS if drawn else limits, room)


def _interval(row: Row, where: str, limits: tuple[float, float], room: float) -> None:
    for name in ("low", "high"):
        if row[name] is not None:
            between(row[name], f"{name} of {where}", *limits)
    rising = [row[name] for name in ("low", "value", "high") if row[name] is not None]
    if any(a > b + room for a, b in pairwise(rising)) or (
        None not in (row["low"], row["high"]) and row["low"] > row["high"]
    ):
        raise ValueError(f"import: {where} has a value and an interval out of order")
