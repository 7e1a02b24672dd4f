"""What each translator costs: passes of the whole model timed in turn by the clock, memory by fresh children."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import torch

from attn_core.model.config import Seq2SeqConfig
from attn_core.model.decoding import START, Decoder
from attn_core.model.seq2seq import Seq2Seq
from attn_core.timing.memory import highest_during
from attn_core.timing.process import Alive, run_child
from attn_core.training.passes import Cost, timed

SECONDS = 0.3
# A pass of decoding is longer than one forward pass, and gets more of them.
DECODING = 2
# How many tokens are decoded, whatever they are: with a stop at the end mark a model would be as fast as what it says.
DECODED = 32
FIRST_TOKEN = 3
PROBE_S = 600.0


def times(
    models: Mapping[str, Seq2Seq],
    length: int,
    backward: bool,
    device: str,
    stop: Callable[[], bool],
) -> dict[str, Cost]:
    """Forward passes, or with the backward pass, of random tokens at batch 1: what they say takes no time."""
    once = _both if backward else _forward
    passes = {
        name: partial(once, model, _tokens(model.config, length, device))
        for name, model in models.items()
    }
    return timed(passes, device, SECONDS, stop)


def decoding(
    models: Mapping[str, Seq2Seq], length: int, device: str, stop: Callable[[], bool]
) -> dict[str, Cost]:
    """Tokens a second of one text, each the likeliest after those before it; the source is encoded beforehand."""
    count = min(DECODED, length)
    passes = {
        name: Decoding(model, _tokens(model.config, length, device), count)
        for name, model in models.items()
    }
    found = timed(passes, device, DECODING * SECONDS, stop)
    return {name: _rate(one, count) for name, one in found.items()}


class Decoding:
    """One pass: always as many tokens, of the same source. The first call, which nobody times, encodes it."""

    def __init__(self, model: Seq2Seq, source: torch.Tensor, count: int) -> None:
        self.model, self.source, self.count = model, source, count
        self.memory: torch.Tensor | None = None

    @torch.no_grad()
    def __call__(self) -> None:
        if self.memory is None:
            self.memory = self.model.encode(self.source, None)
        decoder = Decoder(self.model, self.memory, None, self.count)
        tokens = torch.full_like(self.source[:, 0], START)
        for _ in range(self.count):
            tokens = decoder.step(tokens).argmax(-1)


def _rate(one: Cost, count: int) -> Cost:
    """The longest pass is the lowest rate."""
    if one.value is None or one.low is None or one.high is None:
        return one
    said = f"{one.message}; {count} tokens of one text in each, after its source was encoded"
    value, low, high = (count / x for x in (one.value, one.high, one.low))
    return replace(one, message=said, value=value, low=low, high=high)


def peak(config: Seq2SeqConfig, length: int, device: str, stop: Callable[[], bool]) -> Cost:
    """Memory of one forward pass beyond weights and tokens, in a process that may be lost."""
    found: list[tuple[int | None, str]] = []

    def receive(message: Any) -> None:
        if isinstance(message, tuple):
            found.append(message)

    end = run_child(
        _probe, config.to_json(), length, device, name="memory", receive=receive, stop=stop
    )
    if end.outcome is not None or not found:
        return Cost(end.outcome or "error", end.message or "nothing was measured")
    value, message = found[0]
    return Cost("ok", message or "of one forward pass at batch 1, beyond weights", value)


def _probe(send: Callable[[Any], None], config: str, length: int, device: str) -> None:
    """The child's side."""
    send(Alive("setting up", PROBE_S))
    made = Seq2SeqConfig.from_json(config)
    model = Seq2Seq(made).to(device).eval()
    _forward(model, _tokens(made, min(length, 32), device))
    tokens = _tokens(made, length, device)
    send(highest_during(partial(_forward, model, tokens), device))


@torch.no_grad()
def _forward(model: Seq2Seq, tokens: torch.Tensor) -> None:
    model(tokens, tokens)


def _both(model: Seq2Seq, tokens: torch.Tensor) -> None:
    model(tokens, tokens).square().mean().backward()
    model.zero_grad(set_to_none=True)


def _tokens(config: Seq2SeqConfig, length: int, device: str) -> torch.Tensor:
    generator = torch.Generator().manual_seed(length)
    size = (1, length)
    found = torch.randint(FIRST_TOKEN, config.vocabulary, size, generator=generator)
    return found.to(device)
