"""A store in a folder of its own, and runs of the fake kind in it."""

import time
from collections.abc import Callable

import pytest

from attn_core.store import Store
from tests.jobs import fake


@pytest.fixture
def store(tmp_path, monkeypatch) -> Store:
    monkeypatch.setenv("ATTN_CORE_HOME", str(tmp_path / "home"))
    store = Store()
    store.folder.mkdir()
    return store


@pytest.fixture
def make_run(store) -> Callable[..., str]:
    def make(**settings: object) -> str:
        return store.create_run("fake", fake.settings(**settings))

    return make


def wait_until(true: Callable[[], object], seconds: float = 20.0) -> None:
    """Returns when it is so; fails when it is not in time."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)
