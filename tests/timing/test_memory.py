"""Peak memory of a cell: really measured in a child, and every way it can fail is an outcome."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from dataclasses import replace

import pytest

from attn_core.timing import memory
from attn_core.timing.memory import peak
from attn_core.timing.spec import Choice, SweepSpec

MIB = 1 << 20
SPEC = SweepSpec((Choice("softmax"),), (1024,), heads=4, head_dim=32, threads=1)


def probe(method: str = "softmax", **changes):
    spec = replace(SPEC, methods=(Choice(method),), **changes)
    return peak(spec, spec.cells[0])


def test_softmax_holds_its_matrices_and_flash_does_not():
    matrix = 4 * 1024**2 * 4
    dense, fused = probe("softmax"), probe("flash")
    assert (dense.outcome, fused.outcome) == ("ok", "ok")
    assert dense.peak_bytes is not None and fused.peak_bytes is not None
    assert 1.9 * matrix < dense.peak_bytes < 2.6 * matrix
    assert fused.peak_bytes < 0.3 * matrix
    assert dense.first_s is not None and dense.first_s > 0


def test_a_backward_pass_holds_more():
    forward, both = probe(), probe(which="forward+backward")
    assert forward.peak_bytes is not None and both.peak_bytes is not None
    assert both.peak_bytes > 1.2 * forward.peak_bytes


@pytest.mark.parametrize(
    ("method", "changes", "says"),
    [
        ("linformer", {"role": "decoder"}, "linformer: the decoder role"),
        ("ssd", {}, "ssd: the encoder role"),
        ("longformer", {"role": "cross"}, "longformer: the cross role"),
        ("bigbird", {"role": "cross", "keys": 512}, "bigbird: the cross role"),
    ],
)
def test_a_methods_refusal_is_unsupported_in_its_own_words(method: str, changes: dict, says: str):
    found = probe(method, **changes)
    assert found.outcome == "unsupported"
    assert found.message.startswith(says)
    assert found.peak_bytes is None


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_probe_killed_from_outside_is_out_of_memory():
    def kill_the_child() -> bool:
        for child in multiprocessing.active_children():
            if child.pid is not None:
                os.kill(child.pid, signal.SIGKILL)
        return False

    found = peak(SPEC, SPEC.cells[0], kill_the_child)
    assert found.outcome == "oom"
    assert "SIGKILL" in found.message
    assert found.peak_bytes is None


def test_a_first_call_longer_than_allowed_is_a_timeout():
    spec = replace(SPEC, lengths=(16384,), heads=1, timeout=0.1)
    found = peak(spec, spec.cells[0])
    assert found.outcome == "timeout"
    assert found.message == "first call: not done after 0.1 s"


def test_a_stopped_probe_is_cancelled():
    assert peak(SPEC, SPEC.cells[0], lambda: True).outcome == "cancelled"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_what_was_resident_and_given_back_before_does_not_count():
    before = bytearray(os.urandom(1)) * (96 * MIB)
    del before
    meter = memory._resident_meter()
    during = bytearray(os.urandom(1)) * (16 * MIB)
    taken, message = meter()
    assert taken is not None
    assert 15 * MIB < taken < 48 * MIB
    assert message == "" and len(during) == 16 * MIB


@pytest.mark.skipif(sys.platform == "win32", reason="no resource module on Windows")
def test_where_the_high_water_mark_cannot_be_reset_it_says_so(monkeypatch):
    monkeypatch.setattr(memory, "CLEAR", memory.Path("/nowhere"))
    taken, message = memory._resident_meter()()
    assert taken is not None
    assert "cannot reset" in message
