"""Where a peer is wrong: what was done to see it, what it measured there, and what the same does here.

Every number is 0 (or small) when the property holds. A fault is kept only as long as it can be seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

import torch

from benchmarks.faults import kernels, lengths, masks, patterns
from benchmarks.faults.fault import Fault
from benchmarks.outcome import attempt
from benchmarks.results import Row

FAULTS: tuple[Fault, ...] = (
    *masks.FAULTS,
    *kernels.FAULTS,
    *patterns.FAULTS,
    *lengths.FAULTS,
)


def measure(faults: Iterable[Fault]) -> Iterator[Row]:
    for fault in faults:
        torch.manual_seed(0)
        row: Row = {"name": f"{fault.peer}: {fault.claim}", "peer": fault.peer}
        row |= {"claim": fault.claim, "how": fault.how, "wrong_above": fault.wrong_above}
        yield attempt(row, partial(check, fault))


def check(fault: Fault) -> Row:
    theirs, ours = fault.measure()
    seen, free = theirs > fault.wrong_above, ours is None or ours <= fault.wrong_above
    return {"theirs": theirs, "ours": ours, "seen": seen, "free": free}
