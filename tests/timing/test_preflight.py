"""The forecast: what cannot run and why, how it grows, and that it is quick enough for every rerun of a page."""

from __future__ import annotations

from dataclasses import replace

import pytest

from attn_core import METHODS
from attn_core.environment import Environment, Gpu
from attn_core.timing import roofline
from attn_core.timing.preflight import plan
from attn_core.timing.roofline import Rates, cost_of, floor
from attn_core.timing.spec import Choice, SweepSpec

GIB = 1 << 30
HERE = Environment(
    cpu="a processor",
    cores=2,
    threads=2,
    total_memory=24 * GIB,
    available_memory=20 * GIB,
    gpus=(Gpu("a device", 80 * GIB),),
    torch="2",
    python="3",
    system="Linux",
    cpu_capability="AVX2",
    math_libraries=(),
    sdpa_backends=(),
)
ALL = tuple(Choice(name) for name in METHODS)


def spec(*methods: str, lengths: tuple[int, ...] = (512, 1024), **changes) -> SweepSpec:
    return SweepSpec(tuple(Choice(name) for name in methods), lengths, **changes)


def test_every_cell_of_the_sweep_is_in_the_plan_in_its_order():
    asked = spec("softmax", "flash")
    found = plan(asked, HERE)
    assert tuple(one.cell for one in found.cells) == asked.cells
    assert all(one.runs and one.why == "" and one.outcome == "ok" for one in found.cells)


def test_a_role_that_a_method_does_not_play_is_unsupported_in_its_own_words():
    for role, method in (("decoder", "linformer"), ("encoder", "ssd"), ("cross", "longformer")):
        (one,) = plan(spec(method, lengths=(512,), role=role), HERE).cells
        assert not one.runs
        assert one.outcome == "unsupported"
        assert one.why.startswith(f"{method}: the {role} role")
        assert one.peak_bytes is None


def test_what_clearly_cannot_fit_is_refused_and_says_how_much_it_needs():
    found = plan(spec("softmax", "flash", lengths=(16384, 32768)), HERE)
    assert [one.runs for one in found.cells] == [True, True, False, True]
    refused = found.cells[2]
    assert refused.outcome == "oom"
    assert refused.why == "needs at least 64.2 GiB, 20.0 GiB are free: not tried"


def test_the_device_counts_by_its_own_memory():
    asked = spec("softmax", lengths=(32768, 65536), device="cuda")
    assert [one.runs for one in plan(asked, HERE).cells] == [True, False]


def test_nothing_is_refused_where_the_memory_is_unknown():
    unknown = replace(HERE, total_memory=None, available_memory=None, gpus=())
    asked = spec("softmax", lengths=(65536,))
    assert plan(asked, unknown).cells[0].runs
    assert plan(replace(asked, device="cuda"), unknown).cells[0].runs


def test_a_backward_pass_is_expected_to_take_more_memory_and_time():
    forward, both = (
        plan(spec("softmax", lengths=(8192,), which=which), HERE)
        for which in ("forward", "forward+backward")
    )
    assert both.peak_bytes > 1.9 * forward.peak_bytes
    assert both.seconds > forward.seconds


def test_the_highest_memory_is_that_of_a_cell_which_runs():
    found = plan(spec("softmax", lengths=(8192, 32768)), HERE)
    assert found.peak_bytes == found.cells[0].peak_bytes < found.cells[1].peak_bytes


def test_a_sweep_is_expected_to_take_its_cells_time_and_no_more_than_the_cap_for_short_calls():
    found = plan(spec("flash", "performer", lengths=(512, 1024), seconds=1.0), HERE)
    assert 6.0 < found.seconds < 15.0
    assert plan(spec("ssd"), HERE).seconds < 1.0


def test_rates_measured_earlier_make_the_estimate():
    asked = spec("softmax", lengths=(16384,))
    slow, fast = (plan(asked, HERE, Rates(gemm, 1e12)) for gemm in (1e10, 1e14))
    assert slow.seconds > fast.seconds


def test_no_call_is_expected_to_run_past_its_timeout():
    asked = spec("softmax", lengths=(16384,), timeout=2.0)
    assert plan(asked, HERE, Rates(1e6, 1e6)).cells[0].seconds < 3.0


def test_a_second_plan_counts_no_cost_again(monkeypatch):
    asked = SweepSpec(ALL, tuple(64 << k for k in range(12)))
    plan(asked, HERE)
    before = roofline._cost.cache_info().misses
    plan(asked, HERE)
    assert roofline._cost.cache_info().misses == before


def test_the_floor_is_the_larger_of_products_and_traffic_three_times_for_a_backward_pass():
    asked = spec("flash", lengths=(1024,))
    cost = cost_of(asked, asked.cells[0])
    assert floor(cost, "forward", Rates(1e9, 1e15)) == pytest.approx(cost.flops / 1e9)
    assert floor(cost, "forward", Rates(1e15, 1e6)) == pytest.approx(cost.bytes_moved / 1e6)
    assert floor(cost, "forward+backward", Rates(1e9, 1e15)) == pytest.approx(3 * cost.flops / 1e9)


def test_the_rates_contenders_do_the_work_that_is_counted(monkeypatch):
    from torch.utils.flop_counter import FlopCounterMode

    monkeypatch.setattr(roofline, "COPIED_BYTES", {"cpu": 1 << 16})
    asked = spec("flash", dtype="bfloat16")
    gemm, copy = (roofline.contender(kind, asked) for kind in roofline.RATES)
    with FlopCounterMode(display=False) as counter:
        gemm.run()
    assert counter.get_total_flops() == roofline.work("gemm", "cpu")
    copy.run()
    assert roofline.work("copy", "cpu") == 2 * (1 << 16)
