"""Documents as bytes, changed in one place, and the sentence that refuses them."""

import copy
import json
import random
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


def only_sentences(store: Store, document: Any, times: int) -> None:
    """Whatever stands in one place of a document, it is taken, or refused in one line, and leaves nothing behind."""
    chance = random.Random(1)
    strange = [None, True, -1, 0, 1e308, 10**30, "", "x", [], {}, [[]], {"a": []}, [None], "\x00"]
    for _ in range(times):
        changed = copy.deepcopy(document)
        place: Any = changed
        while True:
            keys = list(place) if isinstance(place, dict) else range(len(place))
            key = chance.choice(list(keys))
            inner = place[key]
            if isinstance(inner, (dict, list)) and inner and chance.random() < 0.8:
                place = inner
                continue
            place[key] = chance.choice(strange)
            break
        try:
            run_id = import_run(store, packed(changed))
        except ValueError as refused:
            assert "\n" not in str(refused)
        else:
            store.delete(run_id)
    assert store.runs() == []
