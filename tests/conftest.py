"""Every test starts from the same random state, on one thread, so that counts and sums repeat."""

import sqlite3
from collections.abc import Iterator

import pytest
import torch

from attn_core.store import database

torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def same_seed() -> None:
    torch.manual_seed(0)


@pytest.fixture(autouse=True, scope="session")
def no_wait_for_the_disk() -> Iterator[None]:
    """What a killed process has written is there without it; only a loss of power, which no test has, needs it."""
    connect = database._connect

    def hasty(uri: str | None) -> sqlite3.Connection:
        db = connect(uri)
        db.execute("PRAGMA synchronous = OFF")
        return db

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "_connect", hasty)
        yield
