"""Which points to measure next: first a spread, then where the front over time and error is uncertain. No torch here.

A line is one method at one length: its places in the order of their budgets. Between two measured places the others
are guessed; a guess is as good as it can reasonably be, and where even that is beaten by something measured the place
is not worth its time. Beyond the last measured place of a line only this is taken for granted: more work costs
at least three quarters of what work cost before, and less work is faster by no more than its share. The error there may
turn out as small as any seen.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

# What a guess between two neighbours may be better than the straight line between them, in shares of their distance
# and in shares of the value itself: curves bend, and times are noisy.
BEND, NOISE = 0.2, 0.02
# What a measured value may be better than it was measured; and the least part of a front that is worth a point.
MOST_HOPE, LEAST_GAIN = 0.05, 3e-4
# The least part of what work cost before that more of it costs.
STEADY = 0.75
# So many places of one stretch are measured together; of more, the middle.
AT_ONCE = 2


@dataclass(frozen=True)
class Interval:
    value: float
    low: float
    high: float

    @property
    def hopeful(self) -> float:
        """As low as is worth believing: an interval that stayed wide says little of where the value is."""
        return max(self.low, self.value * (1 - MOST_HOPE))


@dataclass(frozen=True)
class Place:
    """A point that can be measured; `work` is what its method declares, in any unit that is common to a line."""

    name: str
    line: str
    step: int
    work: float


@dataclass(frozen=True)
class Seen:
    """What was measured of a place: its time, and its error on each source."""

    time: Interval
    errors: Mapping[str, Interval]


@dataclass(frozen=True)
class Guess:
    """A place that may belong to the front: how good it may be, and how much of the front hangs on it."""

    place: Place
    time: float
    errors: Mapping[str, float]
    gain: float


def spread(places: Sequence[Place]) -> list[list[Place]]:
    """The places to begin with, the more urgent part first: the middle of every line, which of a single place is the
    place; then the lower ends. The upper ends come when the middles do not show that they are beaten."""
    lines = lines_of(places)
    middles = [line[(len(line) - 1) // 2] for line in lines]
    ends = [line[0] for line in lines if len(line) > 1]
    return [middles, [end for end in ends if end not in middles]]


def lines_of(places: Sequence[Place]) -> list[list[Place]]:
    found: dict[str, list[Place]] = {}
    for place in places:
        found.setdefault(place.line, []).append(place)
    return [sorted(line, key=lambda place: place.step) for line in found.values()]


def promising(
    places: Sequence[Place], seen: Mapping[str, Seen], failed: Collection[str] = ()
) -> list[Guess]:
    """Of each stretch of a line what may hold a point of the front, the place on which most hangs first.
    `failed` was tried and has no time; nothing of its line that takes more work is tried after it."""
    sources = list(dict.fromkeys(source for one in seen.values() for source in one.errors))
    fronts = {source: _Front(seen.values(), source) for source in sources}
    found: list[Guess] = []
    for line in lines_of(places):
        for guess in _guesses(line, seen, failed, fronts):
            gain = sum(fronts[s].gain(guess.time, error) for s, error in guess.errors.items())
            if gain > LEAST_GAIN:
                found.append(Guess(guess.place, guess.time, guess.errors, gain))
    return sorted(found, key=lambda guess: -guess.gain)


def _guesses(
    line: Sequence[Place],
    seen: Mapping[str, Seen],
    failed: Collection[str],
    fronts: Mapping[str, _Front],
) -> Iterator[Guess]:
    known = [place for place in line if place.name in seen]
    most = min((place.work for place in line if place.name in failed), default=math.inf)
    for low, high in pairwise(known):
        between = [
            one for one in line[_at(line, low) + 1 : _at(line, high)] if one.name not in failed
        ]
        if between:
            guesses = [_between(one, low, high, seen) for one in between]
            # What any of the stretch promises counts; one more batch would cost more than one more point.
            hope = [
                g
                for g in guesses
                if any(fronts[s].gain(g.time, e) > 0 for s, e in g.errors.items())
            ]
            yield from hope if len(hope) <= AT_ONCE else [hope[len(hope) // 2]]
    if known:
        below, above = line[: _at(line, known[0])], line[_at(line, known[-1]) + 1 :]
        for end, near, next_to in (
            (below[::-1], known[0], known[1:2]),
            (above, known[-1], known[-2:-1]),
        ):
            open_end = [one for one in end if one.name not in failed and one.work < most]
            guesses = (_beyond(one, near, next_to, seen, fronts) for one in open_end)
            hope = [guess for guess in guesses if guess is not None]
            if hope:
                yield hope[len(hope) // 2]


def _at(line: Sequence[Place], place: Place) -> int:
    return line.index(place)


def _between(place: Place, low: Place, high: Place, seen: Mapping[str, Seen]) -> Guess:
    one, other = seen[low.name], seen[high.name]
    by_work = _share(
        place.work, low.work, high.work, (place.step - low.step) / (high.step - low.step)
    )
    time = _hopeful(one.time, other.time, by_work)
    if low.work != high.work:
        # What takes a fixed time and some per work lies on a straight line, below the one in logarithms.
        straight = one.time.hopeful + (other.time.hopeful - one.time.hopeful) * (
            place.work - low.work
        ) / (high.work - low.work)
        if min(low.work, high.work) <= place.work <= max(low.work, high.work):
            time = min(time, straight * (1 - NOISE))
    by_step = (place.step - low.step) / (high.step - low.step)
    errors = {
        source: _hopeful(one.errors[source], other.errors[source], by_step)
        for source in one.errors
        if source in other.errors
    }
    return Guess(place, time, errors, 0.0)


def _share(work: float, low: float, high: float, otherwise: float) -> float:
    """Where a place lies between two by the logarithm of its work."""
    if min(work, low, high) <= 0 or low == high:
        return otherwise
    return math.log(work / low) / math.log(high / low)


def _hopeful(one: Interval, other: Interval, share: float) -> float:
    """Between the lower ends in logarithms, and better by what the curve may bend."""
    a, b = _log(one.hopeful), _log(other.hopeful)
    bend = 4 * share * (1 - share) * BEND * abs(b - a) if 0 < share < 1 else BEND * abs(b - a)
    return math.exp(a + share * (b - a) - max(bend, 0.0)) * (1 - NOISE)


def _beyond(
    place: Place,
    near: Place,
    next_to: Sequence[Place],
    seen: Mapping[str, Seen],
    fronts: Mapping[str, _Front],
) -> Guess | None:
    known = seen[near.name]
    time = known.time.hopeful * _no_less(place, near, next_to, seen) * (1 - NOISE)
    errors = {s: fronts[s].least for s in known.errors if s in fronts}
    if not any(fronts[s].gain(time, error) > 0 for s, error in errors.items()):
        return None
    return Guess(place, time, errors, 0.0)


def _no_less(
    place: Place, near: Place, next_to: Sequence[Place], seen: Mapping[str, Seen]
) -> float:
    """The least factor that a place beyond the last measured one takes of its time. Less work takes its share at
    least; more work costs at least a part of what the work before it did."""
    if place.work <= near.work:
        return place.work / near.work if near.work > 0 else 1.0
    for other in next_to:
        if other.work < near.work:
            grown = seen[near.name].time.low - seen[other.name].time.high
            a_unit = max(grown, 0.0) / (near.work - other.work)
            more = STEADY * a_unit * (place.work - near.work)
            return 1.0 + more / seen[near.name].time.value
    return 1.0


def _log(value: float) -> float:
    return math.log(max(value, 1e-300))


class _Front:
    """The best measured points on one source, as a staircase in logarithms."""

    def __init__(self, seen: Collection[Seen], source: str) -> None:
        points = [(one.time, one.errors[source]) for one in seen if source in one.errors]
        self.least = min((error.high for _, error in points), default=0.0)
        corners = sorted((_log(time.value), _log(error.value)) for time, error in points)
        self.stairs: list[tuple[float, float]] = []
        for time, error in corners:
            if not self.stairs or error < self.stairs[-1][1]:
                self.stairs.append((time, error))
        # A little beyond the worst that was seen, so that the ends of the front weigh too.
        self.far = (
            max((t for t, _ in corners), default=0.0),
            max((e for _, e in corners), default=0.0),
        )
        self.width = max(self.far[0] - corners[0][0], 1e-9) if corners else 1.0
        self.height = max(self.far[1] - min((e for _, e in corners), default=0.0), 1e-9)

    def gain(self, time: float, error: float) -> float:
        """The area that a point there would add under the staircase, as a share of all that the points span. One
        that is only as good as what is there adds nothing."""
        x, y = _log(time), max(_log(error), _log(self.least))
        steps = [(x, math.inf), *((t, e) for t, e in self.stairs if t > x)]
        held = min((e for t, e in self.stairs if t <= x), default=self.far[1] + NOISE)
        area = 0.0
        for place, (t, e) in enumerate(steps):
            held = min(held, e)
            until = steps[place + 1][0] if place + 1 < len(steps) else max(self.far[0], t) + NOISE
            if held > y:
                area += (until - max(t, x)) * (held - y)
        return area / (self.width * self.height)
