"""No page keeps anybody out: axe finds no serious or critical fault, in either theme."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.e2e.conftest import in_both_themes

pytestmark = pytest.mark.e2e

PAGES = {
    "/": "Choosing an attention mechanism",
    "/steps": "Self-attention, step by step",
    "/matrices": "Attention matrices",
    "/masks": "Masks",
    "/features": "Feature maps",
    "/low-rank": "Low rank",
    "/speed": "Speed",
    "/figure-z": "Figure Z",
    "/tradeoffs": "Trade-offs",
    "/runs": "Runs",
}

# The page's own style comes like any other element of it.
STYLED = "() => [...document.querySelectorAll('style')].some((one) => one.textContent.includes('--on-accent'))"


@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_serious(open_page, path):
    page = open_page(path)
    expect(page.get_by_role("heading", level=1)).to_contain_text(PAGES[path], timeout=30_000)
    page.wait_for_function(STYLED, timeout=30_000)
    for scheme in in_both_themes(page):
        expect(page.locator("[data-test-script-state=notRunning]")).to_be_attached(timeout=30_000)
        assert not serious(page), scheme


def serious(page: Page) -> list[str]:
    """What axe finds, in words."""
    return [
        f"{node['failureSummary']} {node['html'][:200]}"
        for one in Axe().run(page).response["violations"]
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]
