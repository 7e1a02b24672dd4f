"""Times both sides of every comparison, interleaved, and takes the ratio pair by pair."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import torch

from benchmarks.clock import PASSES, Budget, Pass, Task, interleave, summarize
from benchmarks.comparison import Comparison, Pair
from benchmarks.machine import settle
from benchmarks.outcome import attempt
from benchmarks.results import Row, as_json


def measure(
    comparisons: Iterable[Comparison], lengths: Iterable[int], budget: Budget
) -> Iterator[Row]:
    lengths = tuple(lengths)
    for comparison in comparisons:
        for length in lengths:
            for which in PASSES:
                yield measure_one(comparison, length, which, budget)


def measure_one(comparison: Comparison, length: int, which: Pass, budget: Budget) -> Row:
    row = facts(comparison, length, which)

    def timed() -> Row:
        torch.manual_seed(0)
        return time_pair(comparison.build(length), which, budget, row["at_least"])

    return attempt(row, timed)


def facts(comparison: Comparison, length: int, which: Pass) -> Row:
    target = comparison.targets.get(which)
    return {
        "name": comparison.name,
        "method": comparison.method,
        "peer": comparison.peer,
        "scope": comparison.scope,
        "note": comparison.note,
        "pass": which,
        "length": length,
        "at_least": target.at_least if target else None,
        "target": str(target) if target else None,
    }


def time_pair(pair: Pair, which: Pass, budget: Budget, at_least: float | None) -> Row:
    busy = settle(budget.patience)
    tasks = [Task(side, pair.inputs, which) for side in (pair.ours, pair.peer)]
    ours, peer = interleave(tasks, budget)
    ratio = summarize([theirs / mine for mine, theirs in zip(ours, peer, strict=True)])
    return {
        "ours_s": as_json(summarize(ours)),
        "peer_s": as_json(summarize(peer)),
        "ratio": as_json(ratio),
        "met": None if at_least is None else ratio.median >= at_least,
        "busy_cores": busy,
    }
