"""What a study measures next: what is missing of the spreads, then what promises most for its time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from attn_core.timing.row import TIMED
from attn_core.tradeoff.plan import Known, Point
from attn_core.tradeoff.sampling import promising, spread

# A batch has few points, so that the next one knows more.
MOST_OF_A_BATCH = 16
# What takes less is no measure for a machine that drifts.
STEADY_S = 0.005


@dataclass(frozen=True)
class Agenda:
    """The grid of a study over its lengths, and what is known of it, which grows."""

    lengths: Sequence[int]
    points: Sequence[Point]
    known: Known
    # Wanted whether they belong to a front or not: what is cheap after the spreads, the rest when nothing is left.
    cheap: Sequence[Point] = ()
    rest: Sequence[Point] = ()

    def at(self, length: int) -> list[Point]:
        return [point for point in self.points if point.length == length]

    def batches(self) -> Iterator[list[Point]]:
        """What to measure next, the most urgent first: what is missing of the spreads, then at each length the points
        that promise most for their time; what is wanted besides where its cost allows."""
        for length in self.lengths:
            # Methods without a budget first: what others are held against.
            parts = [sorted(missing, key=_varied) for missing in self.unspread(length)]
            if parts:
                yield list(chain.from_iterable(parts))
        for wanted in (self.cheap, self.worth(), self.rest):
            missing = [point for point in wanted if point.key not in self.known.cells]
            for length in dict.fromkeys(point.length for point in missing):
                yield [point for point in missing if point.length == length][:MOST_OF_A_BATCH]

    def unspread(self, length: int) -> list[list[Point]]:
        """What is missing of each part of a length's spread, without the parts that are complete."""
        here = self.at(length)
        parts = []
        for part in spread([point.place for point in here]):
            names = {place.name for place in part}
            parts.append(
                [p for p in here if p.place.name in names and p.key not in self.known.cells]
            )
        return [missing for missing in parts if missing]

    def worth(self) -> list[Point]:
        """Points that may belong to a front, by what hangs on each for its time."""
        found: list[tuple[float, Point]] = []
        for length in self.lengths:
            here = self.at(length)
            by_name = {point.place.name: point for point in here}
            seen, failed = self.known.seen(here), self.known.failed(here)
            for guess in promising([point.place for point in here], seen, failed):
                point = by_name[guess.place.name]
                if point.key not in self.known.cells:
                    found.append((guess.gain / max(point.seconds, 1e-3), point))
        return [point for _, point in sorted(found, key=lambda one: -one[0])]

    def anchor(self, length: int) -> Point | None:
        """The quickest that is not so quick that its own noise would tell; of quicker ones alone the slowest."""
        timed = [
            (row["median_s"], point.key, point)
            for point in self.at(length)
            if (row := self.known.cells.get(point.key)) is not None and row["outcome"] in TIMED
        ]
        steady = [one for one in timed if one[0] >= STEADY_S]
        return min(steady)[-1] if steady else max(timed)[-1] if timed else None

    def open(self) -> set[str]:
        """The keys of points that may still belong to a front."""
        not_begun = {
            point.key for n in self.lengths for missing in self.unspread(n) for point in missing
        }
        return not_begun | {point.key for point in self.worth()}


def _varied(point: Point) -> tuple[bool, float]:
    return point.choice.definition.budget is not None, point.seconds
