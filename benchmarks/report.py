"""docs/benchmarks.md, rendered from the stored JSON alone: nothing is measured, added or rounded up here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.results import read
from benchmarks.sections import SECTIONS

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "benchmarks.md"
Stored = dict[str, Any]

INTRODUCTION = """# Benchmarks

Written by `make bench` (`python -m benchmarks`) from `benchmarks/results/latest.json`; do not edit.

Both sides of a comparison run in one process on the same inputs and threads, in the order A B B A …; the ratio
is the peer's time over ours, taken pair by pair: its median, and the 20th to 80th percentile. Times are medians.
fp32, batch 1, 8 heads of width 64. Forward runs without gradients in evaluation mode; forward+backward computes
the gradients of inputs and parameters in training mode, without dropout. A layer row includes projections on both
sides, with the same weights; an operator row starts from q, k and v.
"""


def machine_line(environment: dict[str, Any]) -> str:
    peers = ", ".join(f"{name} {version}" for name, version in environment["peers"].items())
    device = f", {environment['gpu']}" if "gpu" in environment else ""
    return (
        f"{environment['processor']}{device}, {environment['vector_instructions']}, "
        f"{environment['threads']} threads; Python {environment['python']}, torch {environment['torch']}, "
        f"transformers {environment['transformers']}; {peers}."
    )


def render(stored: Stored) -> str:
    """The whole document; the machine is named once, or part by part where the parts differ."""
    lines = {
        part: machine_line(stored[part]["environment"]) for part in SECTIONS if part in stored
    }
    one_machine = len(set(lines.values())) == 1
    chunks = [INTRODUCTION]
    if one_machine:
        chunks.append(f"Measured on {next(iter(lines.values()))}\n")
    for part, line in lines.items():
        section = SECTIONS[part](stored[part]["rows"])
        chunks.append(section if one_machine else f"{section}\nMeasured on {line}\n")
    return "\n".join(chunks)


def write(results: Path, document: Path = DOCUMENT) -> None:
    document.parent.mkdir(exist_ok=True)
    document.write_text(render(read(results)))
