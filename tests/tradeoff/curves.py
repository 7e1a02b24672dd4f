"""Planted curves of time and error over budgets: what a study would measure, known beforehand."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from attn_core.tradeoff.sampling import Interval, Place, Seen, promising, spread

Curve = tuple[Callable[[float], float], Callable[[float], float]]
BUDGETS = [8 * 2.0 ** (step / 2) for step in range(9)]
SOURCE = "planted"


def fixed(value: float, spread: float = 0.0) -> Interval:
    return Interval(value, value * (1 - spread), value * (1 + spread))


class Planted:
    """Lines by name, each two curves over the budget: seconds and error. A single budget is an exact method."""

    def __init__(
        self, lines: dict[str, Curve], exact: dict[str, float], noise: float = 0.0
    ) -> None:
        self.places: list[Place] = []
        self.truth: dict[str, Seen] = {}
        draws = random.Random(0)
        for name, seconds in exact.items():
            self.add(Place(name, name, 0, seconds), seconds, 1e-7, noise, draws)
        for name, (time, error) in lines.items():
            for step, budget in enumerate(BUDGETS):
                place = Place(f"{name} {step}", name, step, time(budget))
                self.add(place, time(budget), error(budget), noise, draws)

    def add(
        self, place: Place, time: float, error: float, noise: float, draws: random.Random
    ) -> None:
        self.places.append(place)
        measured = time * draws.lognormvariate(0.0, noise) if noise else time
        self.truth[place.name] = Seen(fixed(measured, 2 * noise), {SOURCE: fixed(error, noise)})

    def front(self) -> set[str]:
        best, found = float("inf"), set[str]()
        order = sorted(
            (s.time.value, s.errors[SOURCE].value, name) for name, s in self.truth.items()
        )
        for _, error, name in order:
            if error < best:
                best = error
                found.add(name)
        return found

    def cost(self, names: Sequence[str] | set[str]) -> float:
        """A point costs a fixed part and some calls."""
        return sum(0.3 + 20 * self.truth[name].time.value for name in names)

    def explored(self, batch: int = 4) -> dict[str, Seen]:
        """What a study has seen when nothing promises to be better."""
        seen = {p.name: self.truth[p.name] for part in spread(self.places) for p in part}
        while guesses := promising(self.places, seen):
            for guess in guesses[:batch]:
                assert guess.place.name not in seen, "a point must not be measured twice"
                seen[guess.place.name] = self.truth[guess.place.name]
        return seen


def power(at_eight: float, exponent: float, least: float = 0.0) -> Callable[[float], float]:
    return lambda budget: least + at_eight * (budget / 8) ** exponent


# Six methods beside two exact ones, as they are at a few thousand tokens.
LINES: dict[str, Curve] = {
    "good": (power(0.002, 0.6), power(0.3, -1.2)),
    "quick": (power(0.001, 0.4), power(0.9, -0.3)),
    "slow": (power(0.01, 0.9), power(0.5, -1.0)),
    "flat": (power(0.003, 0.8), power(0.9, -0.02)),
    "hopeless": (power(0.02, 1.0), power(3.0, -0.2)),
    "costly": (power(0.05, 0.7), power(0.2, -0.5)),
}
EXACT = {"flash": 0.03, "softmax": 0.12}
