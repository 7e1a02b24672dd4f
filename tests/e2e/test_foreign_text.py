"""A stranger's run and a stranger's link: the browser asks nobody else, and what they say is no link on the page."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect

from attn_core.store import Store
from dashboard import state
from tests.e2e.conftest import serving
from tests.hostile_runs import HOST, HOSTILE, store_hostile

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("foreign")


@pytest.fixture(scope="module")
def ids(folder: Path) -> dict[str, str]:
    return store_hostile(Store(folder))


@pytest.fixture(scope="module")
def dashboard(folder: Path, ids: dict[str, str]) -> Iterator[str]:
    yield from serving(folder)


@pytest.mark.parametrize(
    ("page", "query"),
    [
        ("/", {state.METHOD: HOSTILE}),
        ("/tradeoffs", {state.D_SOURCE: HOSTILE, state.D_X: HOSTILE}),
        ("/runs", {state.RUNS_CHOSEN: ("sweep", "other")}),
    ],
)
def test_nobody_else_is_asked_and_nothing_foreign_is_a_link(contexts, dashboard, ids, page, query):
    opened = contexts(1280, 800, "light").new_page()
    asked: list[str] = []
    opened.on("request", lambda request: asked.append(request.url))
    said = {
        key: value if isinstance(value, str) else ",".join(ids[one] for one in value)
        for key, value in query.items()
    }
    opened.goto(f"{dashboard}{page}?{urlencode(said)}")
    main = opened.get_by_test_id("stMain")
    expect(main.get_by_text("log in").locator("visible=true").first).to_be_visible(timeout=30_000)
    expect(opened.get_by_test_id("stStatusWidget")).to_have_count(0, timeout=30_000)
    opened.wait_for_load_state("networkidle")
    assert asked and not [url for url in asked if url.startswith(f"https://{HOST}")]
    expect(main.locator(f"a[href*='{HOST}'], img[src*='{HOST}']")).to_have_count(0)
    opened.close()
