"""The clock: whose turn it is, when it stops, and what it leaves out."""

from __future__ import annotations

import gc
import itertools

import pytest
import torch
from torch import Tensor, nn

from benchmarks.clock import Budget, Pass, Side, Task, interleave, summarize, wall_clock


def task(side: Side | None = None, which: Pass = "forward") -> Task:
    return Task(side or Side(lambda x: x * 2), (torch.ones(3),), which)


def test_two_tasks_run_in_the_order_a_b_b_a() -> None:
    first, second = task(), task()
    seen: list[str] = []

    def timer(which: Task) -> float:
        seen.append("A" if which is first else "B")
        return 1.0

    samples = interleave([first, second], Budget(turns=4, warm_up=0), timer)
    assert "".join(seen) == "ABBAABBA"
    assert [len(mine) for mine in samples] == [4, 4]


def test_out_of_time_it_stops_after_an_even_number_of_turns() -> None:
    seconds = itertools.count(step=10)
    # Late before the second turn, which is not an even number to stop after.
    budget = Budget(turns=20, seconds=15, warm_up=0, at_least=1)
    samples = interleave([task(), task()], budget, lambda _: 1.0, lambda: next(seconds))
    assert [len(mine) for mine in samples] == [2, 2]


def test_the_warm_up_is_not_among_the_samples() -> None:
    calls = itertools.count()
    samples = interleave([task()], Budget(turns=2, warm_up=3), lambda _: float(next(calls)))
    assert samples == [[3.0, 4.0]]


def test_the_garbage_collector_rests_while_it_times_and_works_afterwards() -> None:
    during: list[bool] = []

    def timer(_: Task) -> float:
        during.append(gc.isenabled())
        return 1.0

    interleave([task()], Budget(turns=2, warm_up=0), timer)
    assert during == [False, False]
    assert gc.isenabled()


def test_forward_builds_no_graph_and_runs_in_evaluation_mode() -> None:
    module, seen = nn.Linear(3, 3), []

    def call(x: Tensor) -> Tensor:
        seen.append((torch.is_grad_enabled(), module.training))
        return module(x)

    wall_clock(task(Side(call, (module,))))
    assert seen == [(False, False)]


def test_backward_starts_from_cleared_gradients_every_time() -> None:
    module = nn.Linear(3, 3)
    both = task(Side(module, (module,)), "forward+backward")
    wall_clock(both)
    assert both.inputs[0].grad is not None
    assert module.weight.grad is not None
    first = module.weight.grad.clone()
    wall_clock(both)
    assert torch.equal(module.weight.grad, first)
    assert module.training


def test_a_summary_has_the_median_and_the_fifths_around_it() -> None:
    summary = summarize([5.0, 1.0, 3.0, 2.0, 4.0, 6.0])
    assert (summary.median, summary.p20, summary.p80) == pytest.approx((3.5, 2.0, 5.0))
    assert summarize([2.0]).p80 == 2.0
