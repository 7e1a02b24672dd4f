"""What a number was computed or measured on: processor, memory, GPUs, and torch with its backends.

Every stored row and every exported figure carries this. Nothing here creates a CUDA context: the dashboard's
process asks too, and a context there would hold GPU memory that measurements need.
"""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import torch

GPU_QUERY = ("nvidia-smi", "--query-gpu=name,memory.total", "--format=csv,noheader,nounits")
GPU_QUERY_SECONDS = 3.0
CPUINFO = Path("/proc/cpuinfo")
MEMINFO = Path("/proc/meminfo")
# A container's own limit, for both versions of Linux control groups.
MEMORY_LIMITS = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)
# Free memory changes by the second; a machine's identity does not.
VOLATILE = ("available_memory",)


@dataclass(frozen=True)
class Gpu:
    """One device; its memory in bytes, 0 where the driver does not say."""

    name: str
    total_memory: int

    @property
    def line(self) -> str:
        return (
            f"{self.name}, {self.total_memory / 2**30:.0f} GiB" if self.total_memory else self.name
        )


@dataclass(frozen=True)
class Environment:
    """The facts that explain a timing; memory in bytes, None where the system does not say."""

    cpu: str
    cores: int
    threads: int
    total_memory: int | None
    available_memory: int | None
    gpus: tuple[Gpu, ...]
    torch: str
    python: str
    system: str
    cpu_capability: str
    math_libraries: tuple[str, ...]
    sdpa_backends: tuple[str, ...]

    @property
    def id(self) -> str:
        """Twelve characters, the same for the same machine and software, whatever is free just now."""
        facts = {key: value for key, value in asdict(self).items() if key not in VOLATILE}
        return hashlib.sha256(repr(sorted(facts.items())).encode()).hexdigest()[:12]

    @property
    def line(self) -> str:
        """One line for the foot of a figure."""
        memory = f", {self.total_memory / 2**30:.0f} GiB" if self.total_memory else ""
        devices = "".join(f" · {gpu.line}" for gpu in self.gpus)
        threads = f"{self.threads} {'thread' if self.threads == 1 else 'threads'}"
        return f"{self.cpu}, {threads}{memory}{devices} · torch {self.torch} · {self.id}"


_usual_threads: int | None = None


def leave_cores() -> None:
    """For a process that looks while others measure and train, and while a browser draws: half of torch's threads.
    `describe` goes on to say how many a measured process has."""
    global _usual_threads
    _usual_threads = _usual_threads or torch.get_num_threads()
    torch.set_num_threads(max(1, _usual_threads // 2))


def describe() -> Environment:
    """This process's environment, as it is now."""
    total, available = memory()
    return Environment(
        cpu=cpu_name(),
        cores=os.cpu_count() or 1,
        threads=_usual_threads or torch.get_num_threads(),
        total_memory=total,
        available_memory=available,
        gpus=gpus(),
        torch=torch.__version__,
        python=platform.python_version(),
        system=f"{platform.system()} {platform.release()} {platform.machine()}",
        cpu_capability=torch.backends.cpu.get_cpu_capability(),
        math_libraries=math_libraries(),
        sdpa_backends=sdpa_backends(),
    )


@cache
def cpu_name() -> str:
    if CPUINFO.exists():
        for line in CPUINFO.read_text().splitlines():
            key, _, value = line.partition(":")
            if key.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine() or "unknown processor"


def memory() -> tuple[int | None, int | None]:
    """Total and available bytes, held to the container's limit where there is one."""
    total = _physical_memory()
    available = _meminfo("MemAvailable")
    limit = _memory_limit()
    if limit is not None:
        total = limit if total is None else min(total, limit)
        available = None if available is None else min(available, total)
    return total, available


def _physical_memory() -> int | None:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError, AttributeError):  # not every system names these, or has sysconf
        return None


def _meminfo(field: str) -> int | None:
    if not MEMINFO.exists():
        return None
    for line in MEMINFO.read_text().splitlines():
        key, _, value = line.partition(":")
        if key == field:
            return int(value.split()[0]) * 1024
    return None


def _memory_limit() -> int | None:
    for path in MEMORY_LIMITS:
        if path.exists():
            text = path.read_text().strip()
            return int(text) if text.isdigit() else None
    return None


@cache
def gpus() -> tuple[Gpu, ...]:
    """NVIDIA devices by way of the driver's own tool: torch would have to create a context to tell."""
    try:
        found = subprocess.run(
            GPU_QUERY, capture_output=True, text=True, timeout=GPU_QUERY_SECONDS, check=True
        )
    except (OSError, subprocess.SubprocessError):  # no driver, no device, or it does not answer
        return ()
    rows = (line.rsplit(",", 1) for line in found.stdout.splitlines() if "," in line)
    return tuple(Gpu(name.strip(), _mebibytes(size)) for name, size in rows)


def _mebibytes(text: str) -> int:
    """Zero where the driver answers "[N/A]", as it does for parts that share the host's memory."""
    return int(text) * 2**20 if text.strip().isdigit() else 0


def math_libraries() -> tuple[str, ...]:
    present = {
        "MKL": torch.backends.mkl.is_available(),
        "oneDNN": torch.backends.mkldnn.is_available(),
        "OpenMP": torch.backends.openmp.is_available(),
    }
    return tuple(name for name, available in present.items() if available)


def sdpa_backends() -> tuple[str, ...]:
    """The kernels torch may choose from for exact attention; which one it takes depends on the call."""
    enabled = {
        "flash": torch.backends.cuda.flash_sdp_enabled(),
        "memory-efficient": torch.backends.cuda.mem_efficient_sdp_enabled(),
        "cudnn": torch.backends.cuda.cudnn_sdp_enabled() and torch.backends.cuda.is_built(),
        "math": torch.backends.cuda.math_sdp_enabled(),
    }
    return tuple(name for name, on in enabled.items() if on)
