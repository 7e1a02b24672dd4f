"""Documents as bytes, changed in one place, and the sentence that refuses them."""

import json
from typing import Any

import pytest

from attn_core.exchange import import_run
from attn_core.store import Store

FAILURES = {
    "flash @ 1024": ("oom", "needs 40 GiB, 16 GiB are there"),
    "longformer @ 1024": ("unstable", ""),
}


def packed(document: Any) -> bytes:
    return json.dumps(document).encode()


def at(document: Any, path: str, value: Any) -> None:
    *parents, last = path.split(".")
    for part in parents:
        document = document[int(part) if part.isdigit() else part]
    document[int(last) if last.isdigit() else last] = value


def refusal(store: Store, data: bytes) -> str:
    """The sentence with which the data are refused; nothing may have been stored."""
    with pytest.raises(ValueError) as refused:
        import_run(store, data)
    assert store.runs() == []
    said = str(refused.value)
    assert said.startswith("import: ")
    assert "\n" not in said
    return said
