"""A store in a folder of its own, with a clock that only moves when a test says so."""

import pytest

from attn_core.store import Store


class Clock:
    """Seconds since the epoch; `pass_by` lets time go by."""

    def __init__(self) -> None:
        self.seconds = 1_795_249_000.0

    def __call__(self) -> float:
        return self.seconds

    def pass_by(self, seconds: float) -> None:
        self.seconds += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path, clock) -> Store:
    return Store(tmp_path / "home", clock=clock)


@pytest.fixture
def run_id(store) -> str:
    return store.create_run("sweep", {"device": "cpu"}, name="first")
