"""Tables asked plainly: pandas answers a question with one of several types, depending on what it finds."""

from __future__ import annotations

from typing import Any, cast

import pandas as pd


def where(frame: pd.DataFrame, kept: Any) -> pd.DataFrame:
    """The rows for which `kept`, a column of truths, holds."""
    return cast(pd.DataFrame, frame[kept])


def column(frame: pd.DataFrame, name: str) -> pd.Series:
    return cast(pd.Series, frame[name])


def numbers(frame: pd.DataFrame, name: str) -> pd.Series:
    """A column as floating-point numbers, NaN where nothing is known."""
    return cast(pd.Series, pd.to_numeric(frame[name])).astype(float)


def firsts(frame: pd.DataFrame, *names: str) -> pd.DataFrame:
    """The first row of every combination of the named columns."""
    return where(frame, ~frame.duplicated(subset=list(names)))


def records(frame: pd.DataFrame, *names: str) -> list[dict[str, Any]]:
    """The rows as dictionaries, of the named columns or of all."""
    chosen = frame[list(names)] if names else frame
    return cast(list[dict[str, Any]], cast(pd.DataFrame, chosen).to_dict(orient="records"))
