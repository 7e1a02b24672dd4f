"""JSON from strangers: no NaN, no repeated keys, no bottomless nesting, and each value of the type it should be."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Mapping
from typing import Any

LONGEST_TEXT = 20_000
SHOWN = 60
LARGEST_COUNT = 2**80


def parse(data: bytes, where: str) -> Any:
    """The value written in `data`, or a ValueError of one sentence."""
    try:
        return json.loads(data.decode(), parse_constant=_refuse, object_pairs_hook=_unique)
    except UnicodeDecodeError:
        raise ValueError(f"import: {where} is not UTF-8 text") from None
    except json.JSONDecodeError as problem:
        raise ValueError(f"import: {where} is not JSON (line {problem.lineno})") from None
    except RecursionError:
        raise ValueError(f"import: {where} is nested too deeply") from None
    except _BadValue as problem:
        raise ValueError(f"import: {where} holds {problem}") from None
    except ValueError:  # Python limits the digits of a whole number
        raise ValueError(f"import: {where} holds a number that is too long") from None


class _BadValue(ValueError):
    """What JSON text holds and must not."""


def _refuse(constant: str) -> None:
    raise _BadValue(f"{constant}, which is not a number")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _BadValue(f"the key {short(key)} twice in one object")
        found[key] = value
    return found


def short(value: Any) -> str:
    """A value in an error message, cut where it is long."""
    text = repr(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def fields(value: Any, where: str, needed: Collection[str], may: Collection[str] = ()) -> None:
    """An object with exactly these keys, and perhaps those of `may`."""
    if not isinstance(value, Mapping):
        raise ValueError(f"import: {where} must be an object, got {short(value)}")
    if missing := [name for name in needed if name not in value]:
        raise ValueError(f"import: {where} lacks {missing[0]!r}")
    if unknown := [name for name in value if name not in needed and name not in may]:
        raise ValueError(f"import: {where} has the unknown field {short(unknown[0])}")


def listed(value: Any, where: str) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError(f"import: {where} must be a list, got {short(value)}")
    return value


def text(value: Any, where: str, longest: int = LONGEST_TEXT) -> str:
    if not isinstance(value, str):
        raise ValueError(f"import: {where} must be text, got {short(value)}")
    if len(value) > longest:
        raise ValueError(f"import: {where} is longer than {longest:,} characters")
    if any("\ud800" <= letter <= "\udfff" for letter in value):
        raise ValueError(f"import: {where} holds half of a character, which no text has")
    return value


def number(value: Any, where: str, low: float = 0.0) -> float:
    """A finite number of at least `low`."""
    if not _finite(value) or value < low:
        allowed = f"a number of at least {low:g}"
        raise ValueError(f"import: {where} must be {allowed}, got {short(value)}")
    return value


def between(value: Any, where: str, low: float, high: float) -> float:
    if not _finite(value) or not low <= value <= high:
        allowed = f"a number from {low:g} to {high:g}"
        raise ValueError(f"import: {where} must be {allowed}, got {short(value)}")
    return value


def _finite(value: Any) -> bool:
    # Whole numbers first: a huge one is no float, not even to ask whether it is finite.
    if type(value) is int:
        return abs(value) <= LARGEST_COUNT
    return type(value) is float and math.isfinite(value)


def one_of(value: Any, where: str, allowed: Collection[str]) -> str:
    if not isinstance(value, str) or value not in allowed:
        raise ValueError(
            f"import: {where} must be one of {', '.join(allowed)}, got {short(value)}"
        )
    return value


def count(value: Any, where: str, low: int = 0) -> int:
    if type(value) is not int or not low <= value <= LARGEST_COUNT:
        allowed = f"a whole number of at least {low}"
        raise ValueError(f"import: {where} must be {allowed}, got {short(value)}")
    return value
