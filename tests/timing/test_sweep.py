"""A whole sweep, small and real: every cell gets its row, whatever is killed, refused or stopped on the way."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from statistics import median

import pytest
import torch

from attn_core.timing import sweep as sweeping
from attn_core.timing.eta import Eta
from attn_core.timing.group import Measured
from attn_core.timing.memory import Probe
from attn_core.timing.preflight import Plan
from attn_core.timing.reporting import cell_row, null_row, rate_row, rates_of, verdict
from attn_core.timing.roofline import RATES
from attn_core.timing.row import TIMED
from attn_core.timing.spec import Choice, SweepSpec
from attn_core.timing.statistics import Samples, summary
from attn_core.timing.sweep import Event, Progress, RowReady, Started, run_sweep

# Real processes, a few seconds each.
pytestmark = pytest.mark.slow

SPEC = SweepSpec(
    (Choice("softmax"), Choice("flash"), Choice("ssd")),
    (64, 128),
    heads=2,
    head_dim=16,
    threads=1,
    seconds=0.05,
)
UNIX = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")


def events_of(
    spec: SweepSpec,
    finished: tuple[str, ...] = (),
    stop: Callable[[], bool] = lambda: False,
    watch: Callable[[Event], None] = lambda event: None,
) -> list[Event]:
    seen: list[Event] = []

    def emit(event: Event) -> None:
        seen.append(event)
        watch(event)

    run_sweep(spec, finished=finished, emit=emit, stop=stop)
    return seen


def rows(events: list[Event], kind: str = "cell") -> dict[str, dict]:
    return {e.key: e.row for e in events if isinstance(e, RowReady) and e.kind == kind}


def kill(part: str) -> bool:
    """Kill the children whose name starts so; whether there was one."""
    found = [c for c in multiprocessing.active_children() if c.name.startswith(part)]
    for child in found:
        assert child.pid is not None
        os.kill(child.pid, signal.SIGKILL)
    return bool(found)


@pytest.fixture(scope="module")
def events() -> list[Event]:
    return events_of(SPEC)


def test_every_cell_has_one_row_with_the_fields_of_the_contract(events):
    found = rows(events)
    assert sorted(found) == sorted(cell.key for cell in SPEC.cells)
    assert sum(isinstance(e, RowReady) and e.kind == "cell" for e in events) == len(found)
    for row in found.values():
        if row["method"] == "ssd":
            continue
        assert row["outcome"] in TIMED
        assert row["ci_low_s"] <= row["median_s"] <= row["ci_high_s"]
        assert row["p20_s"] <= row["median_s"] <= row["p80_s"]
        assert row["median_s"] == pytest.approx(median(row["samples"]))
        assert row["wall_median_s"] == pytest.approx(row["median_s"])
        assert row["peak_bytes"] is not None
        assert row["flops"] > 0
        assert row["floor_s"] > 0
        assert row["environment_id"]
    assert json.loads(json.dumps(found)) == found


def test_a_method_that_refuses_the_role_has_a_row_that_says_so(events):
    row = rows(events)["ssd @ 64"]
    assert row["outcome"] == "unsupported"
    assert row["message"].startswith("ssd: the encoder role")
    assert row["median_s"] is None and row["samples"] == []


def test_the_environment_comes_first_with_the_childrens_threads(events):
    first = events[0]
    assert isinstance(first, Started)
    assert first.total == len(SPEC.cells)
    assert first.environment["threads"] == 1
    assert {"id", "line", "torch", "cpu"} <= set(first.environment)
    ids = {e.row["environment_id"] for e in events if isinstance(e, RowReady)}
    assert ids == {first.environment["id"]}
    assert sum(isinstance(e, Started) for e in events) == 1


def test_every_length_has_its_null_and_its_rates(events):
    for length in SPEC.lengths:
        null = rows(events, "null")[f"null @ {length}"]
        assert null["queries"] == length
        assert null["ratio_low"] <= null["ratio"] <= null["ratio_high"]
        assert null["label"] in ("softmax", "flash")
        gemm, copy = (rows(events, kind)[f"{kind} @ {length}"] for kind in ("gemm", "copy"))
        assert gemm["gemm_flops_per_s"] > 1e8
        assert copy["copy_bytes_per_s"] > 1e7
        cell = rows(events)[f"flash @ {length}"]
        assert cell["gemm_flops_per_s"] == gemm["gemm_flops_per_s"]
        assert cell["copy_bytes_per_s"] == copy["copy_bytes_per_s"]


def test_the_row_says_which_kernels_ran(events):
    assert rows(events)["flash @ 64"]["backend"] == "sdpa flash"
    assert rows(events)["softmax @ 64"]["backend"] == "torch"


def test_progress_counts_up_to_the_total(events):
    done = [e.done for e in events if isinstance(e, Progress)]
    assert done == sorted(done)
    assert done[-1] == len(SPEC.cells)
    assert {e.total for e in events if isinstance(e, Progress)} == {len(SPEC.cells)}
    last = [e for e in events if isinstance(e, Progress)][-1]
    assert last.seconds_left == 0


def test_what_is_finished_is_not_measured_again():
    finished = tuple(cell.key for cell in SPEC.cells if cell.key != "flash @ 128")
    events = events_of(SPEC, finished)
    assert set(rows(events)) == {"flash @ 128"}
    assert set(rows(events, "null")) == {"null @ 128"}
    done = [e.done for e in events if isinstance(e, Progress)]
    assert (done[0], done[-1]) == (len(SPEC.cells) - 1, len(SPEC.cells))


def test_backward_passes_causal_and_cross_sweeps_run():
    for changes in (
        {"which": "forward+backward"},
        {"role": "decoder"},
        {"role": "cross", "keys": 48},
        {"dtype": "bfloat16"},
    ):
        small = replace(SPEC, methods=(Choice("flash"), Choice("kernelized")), lengths=(64,))
        found = rows(events_of(replace(small, **changes)))
        assert {row["outcome"] for row in found.values()} <= set(TIMED), changes
        assert {row["keys"] for row in found.values()} == {changes.get("keys", 64)}


def test_stop_leaves_what_is_missing_for_another_time():
    stopping: list[bool] = []

    def watch(event: Event) -> None:
        if isinstance(event, RowReady) and event.key == "flash @ 64":
            stopping.append(True)

    events = events_of(SPEC, stop=lambda: bool(stopping), watch=watch)
    assert "flash @ 64" in rows(events)
    assert not {key for key in rows(events) if key.endswith("128")}
    assert all(row["outcome"] != "cancelled" for row in rows(events).values())
    assert multiprocessing.active_children() == []


@UNIX
def test_a_killed_probe_is_an_oom_row_and_the_sweep_goes_on():
    killed: list[bool] = []

    def stop() -> bool:
        if not killed and kill("probe flash @ 64"):
            killed.append(True)
        return False

    found = rows(events_of(SPEC, stop=stop))
    assert found["flash @ 64"]["outcome"] == "oom"
    assert "SIGKILL" in found["flash @ 64"]["message"]
    assert found["softmax @ 64"]["outcome"] in TIMED
    assert found["flash @ 128"]["outcome"] in TIMED


@UNIX
def test_when_the_timing_child_is_killed_its_cells_are_timed_alone():
    killed: list[bool] = []

    def stop() -> bool:
        if not killed and kill("timing 64"):
            killed.append(True)
        return False

    events = events_of(SPEC, stop=stop)
    assert killed
    found = rows(events)
    assert found["softmax @ 64"]["outcome"] in TIMED
    assert found["flash @ 64"]["outcome"] in TIMED
    assert found["flash @ 64"]["floor_s"] is not None
    assert "null @ 64" not in rows(events, "null")
    assert "null @ 128" in rows(events, "null")


@UNIX
def test_the_rates_of_a_length_are_told_once_even_if_it_is_begun_again():
    known: list[str] = []
    killed: list[bool] = []

    def stop() -> bool:
        if len(known) == 2 and not killed and kill("timing 64"):
            killed.append(True)
        return False

    def watch(event: Event) -> None:
        if isinstance(event, RowReady) and event.kind in ("gemm", "copy"):
            known.append(event.key)

    # Cells that go on long after the rates are known.
    spec = replace(SPEC, lengths=(64,), seconds=1.0, precision=0.001)
    found = rows(events_of(spec, stop=stop, watch=watch))
    assert killed
    assert sorted(known) == ["copy @ 64", "gemm @ 64"]
    assert {found[key]["outcome"] for key in ("softmax @ 64", "flash @ 64")} <= set(TIMED)


@UNIX
def test_a_cell_that_is_killed_alone_too_is_an_oom_row_with_no_numbers():
    def stop() -> bool:
        kill("timing 64")
        return False

    found = rows(events_of(SPEC, stop=stop))
    for key in ("softmax @ 64", "flash @ 64"):
        assert found[key]["outcome"] == "oom"
        assert found[key]["median_s"] is None
    assert found["flash @ 128"]["outcome"] in TIMED


def test_what_cannot_fit_is_a_row_and_is_not_tried(monkeypatch):
    def refusing(spec, environment) -> Plan:
        found = plan(spec, environment)
        cells = [
            replace(one, runs=False, why="needs more than there is", outcome="oom")
            if one.cell.key == "softmax @ 128"
            else one
            for one in found.cells
        ]
        return replace(found, cells=cells)

    plan = sweeping.plan
    monkeypatch.setattr(sweeping, "plan", refusing)
    events = events_of(SPEC)
    row = rows(events)["softmax @ 128"]
    assert (row["outcome"], row["message"]) == ("oom", "needs more than there is")


def test_a_method_too_slow_at_one_length_is_not_tried_at_longer_ones(monkeypatch):
    tried: list[str] = []

    def slow(spec, cell, stop) -> Probe:
        tried.append(cell.key)
        return Probe("timeout", message="first call: not done after 60 s")

    monkeypatch.setattr(sweeping, "peak", slow)
    found = rows(events_of(replace(SPEC, methods=(Choice("flash"),))))
    assert tried == ["flash @ 64"]
    assert {row["outcome"] for row in found.values()} == {"timeout"}
    assert found["flash @ 128"]["message"] == "not tried: too slow at 64 already"


def test_a_wide_interval_is_unstable_keeps_its_numbers_and_says_so():
    spec = replace(SPEC, precision=0.02)
    outcome, message = verdict(spec, Samples([1.0, 1.0, 1.3, 1.0, 1.0], list(range(5))))
    assert outcome == "unstable"
    assert message == (
        "interval ±15.0% of the median after 5 samples in the time allowed (asked for ±2.0%)"
    )
    outcome, message = verdict(spec, Samples([1.0, 1.0, 1.1], [0, 1, 2]))
    assert outcome == "ok"
    assert "±5.0%" in message and "a single call takes a large share" in message
    assert verdict(spec, Samples([1.0] * 7, list(range(7)))) == ("ok", "")
    cell = spec.cells[0]
    shaky = Measured("cell", cell, Samples([1.0, 2.0, 3.0], [0, 1, 2], walls=[1.0, 2.0, 3.0]))
    row = cell_row(spec, cell, shaky, Probe("ok", 5, 0.1), None)
    assert (row["outcome"], row["median_s"], row["peak_bytes"]) == ("unstable", 2.0, 5)
    assert row["floor_s"] is None


def test_a_contender_that_ran_out_of_memory_while_timed_is_an_oom_row():
    cell = SPEC.cells[0]
    lost = Measured("cell", cell, Samples(), "torch", "oom", "CUDA out of memory")
    row = cell_row(SPEC, cell, lost, Probe("ok", 5, 0.1, "rough"), None)
    assert (row["outcome"], row["message"]) == ("oom", "CUDA out of memory; rough")
    assert row["median_s"] is None


def test_a_rate_is_that_of_the_best_moment_and_a_null_is_held_against_its_twin():
    cell, rounds = SPEC.cells[0], list(range(6))
    samples = Samples([0.01] + [0.03] * 5, rounds, walls=[0.03] * 6)
    known = {kind: rate_row(SPEC, cell, kind, Measured(kind, None, samples)) for kind in RATES}
    rates = rates_of(known)
    assert rates is not None
    assert rates.gemm_flops_per_s == pytest.approx(2 * 1024**3 / 0.01)
    assert rates.copy_bytes_per_s == pytest.approx(2 * (1 << 27) / 0.01)
    first, again = Samples([1.0] * 6, rounds), Samples([1.1] * 6, rounds)
    row = null_row({"label": "softmax"}, again, first)
    assert row["ratio"] == pytest.approx(1.1)
    uneven = Samples([3.0, 2.0, 1.0], [2, 1, 0])
    kept = null_row({"label": "softmax"}, uneven, Samples([1.0, 4.0, 1.0], [0, 1, 2]))
    assert kept["ratios"] == [3.0, 0.5, 1.0]
    again = summary(kept["ratios"])
    assert (again.median, again.low, again.high) == (
        kept["ratio"], kept["ratio_low"], kept["ratio_high"],
    )  # fmt: skip
    assert rates_of({"gemm": known["gemm"]}) is None


def test_the_time_left_follows_the_pace_of_what_is_done():
    now = [0.0]
    eta = Eta({"a": 2.0, "b": 4.0, "c": 4.0}, 5, lambda: now[0])
    assert (eta.finished, eta.total, eta.seconds_left()) == (2, 5, 10.0)
    now[0] = 6.0  # three times slower than expected
    eta.done("a")
    assert eta.finished == 3
    assert eta.seconds_left() == pytest.approx(24.0)
    eta.done("b")
    eta.done("c")
    assert eta.seconds_left() == 0


def test_a_sweep_runs_no_torch_operation_in_its_own_process(monkeypatch):
    """A page's server may be where it runs: no thread pool, no device, no work there."""
    monkeypatch.setattr(torch, "randn", lambda *a, **k: pytest.fail("made a tensor here"))
    monkeypatch.setattr(torch, "rand", lambda *a, **k: pytest.fail("made a tensor here"))
    assert rows(events_of(replace(SPEC, lengths=(64,))))
