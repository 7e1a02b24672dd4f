"""Translating token by token: a decoder that remembers, and the choice of the likeliest next token."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

from attn_core.model.blocks import Convolution, DecoderBlock
from attn_core.model.cross_caches import source_for
from attn_core.model.seq2seq import Seq2Seq
from attn_core.model.states import state_for

START, END = 0, 1
# On a GPU, whether all have ended is asked every so many tokens: asking means waiting for it.
ASK_EVERY = 16

OnToken = Callable[[int, Tensor], None]
Stop = Callable[[], bool]


class RecentInputs:
    """The last inputs of a causal convolution."""

    def __init__(self, convolution: Convolution) -> None:
        self.weight, self.recent = convolution.weight, torch.empty(0)

    def step(self, x: Tensor) -> Tensor:
        """(B, 1, width) → (B, 1, width)"""
        if not self.recent.numel():
            self.recent = x.new_zeros(len(x), self.weight.shape[1], x.shape[2])
        self.recent = torch.cat([self.recent[:, 1:], x], 1)
        return torch.einsum("btc,ct->bc", self.recent, self.weight.to(x.dtype))[:, None]


class BlockState:
    """One decoder block in the middle of a text."""

    def __init__(
        self, block: DecoderBlock, memory: Tensor, keep: Tensor | None, capacity: int
    ) -> None:
        self.block = block
        self.own = state_for(block.self_attention.attention.op, capacity)
        self.source = source_for(block.cross_attention.attention, memory, keep)
        convolution = block.self_attention.convolution
        self.recent = None if convolution is None else RecentInputs(convolution)

    def step(self, x: Tensor, position: int) -> Tensor:
        own, cross = self.block.self_attention, self.block.cross_attention
        normed = own.norm(x)
        q = own.attention.queries(normed, position)
        k, v = own.attention.keys_and_values(normed, q, position)
        mixed = own.attention.joined(self.own.step(q, k, v))
        if self.recent is not None:
            mixed = mixed + self.recent.step(normed)
        x = x + mixed
        q = cross.attention.queries(cross.norm(x), position)
        x = x + cross.attention.joined(self.source.read(q))
        return x + self.block.feedforward(self.block.norm(x))

    def select(self, rows: Tensor) -> None:
        """Rows that trade places share their source, which may stay as it is."""
        self.own.select(rows)
        if self.recent is not None:
            self.recent.recent = self.recent.recent[rows]


class Decoder:
    """A decoder that takes one token per text at a time and remembers the rest."""

    def __init__(
        self, model: Seq2Seq, memory: Tensor, source_keep: Tensor | None, capacity: int
    ) -> None:
        model.target_positions.check(capacity)
        self.model, self.position, self.capacity = model, 0, capacity
        self.blocks = [
            BlockState(block, memory, source_keep, capacity) for block in model.decoder_blocks()
        ]

    @torch.no_grad()
    def step(self, tokens: Tensor) -> Tensor:
        """(B,) tokens → (B, V) logits of the next."""
        if self.position == self.capacity:
            raise ValueError(f"decoding: there is room for {self.capacity} tokens and no more")
        x = self.model.embedded(tokens[:, None], self.model.target_positions, self.position)
        for block in self.blocks:
            x = block.step(x, self.position)
        self.position += 1
        return self.model.logits(self.model.decoder_norm(x))[:, 0]

    def select(self, rows: Tensor) -> None:
        for block in self.blocks:
            block.select(rows)

    def elements(self) -> int:
        """Numbers remembered of the text so far, without the source."""
        recent = (block.recent for block in self.blocks)
        held = sum(one.recent.numel() for one in recent if one is not None)
        return held + sum(block.own.elements() for block in self.blocks)


@contextmanager
def evaluating(model: Seq2Seq) -> Iterator[None]:
    """Without dropout, whatever the model is doing."""
    training = model.training
    model.eval()
    try:
        yield
    finally:
        model.train(training)


def check_request(max_new: int) -> None:
    if type(max_new) is not int or max_new < 1:
        raise ValueError(f"decoding: max_new must be a whole number from 1, got {max_new!r}")


@torch.no_grad()
def greedy(
    model: Seq2Seq,
    source: Tensor,
    keep: Tensor | None,
    max_new: int,
    *,
    on_token: OnToken | None = None,
    stop: Stop | None = None,
) -> list[list[int]]:
    """The likeliest token at each step, up to </s> (left out) or `max_new` tokens. `on_token` gets each step and
    its tokens (B,), those of ended texts being padding; `stop` ends early when it says so."""
    return listed(greedy_path(model, source, keep, max_new, on_token=on_token, stop=stop)[0])


@torch.no_grad()
def greedy_path(
    model: Seq2Seq,
    source: Tensor,
    keep: Tensor | None,
    max_new: int,
    *,
    scored: bool = False,
    on_token: OnToken | None = None,
    stop: Stop | None = None,
) -> tuple[Tensor, Tensor]:
    """Tokens (B, steps), </s> and then padding included, and their log-probability (B,) if asked for."""
    check_request(max_new)
    with evaluating(model):
        decoder = Decoder(model, model.encode(source, keep), keep, max_new)
        tokens = torch.full_like(source[:, 0], START)
        ended = torch.zeros_like(tokens, dtype=torch.bool)
        score = torch.zeros(len(source), device=source.device)
        path: list[Tensor] = []
        for step in range(max_new):
            logits = decoder.step(tokens)
            tokens = logits.argmax(-1).masked_fill(ended, START)
            if scored:
                chosen = logits.float().log_softmax(-1).gather(1, tokens[:, None])[:, 0]
                score = score + chosen.masked_fill(ended, 0.0)
            path.append(tokens)
            ended = ended | (tokens == END)
            if on_token is not None:
                on_token(step, tokens)
            if all_ended(ended, step) or (stop is not None and stop()):
                break
    return torch.stack(path, 1), score


def all_ended(ended: Tensor, step: int) -> bool:
    if ended.is_cuda and (step + 1) % ASK_EVERY:
        return False
    return bool(ended.all())


def listed(tokens: Tensor) -> list[list[int]]:
    """Each row up to </s>."""
    rows = tokens.tolist()
    return [row[: row.index(END)] if END in row else row for row in rows]
