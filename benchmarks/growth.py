"""How a method's forward time grows: the exponent p of N^p, fitted by least squares on log time."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from statistics import linear_regression

from benchmarks.catalogue import EXPONENT_LIMITS, forward_task
from benchmarks.clock import Budget, interleave, summarize
from benchmarks.machine import settle
from benchmarks.outcome import attempt
from benchmarks.results import Row, as_json

LENGTHS = (8192, 16384, 32768, 65536)


def exponent(lengths: Sequence[int], seconds: Sequence[float]) -> float:
    return linear_regression([math.log(n) for n in lengths], [math.log(s) for s in seconds]).slope


def measure(methods: Iterable[str], lengths: Sequence[int], budget: Budget) -> Iterator[Row]:
    for method in methods:
        row: Row = {
            "name": method,
            "lengths": list(lengths),
            "at_most": EXPONENT_LIMITS[method],
        }
        yield attempt(row, partial(measure_one, method, lengths, budget))


def measure_one(method: str, lengths: Sequence[int], budget: Budget) -> Row:
    """All lengths in turn, so that a slow minute bends no single point of the line."""
    busy = settle(budget.patience)
    samples = interleave([forward_task(method, length) for length in lengths], budget)
    by_round = [exponent(lengths, seconds) for seconds in zip(*samples, strict=True)]
    times = [summarize(of_length) for of_length in samples]
    fitted = exponent(lengths, [time.median for time in times])
    return {
        "seconds": [as_json(time) for time in times],
        "exponent": round(fitted, 4),
        "by_round": as_json(summarize(by_round)),
        "met": fitted <= EXPONENT_LIMITS[method],
        "busy_cores": busy,
    }
