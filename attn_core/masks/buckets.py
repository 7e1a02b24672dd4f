"""The anatomy of one head's buckets: which tokens share a chunk, or follow it, in each round of hashing."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from attn_core.masks.anatomy import Anatomy, Bits
from attn_core.methods.reformer import BucketPattern


class BucketAnatomy(Anatomy):
    ordered = False

    def __init__(self, pattern: BucketPattern, tokens: int, head: int = 0) -> None:
        rounds = [f"round {number + 1}" for number in range(len(pattern.chunk_of))]
        super().__init__(pattern.queries, tokens, pattern.causal, [*rounds, "alone"])
        self.chunks = [chunk[0, head, :tokens].long().contiguous() for chunk in pattern.chunk_of]
        self.alone = pattern.alone[0, head, :tokens]
        self.members = [_members(chunk, tokens) for chunk in self.chunks]

    def coverage(self, rows: slice) -> tuple[Tensor, Tensor]:
        """Pair by pair, a pair counting for the round in which it meets first."""
        i = torch.arange(self.tokens)[rows][:, None]
        by_part = torch.zeros(len(self.parts), self.tokens, dtype=torch.long)
        for number, (chunk, members) in enumerate(zip(self.chunks, self.members, strict=True)):
            keys = members[chunk[rows]]
            meets = (keys >= 0) & ((keys < i) if self.causal else (keys != i))
            for earlier in self.chunks[:number]:
                meets &= ~_near(earlier[i] - earlier[keys])
            by_part[number] = torch.bincount(keys[meets], minlength=self.tokens)
        by_part[-1, rows] = self.alone[rows].long()
        return by_part, by_part.sum(0)

    def image(self, rows: Tensor) -> Tensor:
        """Tokens alone see themselves, as the residual makes all do; what follows adds the others."""
        seen = rows & self.alone
        position = torch.arange(self.tokens)
        for chunk in self.chunks:
            # The latest of the tokens that looks into each chunk: from itself or from the one after it.
            latest = torch.full((int(chunk.max()) + 2,), -1)
            latest.scatter_reduce_(0, chunk[rows], position[rows], "amax")
            earliest = torch.full_like(latest, self.tokens)
            earliest.scatter_reduce_(0, chunk[rows], position[rows], "amin")
            latest = torch.maximum(latest[:-1], latest[1:])[chunk]
            earliest = torch.minimum(earliest[:-1], earliest[1:])[chunk]
            # Nobody meets itself: someone must look who is another, and later where time runs.
            seen |= (latest > position) | (~torch.tensor(self.causal) & (earliest < position))
        return seen

    def gather(self, bits: Bits) -> Bits:
        found = bits.copy()
        for chunk, members in zip(self.chunks, self.members, strict=True):
            own = chunk.numpy()
            table = members.numpy()
            if self.causal:
                found |= _past(bits, own, table)
            else:
                read = np.where((table >= 0)[..., None], bits[table], 0)
                found |= np.bitwise_or.reduce(read, axis=1)[own]
        return found

    def holders(self, i: int, j: int) -> tuple[str, ...]:
        if max(i, j) >= self.tokens:
            return ()
        if i == j:
            return ("alone",) if bool(self.alone[i]) else ()
        met = [bool(_near(chunk[i] - chunk[j])) for chunk in self.chunks]
        in_time = j < i or not self.causal
        return tuple(part for part, here in zip(self.parts, met, strict=False) if here and in_time)


def _near(gap: Tensor) -> Tensor:
    """A chunk sees itself and the one before it."""
    return (gap == 0) | (gap == 1)


def _members(chunk: Tensor, tokens: int) -> Tensor:
    """(chunks, 2 × most): the tokens of the chunk before and its own, -1 in empty places."""
    order = chunk.argsort(stable=True)
    sizes = torch.bincount(chunk)
    within = torch.arange(tokens) - (sizes.cumsum(0) - sizes)[chunk[order]]
    own = torch.full((len(sizes), int(sizes.max())), -1)
    own[chunk[order], within] = order
    before = torch.cat([torch.full_like(own[:1], -1), own[:-1]])
    return torch.cat([before, own], 1)


def _past(bits: Bits, chunk: np.ndarray, members: np.ndarray) -> Bits:
    """Of every token, the bits of those members of its chunks that come earlier in the text."""
    tokens = len(bits)
    table = np.sort(np.where(members < 0, tokens, members), axis=1)
    read = np.concatenate([bits, np.zeros_like(bits[:1])])[table]
    running = np.bitwise_or.accumulate(read, axis=1)
    rank = (table[chunk] < np.arange(tokens)[:, None]).sum(1)
    return np.where((rank > 0)[:, None], running[chunk, np.maximum(rank - 1, 0)], 0)
