"""What an address asks for, checked word by word and refused in one sentence. No streamlit here."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from attn_core.sources import TooLarge, ViewSpec
from attn_core.store import StoreError
from dashboard.services.told_views import is_name, named

# Of the JSON of a view: two texts of the longest that a source takes fit well.
MOST_LETTERS = 200_000
WHOLE = re.compile(r"-?[0-9]{1,12}")

Query = Mapping[str, str]


class Refused(Exception):
    """A status of HTTP and one sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status, self.sentence = status, sentence


def view_of(query: Query) -> ViewSpec:
    text = query.get("view")
    if text is None:
        raise Refused(400, "view is missing: the JSON of a source and a method")
    if len(text) > MOST_LETTERS:
        raise Refused(413, f"view has {len(text):,} characters, at most {MOST_LETTERS:,} are read")
    try:
        data = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise Refused(400, f"view must be JSON, got {text[:60]!r}") from None
    with refusing():
        return named(data, _not_told) if is_name(data) else ViewSpec.from_json(data)


@contextmanager
def refusing() -> Iterator[None]:
    """What the engine and the store say in the block becomes an answer."""
    try:
        yield
    except (TooLarge, MemoryError) as problem:
        raise Refused(
            413, _sentence(problem) or "there is not enough memory for this"
        ) from problem
    except StoreError as problem:
        raise Refused(503, _sentence(problem)) from problem
    except ValueError as problem:
        raise Refused(400, _sentence(problem)) from problem


def known(query: Query, names: set[str]) -> None:
    if strange := sorted(set(query) - names):
        allowed = ", ".join(sorted(names))
        raise Refused(400, f"unknown parameter {strange[0][:60]!r}, allowed: {allowed}")


def once(names: Iterable[str]) -> None:
    """An address that says two things of one name is not clear."""
    counted = Counter(names)
    if twice := [name for name, count in counted.items() if count > 1]:
        raise Refused(
            400, f"{twice[0][:60]!r} is given {counted[twice[0]]} times, once is allowed"
        )


def one_of(query: Query, name: str, allowed: tuple[str, ...]) -> str:
    text = query.get(name, "")
    if text not in allowed:
        raise Refused(400, f"{name} must be one of {', '.join(allowed)}, got {text[:60]!r}")
    return text


def some_of(query: Query, name: str, allowed: tuple[str, ...]) -> tuple[str, ...]:
    """One or several different ones, between commas."""
    found = tuple(query.get(name, "").split(","))
    for text in found:
        one_of({name: text}, name, allowed)
    if len(set(found)) < len(found):
        raise Refused(400, f"{name} names {max(found, key=found.count)} twice")
    return found


def whole(query: Query, name: str) -> int:
    text = query.get(name, "")
    if not WHOLE.fullmatch(text):
        raise Refused(400, f"{name} must be a whole number, got {text[:60]!r}")
    return int(text)


def within(name: str, number: int, count: int) -> int:
    if not 0 <= number < count:
        raise Refused(404, f"{name} must be from 0 to {count - 1:,} here, got {number:,}")
    return number


def _not_told() -> ViewSpec:
    raise Refused(404, "this view is no longer known to the server: reload the page")


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def _sentence(problem: BaseException) -> str:
    """One line of a length that fits on a page, whatever it quotes."""
    said = " ".join(str(problem).split())
    return said if len(said) <= 400 else f"{said[:400]}…"
