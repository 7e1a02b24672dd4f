"""Our clock beside torch's: medians of both on the same callables, and how often a method's null says "equal".

`python -m benchmarks.blocked_autorange [--methods a,b] [--lengths 512,2048] [--null 20]`. torch's timer measures
one callable after the other, ours all of them in turn, so the two are also asked in turn; on a busy machine they
differ by what others do, and such rows are not counted. `--null` runs that many small sweeps and counts those
whose A/A interval contains 1.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from statistics import median

import torch
from torch.utils.benchmark import Timer

from attn_core.timing.clock import Contender, measure
from attn_core.timing.spec import Choice, SweepSpec
from attn_core.timing.statistics import summary
from attn_core.timing.sweep import Event, RowReady, run_sweep
from attn_core.timing.workload import build, contender, make_inputs
from benchmarks.machine import THREADS, busy_cores, settle

METHODS = "softmax,flash,nystromformer,performer,kernelized,longformer"
LENGTHS = "256,1024,4096"
TURNS, PATIENCE_S, QUIET_CORES = 5, 10.0, 0.25


def contenders(spec: SweepSpec, length: int) -> list[Contender]:
    cells = [cell for cell in spec.cells if cell.queries == length]
    inputs = make_inputs(spec, cells[0])
    return [contender(spec, cell, inputs, build(spec, cell)) for cell in cells]


def theirs(one: Contender, seconds: float, threads: int) -> float:
    def call() -> None:
        if one.prepare is not None:
            one.prepare()
        one.run()

    timer = Timer("call()", globals={"call": call}, num_threads=threads)
    return timer.blocked_autorange(min_run_time=seconds).median


def agreement(spec: SweepSpec) -> list[float]:
    """Prints a table and gives the ratios, ours over theirs, of what was measured on a quiet machine."""
    print(f"{'method':<16} {'N':>6} {'ours ms':>10} {'theirs ms':>10} {'ratio':>7}  busy cores")
    ratios = []
    for length in spec.lengths:
        made = contenders(spec, length)
        busy = 0.0
        ours: list[list[float]] = [[] for _ in made]
        other: list[list[float]] = [[] for _ in made]
        for _ in range(TURNS):
            busy = max(busy, settle(PATIENCE_S))
            found = measure(made, seconds=spec.seconds, precision=spec.precision)
            for mine, samples in zip(ours, found, strict=True):
                mine.append(summary(samples.values).median)
            for their, one in zip(other, made, strict=True):
                their.append(theirs(one, spec.seconds, spec.threads or THREADS))
            busy = max(busy, busy_cores())
        for one, mine, their in zip(made, ours, other, strict=True):
            # Turn by turn, as the two were asked: a machine that changes its pace between turns then cancels.
            ratio = median(a / b for a, b in zip(mine, their, strict=True))
            print(
                f"{one.name:<16} {length:>6,} {median(mine) * 1e3:>10.3f} "
                f"{median(their) * 1e3:>10.3f} {ratio:>7.3f}  {busy:.2f}"
            )
            if busy <= QUIET_CORES:
                ratios.append(ratio)
    return ratios


def nulls(spec: SweepSpec, sweeps: int) -> tuple[int, int]:
    """Of how many sweeps the null's interval contains 1, at every length of the sweep counted by itself."""
    held, total = 0, 0

    def look(event: Event) -> None:
        nonlocal held, total
        if isinstance(event, RowReady) and event.kind == "null":
            row = event.row
            inside = row["ratio_low"] <= 1.0 <= row["ratio_high"]
            held, total = held + inside, total + 1
            print(
                f"{event.key:<14} {row['label']:<14} {row['ratio']:.3f} "
                f"({row['ratio_low']:.3f} to {row['ratio_high']:.3f}) {'' if inside else 'without 1'}"
            )

    for number in range(sweeps):
        run_sweep(replace(spec, seed=number), emit=look)
    return held, total


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.blocked_autorange")
    parser.add_argument("--methods", default=METHODS, help=f"default: {METHODS}")
    parser.add_argument("--lengths", default=LENGTHS, help=f"default: {LENGTHS}")
    parser.add_argument("--pass", dest="which", default="forward")
    parser.add_argument("--seconds", type=float, default=0.3)
    parser.add_argument("--threads", type=int, default=THREADS)
    parser.add_argument("--null", type=int, default=0, metavar="SWEEPS", help="only the null")
    options = parser.parse_args(arguments)
    spec = SweepSpec(
        tuple(Choice(name) for name in options.methods.split(",")),
        tuple(int(length) for length in options.lengths.split(",")),
        which=options.which,
        threads=options.threads,
        seconds=options.seconds,
    )
    if options.null:
        held, total = nulls(spec, options.null)
        print(f"the interval contains 1 in {held} of {total}")
        return
    torch.set_num_threads(options.threads)
    ratios = agreement(spec)
    near = sum(abs(ratio - 1) <= 0.05 for ratio in ratios)
    print(f"{near} of {len(ratios)} measured on a quiet machine agree within 5 %")


if __name__ == "__main__":
    main()
