"""Where a peer computes the same function, the numbers are the same; where it is wrong, we are not."""

from __future__ import annotations

import pytest

from benchmarks import agreement, faults
from benchmarks.agreement import CASES, Case
from benchmarks.faults import FAULTS
from benchmarks.faults.fault import Fault


def require(row: dict) -> None:
    """A peer that is not installed is said to be so; the Hugging Face ones always are."""
    if row["outcome"] == "missing":
        pytest.skip(row["message"])
    assert row["outcome"] == "ok", row["message"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_output_and_gradients_equal_the_peers(case: Case) -> None:
    (row,) = agreement.measure([case])
    require(row)
    assert row["output"] <= case.tolerance
    assert row["gradient"] <= case.tolerance


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.peer}: {fault.claim}")
def test_the_peers_fault_can_be_seen_and_is_not_ours(fault: Fault) -> None:
    (row,) = faults.measure([fault])
    require(row)
    assert row["seen"], f"{row['theirs']} there: the note is out of date"
    assert row["free"], f"{row['ours']} here"
