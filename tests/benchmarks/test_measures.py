"""The measurements themselves, on problems whose answer is known."""

from __future__ import annotations

import itertools

import pytest
import torch
from torch.nn.attention import SDPBackend

from benchmarks import cuda, floor, machine, memory, peers
from benchmarks.adapters import EXACT, PEERS
from benchmarks.clock import Budget, Side, Task, wall_clock
from benchmarks.comparison import Comparison, Pair, both
from benchmarks.cuda import Place
from benchmarks.growth import exponent
from benchmarks.packages import Missing

SHORT = Budget(turns=2, warm_up=0)


def comparison(build) -> Comparison:
    return Comparison("a / b", "softmax", "b", "operator", build, both(1e-9, 1e9))


def doubled(length: int) -> Pair:
    side = Side(lambda x: x * 2)
    return Pair(side, side, (torch.ones(length),))


def absent(length: int) -> Pair:
    raise Missing("b is not installed")


def broken(length: int) -> Pair:
    raise RuntimeError("b does not run")


def test_a_power_law_gives_its_exponent() -> None:
    lengths = (8192, 16384, 32768, 65536)
    assert exponent(lengths, [3e-7 * n**1.5 for n in lengths]) == pytest.approx(1.5)


def test_every_comparison_gives_a_row_a_pass_held_against_its_target() -> None:
    rows = list(peers.measure([comparison(doubled)], [8], SHORT))
    assert [row["pass"] for row in rows] == ["forward", "forward+backward"]
    assert [row["met"] for row in rows] == [True, False]
    assert len(rows[0]["ratio"]["samples"]) == 2


def test_what_is_absent_or_broken_is_a_row_that_says_so() -> None:
    rows = [peers.measure_one(comparison(b), 8, "forward", SHORT) for b in (absent, broken)]
    assert [row["outcome"] for row in rows] == ["missing", "error"]
    assert rows[1]["message"] == "RuntimeError: b does not run"


def test_comparisons_have_names_of_their_own_and_say_whether_they_agree() -> None:
    chosen = (*PEERS, *EXACT)
    assert len({one.name for one in chosen}) == len(chosen)
    assert all((one.tolerance is None) == bool(one.differs) for one in chosen)


def test_the_profile_names_the_operations_that_take_the_time() -> None:
    side = Side(lambda a: a @ a)
    entries = floor.spent_on(Task(side, (torch.rand(256, 256),), "forward"))
    assert "mm" in entries[0]["operation"]
    assert 0 < sum(entry["share"] for entry in entries) <= 1.01


def test_the_peak_of_a_call_is_at_least_its_output() -> None:
    length = 4096
    output = 8 * length * 64 * 4
    assert memory.in_fresh_process("flash", length) >= 0.9 * output


def test_cores_in_use_by_others_are_the_share_of_ticks_that_were_not_idle(monkeypatch) -> None:
    ticks = iter([(100, 1000), (150, 1100)])
    monkeypatch.setattr(machine, "core_ticks", lambda: next(ticks))
    monkeypatch.setattr(machine.os, "cpu_count", lambda: 2)
    monkeypatch.setattr(machine.time, "sleep", lambda _: None)
    assert machine.busy_cores() == 1.0


def test_it_waits_for_a_quiet_machine_but_not_for_ever(monkeypatch) -> None:
    busy, seconds = iter([2.0, 1.0, 0.0, 2.0, 2.0]), itertools.count()
    monkeypatch.setattr(machine, "busy_cores", lambda: next(busy))
    monkeypatch.setattr(machine.time, "sleep", lambda _: None)
    monkeypatch.setattr(machine.time, "monotonic", lambda: next(seconds))
    assert machine.settle(patience=10) == 0.0
    assert machine.settle(patience=0) == 2.0


def test_the_environment_names_no_folder() -> None:
    assert not any("/" in str(value) for value in machine.environment().values())


PLACE = Place("cpu", torch.float32, wall_clock, SDPBackend.MATH, SHORT)


def test_the_gpu_sweep_gives_a_row_a_cell() -> None:
    rows = list(cuda.measure(["flash"], [64, 128], PLACE))
    assert [row["outcome"] for row in rows] == ["ok"] * 4


@pytest.mark.parametrize(
    ("raised", "outcome"),
    [
        (torch.OutOfMemoryError("too large"), "oom"),
        (ValueError("not in this dtype"), "unsupported"),
        (RuntimeError("kernel failed\ntrace"), "error"),
    ],
)
def test_the_gpu_sweep_reports_what_did_not_run(monkeypatch, raised, outcome: str) -> None:
    def fail(*_: object) -> None:
        raise raised

    monkeypatch.setattr(cuda, "time_cell", fail)
    (row, _) = cuda.measure(["flash"], [64], PLACE)
    assert row["outcome"] == outcome
    assert "\n" not in row["message"]
