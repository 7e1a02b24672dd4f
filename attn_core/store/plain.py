"""JSON of what a measurement is made of: numbers may be numpy's, and infinite."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any


def dump(data: Mapping[str, Any]) -> str:
    return json.dumps(data, default=_plain, ensure_ascii=False)


def load(text: str) -> dict[str, Any]:
    return json.loads(text)


def load_all(texts: Iterable[str]) -> list[dict[str, Any]]:
    """All at once, which takes half the time of one by one."""
    return json.loads(f"[{','.join(texts)}]")


def strict(data: Mapping[str, Any]) -> str:
    """Settings and specs hold nothing that is not JSON."""
    return json.dumps(data, allow_nan=False, ensure_ascii=False)


def _plain(value: Any) -> Any:
    if isinstance(value, Path):
        return str(value)
    if hasattr(value, "tolist"):  # arrays and numbers of numpy and torch
        return value.tolist()
    raise TypeError(f"a row cannot hold {value!r}: it is not plain data")
