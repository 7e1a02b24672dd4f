"""What each translator costs: passes of the whole model timed in turn by the clock, memory by fresh children."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch

from attn_core.model.config import Seq2SeqConfig
from attn_core.model.seq2seq import Seq2Seq
from attn_core.timing.clock import TURN_S, Contender, measure, wall_clock
from attn_core.timing.cuda_clock import DeviceTimer
from attn_core.timing.failures import outcome_of
from attn_core.timing.memory import highest_during
from attn_core.timing.process import Alive, run_child
from attn_core.timing.row import Outcome
from attn_core.timing.statistics import enough, summary

SECONDS, PRECISION = 0.3, 0.03
FIRST_TOKEN = 3
PROBE_S = 600.0


@dataclass(frozen=True)
class Cost:
    """Seconds or bytes of one pass at batch 1; `low` and `high` are p20 and p80 of the times."""

    outcome: Outcome
    message: str = ""
    value: float | None = None
    low: float | None = None
    high: float | None = None


def times(
    models: Mapping[str, Seq2Seq],
    length: int,
    backward: bool,
    device: str,
    stop: Callable[[], bool],
) -> dict[str, Cost]:
    """Forward passes, or with the backward pass, of random tokens: a pass takes as long whatever they say."""
    contenders = []
    refused: dict[str, Cost] = {}
    for name, model in models.items():
        tokens = _tokens(model.config, length, device)
        run = partial(_both if backward else _forward, model, tokens)
        try:
            run()
        except (ValueError, RuntimeError, MemoryError) as problem:
            refused[name] = Cost(*outcome_of(problem))
            continue
        contenders.append(Contender(name, None, run))
    on_gpu = device == "cuda"
    found = measure(
        contenders,
        seconds=SECONDS,
        precision=PRECISION,
        timer=DeviceTimer() if on_gpu else wall_clock,
        stop=stop,
        turn_s=0.0 if on_gpu else TURN_S,
    )
    for contender, samples in zip(contenders, found, strict=True):
        if samples.problem is not None or not samples.values:
            problem = samples.problem or RuntimeError("no pass was timed")
            refused[contender.name] = Cost(*outcome_of(problem))
            continue
        known = summary(samples.values)
        said = f"median of {len(samples.values)} passes at batch 1, in turn with the other methods"
        said += "" if enough(len(samples.values)) else "; too few for a sure median"
        refused[contender.name] = Cost("ok", said, known.median, known.p20, known.p80)
    return {name: refused[name] for name in models if name in refused}


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
