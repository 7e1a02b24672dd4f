"""What two Figure Z runs must have in common: every row by kind, key and value, and the weights of their models."""

from __future__ import annotations

from typing import Any

import torch
from safetensors.torch import load_file

from attn_core.store import Store, plain

Rows = dict[tuple[str, str], dict[str, Any]]


def rows(store: Store, run_id: str) -> Rows:
    """All rows under their kinds and keys."""
    with store.reading() as db:
        query = "SELECT kind, key, data FROM rows WHERE run_id = ?"
        return {
            (one["kind"], one["key"]): plain.load(one["data"])
            for one in db.execute(query, [run_id])
        }


def lasting(found: Rows) -> Rows:
    """Without what differs between any two runs: times, and what hangs on them."""
    plain_rows = {}
    for place, row in found.items():
        dropped = {"run_id", "tokens_per_s", "seconds"}
        if row.get("metric", "").endswith(("_s", "_bytes")) and row["student"] != "published":
            dropped |= {"value", "low", "high", "message"}
        plain_rows[place] = {name: value for name, value in row.items() if name not in dropped}
    return plain_rows


def assert_same(store: Store, run_id: str, wanted_id: str, other: Store | None = None) -> None:
    """Rows by kind, key and value, and the weights of the kept models."""
    other = other or store
    mine, theirs = lasting(rows(store, run_id)), lasting(rows(other, wanted_id))
    assert {kind for kind, _ in theirs} >= {"cell", "curve", "role"}
    assert sorted(mine) == sorted(theirs)
    assert {place: (mine[place], row) for place, row in theirs.items() if mine[place] != row} == {}
    files, wanted = store.files(run_id), other.files(wanted_id)
    assert list(files) == list(wanted) != []
    for name, path in files.items():
        weights, same = load_file(path), load_file(wanted[name])
        assert list(weights) == list(same)
        assert all(torch.equal(weights[one], same[one]) for one in weights), name
