"""Every test starts from the same random state, on one thread, so that counts and sums repeat."""

import gc
import sqlite3
from collections.abc import Iterator

import pytest
import torch

from attn_core.store import database

torch.set_num_threads(1)
LONG = ("e2e", "slow")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Modules with long tests come first: no worker is left with one at the end. And a worker that has nothing to do
    takes tests from another one's end, so that no module of the browser's is set up twice."""
    ranks: dict[str, int] = {}
    for item in items:
        marks = [number for number, name in enumerate(LONG) if item.get_closest_marker(name)]
        module = item.nodeid.split("::")[0]
        ranks[module] = min([ranks.get(module, len(LONG)), *marks])
    items.sort(key=lambda item: ranks[item.nodeid.split("::")[0]])


def pytest_collection_finish() -> None:
    """A clock and a meter of memory collect garbage first: not among thousands of tests that stay anyway."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def same_seed() -> None:
    # As torch.manual_seed does, which for each kind of device that is not there notes who called it.
    torch.default_generator.manual_seed(0)
    if torch.cuda.is_available():
        torch.cuda.manual_seed_all(0)


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
