"""A store of one's own, and sweeps that take no time."""

import pytest

from attn_core.store import Store
from tests.cli.planted import PlantedSweep


@pytest.fixture
def store(tmp_path, monkeypatch) -> Store:
    monkeypatch.setenv("ATTN_CORE_HOME", str(tmp_path / "store"))
    return Store()


@pytest.fixture
def planted(store, monkeypatch) -> PlantedSweep:
    found = PlantedSweep()
    monkeypatch.setattr("attn_core.jobs.sweeps.run_sweep", found)
    return found
