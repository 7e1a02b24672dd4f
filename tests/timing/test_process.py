"""Children: what they send arrives, and however they end, it is seen and told."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import torch

from attn_core.timing.process import End, run_child
from tests.timing import children

# Real processes, a few seconds each.
pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
ON_LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")


def run(work: Any, *arguments: Any, stop: Any = lambda: False) -> tuple[End, list[Any]]:
    sent: list[Any] = []
    end = run_child(work, *arguments, name="test", receive=sent.append, stop=stop)
    return end, sent


def test_everything_a_child_sends_arrives_in_order():
    end, sent = run(children.count, 500)
    assert end == End()
    assert sent == list(range(500))


@pytest.mark.parametrize(
    ("problem", "outcome", "says"),
    [
        (ValueError("linformer: no"), "unsupported", "linformer: no"),
        (MemoryError(), "oom", "MemoryError"),
        (torch.OutOfMemoryError("CUDA out of memory. Tried"), "oom", "Tried"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you"), "oom", "you"),
        (RuntimeError("shapes\nand a trace"), "error", "RuntimeError: shapes"),
        (KeyError("x"), "error", "KeyError: 'x'"),
    ],
)
def test_what_a_child_raises_is_its_outcome(problem: Exception, outcome: str, says: str):
    end, sent = run(children.refuse, problem)
    assert sent == ["before"]
    assert end.outcome == outcome
    assert end.message.endswith(says)


def test_a_killed_child_ran_out_of_memory_as_far_as_anyone_can_tell():
    end, sent = run(children.end_by_signal, signal.SIGKILL)
    assert end.outcome == "oom"
    assert "SIGKILL" in end.message
    assert sent == ["before"]


def test_other_ends_are_errors_that_say_how():
    assert run(children.end_by_signal, signal.SIGSEGV)[0] == End(
        "error", "its process was ended by SIGSEGV"
    )
    assert run(children.leave)[0] == End("error", "its process ended early, with exit code 3")


def test_a_child_that_keeps_silent_for_too_long_is_ended():
    end, _ = run(children.hang, 0.2)
    assert end == End("timeout", "hanging: not done after 0.2 s")
    assert multiprocessing.active_children() == []


def test_stop_ends_a_hanging_child():
    polls: list[bool] = []

    def stop() -> bool:
        polls.append(True)
        return len(polls) > 5

    end, _ = run(children.hang, stop=stop)
    assert end.outcome == "cancelled"
    assert len(polls) == 6
    assert multiprocessing.active_children() == []


def test_a_child_that_ends_because_all_are_told_to_is_cancelled_not_lost():
    told: list[bool] = []

    def stop() -> bool:
        """Says so only after the child is gone, as when one signal reaches both."""
        children = multiprocessing.active_children()
        for child in children:
            if child.pid is not None:
                os.kill(child.pid, signal.SIGKILL)
        told.append(not children)
        return told[-1] and len(told) > 1

    assert run(children.hang, stop=stop)[0].outcome == "cancelled"


@ON_LINUX
def test_a_child_goes_first_when_memory_runs_out_and_leaves_ctrl_c_to_its_parent():
    _, (facts,) = run(children.tell_about_itself)
    assert facts["pid"] != os.getpid()
    assert facts["oom_score"] == "1000"
    assert facts["ignores_interrupts"]


SCRIPT = """
import os, sys, threading, time
print("main runs", flush=True)
from attn_core.timing.process import run_child
from tests.timing import children
def told(message):
    print(os.getpid(), flush=True)
run_child(children.{work}, name="test", receive=told, stop=lambda: False)
"""


@ON_LINUX
def test_a_child_does_not_run_the_callers_script_again(tmp_path: Path):
    script = tmp_path / "script.py"
    script.write_text(SCRIPT.format(work="tell_about_itself"))
    done = subprocess.run(
        [sys.executable, str(script)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.count("main runs") == 1


@ON_LINUX
def test_a_child_dies_with_its_parent(tmp_path: Path):
    script = tmp_path / "script.py"
    script.write_text(SCRIPT.format(work="hang"))
    parent = subprocess.Popen(
        [sys.executable, str(script)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        start_new_session=True,
        text=True,
    )
    assert parent.stdout is not None
    assert parent.stdout.readline() == "main runs\n"
    parent.stdout.readline()  # the child hangs by now
    assert len(in_session(parent.pid)) >= 3  # itself, the fork server, and the child
    parent.kill()
    parent.wait()
    parent.stdout.close()
    given_up = time.monotonic() + 60
    while in_session(parent.pid) and time.monotonic() < given_up:
        time.sleep(0.05)
    assert in_session(parent.pid) == []


def in_session(session: int) -> list[int]:
    """Processes of that session that are still alive."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        if int(fields[3]) == session and fields[0] != "Z":
            found.append(int(path.parent.name))
    return found
