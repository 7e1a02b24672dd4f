"""What the engine refuses, said by the option that was typed instead of the setting's own name."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager


def options_of(settings: Collection[str], otherwise: Mapping[str, str]) -> dict[str, str]:
    """The option of each setting: its own name, unless it is called `otherwise`."""
    usual = {name: f"--{name.replace('_', '-')}" for name in settings}
    return {**usual, "length": "each of --lengths", **otherwise}


@contextmanager
def named_as_typed(owner: str, options: Mapping[str, str]) -> Iterator[None]:
    """A ValueError of `owner` about one of these settings leaves with the name of the option."""
    try:
        yield
    except ValueError as refusal:
        found = re.match(rf"{owner}: (\w+) (?=must |needs )", said := str(refusal))
        if found is None or found[1] not in options:
            raise
        raise ValueError(f"{options[found[1]]} {said[found.end() :]}") from None
