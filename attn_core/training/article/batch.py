"""The article's data: four sentence pairs padded to N tokens, and noise in place of their English half."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import torch
from torch import Tensor

PAD, END = 0, 1


class Pair(Protocol):
    @property
    def fr(self) -> str: ...


class Tokenizer(Protocol):
    @property
    def size(self) -> int: ...

    def encode(self, text: str, /) -> list[int]: ...


@dataclass(frozen=True)
class Batch:
    """`noise` (B, N, d) for the encoder, `labels` (B, N), and `tokens`, the same as places in `words`: the distinct
    tokens that occur at any length."""

    noise: Tensor
    labels: Tensor
    tokens: Tensor
    words: Tensor

    @property
    def length(self) -> int:
        return self.labels.shape[1]

    @cached_property
    def groups(self) -> tuple[Tensor, Tensor]:
        """Which (sentence, token) each position has, numbered, (B·N,), and one position of each group.

        The exact teacher has no positions and no causal mask: with dropout off its answer depends on nothing else.
        At N = 2,048 that leaves about a hundred different answers of 8,192.
        """
        sentence = torch.arange(len(self.tokens), device=self.tokens.device)[:, None]
        pairs = (sentence * len(self.words) + self.tokens).flatten()
        _, group = pairs.unique(return_inverse=True)
        # Written backwards, so that each group's first position is what stays.
        first = torch.zeros(int(group.max()) + 1, dtype=torch.long)
        first[group.cpu().flip(0)] = torch.arange(len(group) - 1, -1, -1)
        return group, first.to(group.device)


def make_batches(
    pairs: Sequence[Pair],
    tokenizer: Tokenizer,
    lengths: Sequence[int],
    width: int,
    seed: int,
    device: str,
) -> dict[int, Batch]:
    """The same pairs at every length: cut or padded, the end mark always kept."""
    if not pairs:
        raise ValueError("article: the data has no sentence pair, at least 1 is needed")
    labels = {n: torch.tensor([_padded(tokenizer, one.fr, n) for one in pairs]) for n in lengths}
    words = torch.cat([found.flatten() for found in labels.values()]).unique()
    batches = {}
    for length, found in labels.items():
        generator = torch.Generator().manual_seed(seed * 1_000_003 + length)
        noise = torch.randn(*found.shape, width, generator=generator)
        tokens = torch.searchsorted(words, found)
        made = (noise, found, tokens, words)
        batches[length] = Batch(*(one.to(device) for one in made))
    return batches


def _padded(tokenizer: Tokenizer, text: str, length: int) -> list[int]:
    ids = [*tokenizer.encode(text)[: length - 1], END]
    return ids + [PAD] * (length - len(ids))
