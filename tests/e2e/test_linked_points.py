"""Linked views of planted points in a browser: a brush holds exactly what lies within, and Python hears of it."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import ROOT, address, free_port, wait_until_healthy

pytestmark = pytest.mark.e2e
WAIT = 60_000
APP = "tests/harness/planted_points.py"
# Where a point is drawn, in pixels of the window; null where it is not.
PLACE = """([id, canvas]) => {
  const hosts = [...document.querySelectorAll(".stBidiComponent *")];
  const root = hosts.map((one) => one.shadowRoot?.querySelector(".linked")).find(Boolean);
  const [x, y] = (root.dataset.places || "").split("\\n").map((one) => one.split("\\t"))
    .find(([name]) => name === id)?.slice(1).map(Number) || [NaN, NaN];
  const box = root.querySelector(canvas).getBoundingClientRect();
  return [box.x + x, box.y + y];
}"""


@pytest.fixture(scope="module")
def dashboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A page of nothing but the component."""
    log = tmp_path_factory.mktemp("points") / "server.log"
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", APP, "--server.headless", "true"]
    with log.open("wb") as output:
        server = subprocess.Popen(
            [*command, "--server.port", str(port)], cwd=ROOT, stdout=output, stderr=output
        )
    try:
        wait_until_healthy(server, address(port), Path(log))
        yield address(port)
    finally:
        server.terminate()
        server.wait(15)


def linked(page: Page) -> Locator:
    expect(page.locator(".linked[data-took]")).to_be_visible(timeout=WAIT)
    return page.locator(".linked")


def place(page: Page, point: str) -> tuple[float, float]:
    x, y = page.evaluate(PLACE, [point, ".view .top"])
    return x, y


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    page.mouse.move(*end)
    page.mouse.up()


def told(page: Page, words: str) -> Locator:
    return page.get_by_test_id("stText").filter(has_text=words)


def around(page: Page, first: str, last: str, more: float = 9) -> tuple:
    """The corners of a rectangle around two points, the upper left one first."""
    (x0, y0), (x1, y1) = place(page, first), place(page, last)
    return (min(x0, x1) - more, min(y0, y1) - more), (max(x0, x1) + more, max(y0, y1) + more)


def test_a_rectangle_holds_exactly_the_points_inside_until_escape(open_page):
    page = open_page("/?points=grid")
    expect(linked(page)).to_have_attribute("data-shown", "6")
    drag(page, *around(page, "performer 0", "performer 1"))
    expect(linked(page)).to_have_attribute("data-brushed", "2", timeout=WAIT)
    expect(told(page, "brushed: 2")).to_be_visible(timeout=WAIT)
    expect(told(page, "ids: performer 0; performer 1")).to_be_visible()
    page.locator(".view .top").focus()
    page.keyboard.press("Escape")
    expect(linked(page)).to_have_attribute("data-brushed", "")
    expect(told(page, "brushed: none")).to_be_visible(timeout=WAIT)


def test_a_click_returns_the_point_and_its_tip_is_text(open_page):
    page = open_page("/?points=grid")
    linked(page)
    page.mouse.move(*place(page, "longformer 1"))
    tip = page.locator(".linked .tip")
    expect(tip).to_contain_text("<img src=x onerror=alert(1)>")
    expect(tip).to_contain_text("2 ms")
    expect(tip).to_contain_text("1 % (0.8 % to 1.3 %)")
    page.mouse.click(*place(page, "longformer 1"))
    expect(told(page, "picked: longformer 1")).to_be_visible(timeout=WAIT)
    assert page.locator(".linked img").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(open_page, scheme):
    page = open_page("/?points=grid&facets=1&published=1", scheme=scheme)
    linked(page)
    drag(page, *around(page, "performer 0", "performer 1"))
    found = Axe().run(page).response["violations"]
    serious = [
        f"{node['failureSummary']} {node['html'][:200]}"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]
    assert not serious, "\n".join(serious)
