"""After how many layers everyone reaches everyone, exactly.

Where every row sees one interval, the ends of what it hears are found by doubling. Else groups of rows that share what
they see are settled together, and what remains is followed as bits, some columns at a time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from attn_core.masks.anatomy import Anatomy, Bits, RunAnatomy
from attn_core.masks.reach import MOST_LAYERS, NEVER, arrivals, last_arrival
from attn_core.views import Progress, ignore_progress

# Bits for all take a moment up to so many tokens; beyond, so many groups of rows are tried before.
SHORT, MOST_GROUPS = 4_096, 8_000
# Columns of 64 tokens each that are followed together.
WORDS = 8


@dataclass(frozen=True)
class Everyone:
    """After how many layers all that a token may know has reached it, for every token: `layers`, or `never`. Where
    neither is known, it takes `at_least` so many; more than are followed are not looked for."""

    layers: int | None
    never: bool = False
    at_least: int = 0

    @property
    def known(self) -> bool:
        return self.never or self.layers is not None or self.at_least >= MOST_LAYERS

    @property
    def words(self) -> str:
        if self.never:
            return "never"
        return f"at least {self.at_least:,}" if self.layers is None else f"{self.layers:,}"


def everyone(
    anatomy: Anatomy, *, thorough: bool = True, on_progress: Progress | None = None
) -> Everyone:
    """After how many layers everyone reaches everyone; the past alone counts where time runs. What no shortcut
    decides at more than `SHORT` tokens is left open unless `thorough`."""
    band = _one_interval(anatomy)
    if band is not None:
        return _of_intervals(anatomy, *band)
    ends = [_last(anatomy, query) for query in {0, anatomy.tokens // 2, anatomy.tokens - 1}]
    if any(end == NEVER for end in ends):
        return Everyone(None, never=True)
    if None in ends:
        return Everyone(None, at_least=MOST_LAYERS)
    least = max(end for end in ends if end is not None)
    if anatomy.tokens > SHORT:
        found = _of_groups(anatomy, least) if anatomy.ordered else Everyone(None, at_least=least)
        if found.known or not thorough:
            return found
    return _of_bits(anatomy, MOST_LAYERS, on_progress or ignore_progress)


def _last(anatomy: Anatomy, query: int) -> int | None:
    """NEVER where the search ended without all, None where it was cut short."""
    arrived = arrivals(anatomy, query)
    end = last_arrival(anatomy, arrived, query)
    return NEVER if end is None and int(arrived.max()) < MOST_LAYERS else end


def _of_groups(anatomy: Anatomy, least: int) -> Everyone:
    """Rows that share keys which, some layers on, see everything, are settled together; others are split, down to
    single rows, whose own search says what they take."""
    groups = [(0, anatomy.tokens)]
    # What takes more layers takes more of each group, and is seldom settled in large ones.
    for _ in range(MOST_GROUPS // max(1, least) ** 2):
        start, stop = groups.pop()
        if not _settled(anatomy, start, stop, least - 1):
            if stop - start > 1:
                middle = (start + stop) // 2
                groups += [(middle, stop), (start, middle)]
            else:
                end = _last(anatomy, start)
                if end is None or end == NEVER:
                    return Everyone(None, never=end == NEVER, at_least=MOST_LAYERS)
                least = max(least, end)
        if not groups:
            return Everyone(least)
    return Everyone(None, at_least=least)


def _settled(anatomy: Anatomy, start: int, stop: int, more: int) -> bool:
    """Whether all that the rows see in common, after so many more layers, knows everything."""
    counts = anatomy.coverage(slice(start, stop))[1]
    known = counts == stop - start
    due = anatomy.tokens
    if anatomy.causal:
        # Of what lies inside the group, each row must see its own past itself.
        inside = torch.arange(start + 1, stop)
        if not bool((counts[start + 1 : stop] >= stop - inside).all()) and stop - start > 1:
            return False
        due = start + 1
    if stop - start == 1:
        known[start] = True
    fresh = known
    for _ in range(more):
        if bool(known[:due].all()):
            return True
        fresh = anatomy.image(fresh) & ~known
        known = known | fresh
    return bool(known[:due].all())


def _one_interval(anatomy: Anatomy) -> tuple[Tensor, Tensor, int] | None:
    """(low, high, prefix) where every row sees low ≤ j < high and nothing else, but for a prefix of the text that
    all see and that sees no further, as global tokens are where time runs."""
    if not isinstance(anatomy, RunAnatomy) or any(r.period > 1 for r in anatomy.runs):
        return None
    runs, prefix = [run for run in anatomy.runs if not run.repeats], 0
    if anatomy.causal and len(runs) == 2 and runs[1].part == "global":
        prefix, runs = int(runs[1].high.max()), runs[:1]
    low = torch.cat([_column(r.low.where(r.high > r.low, anatomy.tokens)) for r in runs], 1)
    high = torch.cat([_column(r.high.where(r.high > r.low, 0)) for r in runs], 1)
    length = (high - low).clamp_min(0).sum(1)
    if any(run.repeats for run in anatomy.runs) and not prefix:
        length -= sum(
            _column((r.high - r.low).clamp_min(0)).sum(1) for r in anatomy.runs if r.repeats
        )
    low, high = low.amin(1), high.amax(1)
    rising = bool((low.diff() >= 0).all() and (high.diff() >= 0).all())
    return (low, high - 1, prefix) if rising and torch.equal(high - 1 - low + 1, length) else None


def _column(x: Tensor) -> Tensor:
    return x.reshape(len(x), -1)


def _of_intervals(anatomy: Anatomy, low: Tensor, high: Tensor, prefix: int) -> Everyone:
    """The ends after L layers are those of the ends after one: doubled until all is seen, then taken back."""
    position = torch.arange(anatomy.tokens)
    low, high = low.minimum(position), high.maximum(position)
    top = position if anatomy.causal else torch.full_like(position, anatomy.tokens - 1)

    def full(ends: tuple[Tensor, Tensor]) -> bool:
        return bool((ends[0] <= prefix).all() and (ends[1] >= top).all())

    powers = [(low, high)]
    while not full(powers[-1]):
        last = powers[-1]
        powers.append((last[0][last[0]], last[1][last[1]]))
        if torch.equal(powers[-1][0], last[0]) and torch.equal(powers[-1][1], last[1]):
            return Everyone(None, never=True)
    ends, layers = (position, position), 0
    if anatomy.tokens == 1:
        return Everyone(0)
    # The prefix takes a layer to be heard, too.
    if full(ends):
        return Everyone(1)
    for power in reversed(range(len(powers))):
        further = powers[power][0][ends[0]], powers[power][1][ends[1]]
        if not full(further):
            ends, layers = further, layers + 2**power
    return Everyone(layers + 1)


def _of_bits(anatomy: Anatomy, most: int, report: Progress) -> Everyone:
    """Strips of columns, packed: bit j of row i says that token j has reached query i."""
    strips = range(0, anatomy.tokens, 64 * WORDS)
    slowest = 0
    for done, start in enumerate(strips, start=1):
        layers = _of_strip(anatomy, start, most)
        if layers is None or layers == NEVER:
            return Everyone(None, never=layers == NEVER, at_least=most)
        slowest = max(slowest, layers)
        report(done, len(strips))
    return Everyone(slowest)


def _of_strip(anatomy: Anatomy, start: int, most: int) -> int | None:
    bits = _own_bits(anatomy.tokens, start)
    if anatomy.causal:
        due = np.bitwise_or.accumulate(bits, axis=0)
    else:
        due = np.broadcast_to(np.bitwise_or.reduce(bits, axis=0), bits.shape)
    for layer in range(most + 1):
        if np.array_equal(bits & due, due):
            return layer
        before, bits = bits, anatomy.gather(bits)
        if np.array_equal(before, bits):
            return NEVER
    return None


def _own_bits(tokens: int, start: int) -> Bits:
    own = np.arange(start, min(start + 64 * WORDS, tokens))
    bits = np.zeros((tokens, -(-len(own) // 64)), dtype=np.uint64)
    bits[own, (own - start) // 64] = np.uint64(1) << ((own - start) % 64).astype(np.uint64)
    return bits
