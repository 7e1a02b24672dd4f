"""No page keeps anybody out: axe finds no serious or critical fault, in either theme."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

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


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_serious(open_page, path, scheme):
    page = open_page(path, scheme=scheme)
    expect(page.get_by_role("heading", level=1)).to_contain_text(PAGES[path], timeout=30_000)
    expect(page.locator("[data-test-script-state=notRunning]")).to_be_attached(timeout=30_000)
    page.wait_for_function(STYLED, timeout=30_000)
    found = Axe().run(page).response["violations"]
    serious = [
        f"{node['failureSummary']} {node['html'][:200]}"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]
    assert not serious, "\n".join(serious)
