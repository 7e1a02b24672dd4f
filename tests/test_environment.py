"""The environment says what a number was made on, and never touches CUDA to find out."""

import dataclasses
import subprocess
import sys

import pytest
import torch

from attn_core import environment
from attn_core.environment import Gpu, describe

GIB = 2**30


@pytest.fixture(autouse=True)
def forget_gpus():
    environment.gpus.cache_clear()
    yield
    environment.gpus.cache_clear()


def answer_with(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    def run(command, **options):
        assert options["timeout"] <= 5, "a page waits for this"
        return subprocess.CompletedProcess(command, 0, text, "")

    monkeypatch.setattr(environment.subprocess, "run", run)


def test_facts_are_those_of_this_process():
    found = describe()
    assert found.torch == torch.__version__
    assert found.threads == torch.get_num_threads()
    assert found.cores >= 1
    assert found.cpu
    assert found.cpu_capability == torch.backends.cpu.get_cpu_capability()
    assert "math" in found.sdpa_backends


def test_memory_is_in_bytes_and_free_is_not_more_than_total():
    found = describe()
    assert found.total_memory is not None
    assert found.available_memory is not None
    assert GIB // 4 < found.available_memory <= found.total_memory


def test_id_is_the_same_whatever_is_free_and_differs_for_other_software():
    found = describe()
    busy = dataclasses.replace(found, available_memory=1)
    other = dataclasses.replace(found, torch="0.0.1")
    assert busy.id == found.id
    assert other.id != found.id
    assert len(found.id) == 12


def test_id_is_the_same_in_another_process():
    code = (
        "import torch; torch.set_num_threads(1); from attn_core.environment import describe;"
        "print(describe().id)"
    )
    printed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert printed.stdout.strip() == describe().id


def test_a_process_that_leaves_cores_to_others_is_still_the_same_environment():
    program = (
        "import torch; from attn_core.environment import describe, leave_cores; torch.set_num_threads(4); "
        "before = describe().id; leave_cores(); leave_cores(); "
        "assert torch.get_num_threads() == 2 and describe().id == before and describe().threads == 4"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_gpus_are_read_from_the_driver(monkeypatch):
    answer_with(monkeypatch, "NVIDIA H200, 143771\nNVIDIA Odd, Name, 1024\n")
    found = describe()
    assert found.gpus == (Gpu("NVIDIA H200", 143771 * 2**20), Gpu("NVIDIA Odd, Name", GIB))
    assert "NVIDIA H200, 140 GiB" in found.line


def test_one_thread_is_no_threads():
    one, two = (dataclasses.replace(describe(), threads=many).line for many in (1, 2))
    assert ", 1 thread" in one and ", 1 threads" not in one and ", 2 threads" in two


def test_a_gpu_whose_memory_is_unknown_is_named_without_a_size(monkeypatch):
    answer_with(monkeypatch, "NVIDIA GB10, [N/A]\n")
    assert describe().gpus == (Gpu("NVIDIA GB10", 0),)
    assert ", 0 GiB" not in describe().line


@pytest.mark.parametrize(
    "failure",
    [
        FileNotFoundError("no nvidia-smi"),
        subprocess.TimeoutExpired("nvidia-smi", 3),
        subprocess.CalledProcessError(9, "nvidia-smi"),
    ],
)
def test_a_silent_driver_means_no_gpus(monkeypatch, failure):
    def run(*_args, **_options):
        raise failure

    monkeypatch.setattr(environment.subprocess, "run", run)
    assert describe().gpus == ()


def test_describing_creates_no_cuda_context(monkeypatch):
    def refuse(*_args, **_options):
        raise AssertionError("CUDA was initialised")

    monkeypatch.setattr(torch.cuda, "_lazy_init", refuse)
    monkeypatch.setattr(torch.cuda, "init", refuse)
    describe()
    assert not torch.cuda.is_initialized()


def test_a_containers_memory_limit_bounds_what_is_reported(monkeypatch, tmp_path):
    limit = tmp_path / "memory.max"
    limit.write_text(f"{GIB}\n")
    monkeypatch.setattr(environment, "MEMORY_LIMITS", (tmp_path / "absent", limit))
    total, available = environment.memory()
    assert total == GIB
    assert available is not None
    assert available <= GIB


def test_an_unlimited_container_reports_the_machines_memory(monkeypatch, tmp_path):
    unlimited = tmp_path / "memory.max"
    unlimited.write_text("max\n")
    before = environment.memory()[0]
    monkeypatch.setattr(environment, "MEMORY_LIMITS", (unlimited,))
    assert environment.memory()[0] == before
