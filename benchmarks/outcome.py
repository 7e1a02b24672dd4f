"""Every row ends in an outcome: numbers, or a sentence that says why there are none."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.packages import Missing
from benchmarks.results import Row


def attempt(row: Row, measure: Callable[[], Row]) -> Row:
    """The row with what was measured, or with why it was not: one failure must not cost the rows after it."""
    try:
        return row | {"outcome": "ok"} | measure()
    except Missing as absence:
        return row | {"outcome": "missing", "message": str(absence)}
    except Exception as problem:
        # The first line says what happened; a traceback in a table helps nobody.
        words = str(problem).strip().splitlines() or [""]
        return row | {"outcome": "error", "message": f"{type(problem).__name__}: {words[0]}"}
