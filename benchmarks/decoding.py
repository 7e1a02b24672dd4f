"""`python -m benchmarks.decoding`: tokens per second of a decoder at ever later positions of a text.

A method that decodes with sums of a fixed size is as fast at position 8,192 as at 64; one that keeps keys reads
more of them with every token.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from statistics import median

import torch
from torch import Tensor

from attn_core.model import Attention, Decoder, Seq2Seq, Seq2SeqConfig, decoding_state
from attn_core.model.caches import Cache
from benchmarks.clock import Budget, Side, Task, interleave
from benchmarks.machine import THREADS, use_threads

METHODS = "flash,kernelized,performer,ssd"
POSITIONS = "64,512,2048,8192"
SOURCE, VOCABULARY = 64, 4000
# Steps a decoder may take once it stands where it is measured.
ROOM = 64


def standing_at(method: str, position: int, batch: int) -> Decoder:
    """A decoder in the middle of a text. What its caches hold does not matter for the time, so the way there
    is not walked."""
    config = Seq2SeqConfig(VOCABULARY, decoder=Attention(method))
    model = Seq2Seq(config).eval()
    memory = torch.randn(batch, SOURCE, config.width)
    decoder = Decoder(model, memory, None, position + ROOM)
    decoder.step(torch.zeros(batch, dtype=torch.long))
    for block in decoder.blocks:
        if isinstance(block.own, Cache):
            block.own.length = position
    decoder.position = position
    return decoder


def task(decoder: Decoder, batch: int) -> Task:
    def step(tokens: Tensor) -> Tensor:
        return decoder.step(tokens.long())

    return Task(Side(step), (torch.zeros(batch),), "forward")


def measure(
    methods: Sequence[str], positions: Sequence[int], batch: int, budget: Budget
) -> Iterator[tuple[int, list[float], list[int]]]:
    """Per position: tokens per second and numbers remembered, of every method. The methods take turns."""
    for position in positions:
        decoders = [standing_at(method, position, batch) for method in methods]
        samples = interleave([task(decoder, batch) for decoder in decoders], budget)
        rates = [batch / median(seconds) for seconds in samples]
        yield position, rates, [decoder.elements() for decoder in decoders]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.decoding")
    parser.add_argument("--methods", default=METHODS, help=f"default: {METHODS}")
    parser.add_argument("--positions", default=POSITIONS, help=f"default: {POSITIONS}")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=5.0, help="per position")
    parser.add_argument("--threads", type=int, default=THREADS)
    options = parser.parse_args(arguments)
    use_threads(options.threads)
    methods = options.methods.split(",")
    positions = [int(position) for position in options.positions.split(",")]
    print(f"{'position':>8}", *(f"{name} ({decoding_state(name)})".rjust(34) for name in methods))
    budget = Budget(turns=ROOM - 4, seconds=options.seconds)
    for position, rates, held in measure(methods, positions, options.batch, budget):
        cells = zip(rates, held, strict=True)
        shown = (f"{rate:,.0f} tokens/s, {count:,} held".rjust(34) for rate, count in cells)
        print(f"{position:>8}", *shown, flush=True)


if __name__ == "__main__":
    main()
