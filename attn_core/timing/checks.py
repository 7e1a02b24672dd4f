"""Settings that come from outside, checked one by one: a ValueError of one sentence names what is not allowed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Checks:
    """`owner` opens each sentence: what the settings are of."""

    owner: str

    def one_of(self, name: str, value: Any, allowed: Collection[str]) -> None:
        if value not in tuple(allowed):
            raise ValueError(
                f"{self.owner}: {name} must be one of {', '.join(allowed)}, got {value!r}"
            )

    def whole(self, name: str, value: Any, low: int, high: int) -> None:
        if type(value) is not int or not low <= value <= high:
            raise ValueError(
                f"{self.owner}: {name} must be a whole number from {low:,} to {high:,}, got {value!r}"
            )

    def number(self, name: str, value: Any, low: float, high: float) -> None:
        if type(value) not in (int, float) or not low <= value <= high:
            raise ValueError(
                f"{self.owner}: {name} must be a number from {low:g} to {high:g}, got {value!r}"
            )

    def listed(self, values: Mapping[str, Any], name: str) -> Sequence[Any]:
        found = values.get(name, [])
        if not isinstance(found, (list, tuple)):
            raise ValueError(f"{self.owner}: {name} must be a list, got {found!r}")
        return found

    def known(self, data: Any, fields: Collection[str]) -> dict[str, Any]:
        """The settings as they are, if they are an object and none of them is unknown."""
        if not isinstance(data, Mapping):
            raise ValueError(
                f"{self.owner}: settings must be an object, got {type(data).__name__}"
            )
        if unknown := sorted(set(data) - set(fields)):
            raise ValueError(f"{self.owner}: unknown setting {unknown[0]!r}")
        return dict(data)

    def different(self, labels: Sequence[str]) -> None:
        """At least one method, and none of them twice."""
        if not labels:
            raise ValueError(f"{self.owner}: choose at least one method")
        if twice := sorted({label for label in labels if labels.count(label) > 1}):
            raise ValueError(f"{self.owner}: {twice[0]} is listed twice with the same parameters")
