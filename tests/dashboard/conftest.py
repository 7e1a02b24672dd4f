"""Streamlit's AppTest looks through all installed packages for components, anew for each app: once is enough. And
what the tests of one page share."""

from collections.abc import Iterator
from functools import cache

import pytest
from streamlit.components.v2 import manifest_scanner

from attn_core.store import Store
from dashboard.services import sweeps
from dashboard.services.tradeoff_view import Shown
from tests.dashboard.planted_tradeoffs import COMMAND, full, look
from tests.tradeoff.handmade import LAPTOP, SERVER


@pytest.fixture(autouse=True, scope="session")
def installed_components() -> Iterator[None]:
    scan = cache(manifest_scanner.scan_component_manifests)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", scan)
        yield


@pytest.fixture
def store(tmp_path, monkeypatch) -> Store:
    monkeypatch.setenv("ATTN_CORE_HOME", str(tmp_path / "store"))
    monkeypatch.setattr(sweeps, "STUDIES", tmp_path / "no-studies")
    return Store()


@pytest.fixture(scope="module")
def planted(tmp_path_factory) -> Iterator[Shown]:
    """Two lengths of one machine, all of it drawn, beside a study of another machine. Looked at, never changed."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("planted")
        patch.setenv("ATTN_CORE_HOME", str(folder))
        patch.setattr(sweeps, "STUDIES", folder / "no-studies")
        store = Store()
        full(store, SERVER, command="python of the server")
        full(store, LAPTOP, command=COMMAND)
        yield look(store)
