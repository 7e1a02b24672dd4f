"""One of two values, as a mark's row has it."""

from __future__ import annotations

from typing import Any


def either(channel: Any, test: str, then: Any, otherwise: Any) -> Any:
    """`channel` is one of a value, as `alt.ColorValue`. What `alt.condition` gives is checked against the schema every
    time that it is used, even where checks are off."""
    return channel(otherwise, condition=[{"test": test, "value": then}])
