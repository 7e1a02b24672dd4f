"""What all five looking pages promise alike: files of what is seen, links that reopen it, and no need of a mouse."""

import csv
import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.e2e
WAIT = 60_000
PIN = "i=5&j=7"
PAGES = {
    "steps": ("Self-attention, step by step", "step=softmax&t_method=performer"),
    "matrices": ("Attention matrices", "x_methods=longformer&x.longformer.window=4"),
    "masks": ("Masks", ""),
    "features": ("Feature maps", "f_tab=Seeds&f.performer.features=64"),
    "low-rank": (
        "Low rank",
        "r_method=nystromformer&r.nystromformer.landmarks=8&r_tab=Pinned+pair",
    ),
}

WORDS = """() => [...document.querySelectorAll("[data-testid=stMarkdown]")].map((one) => one.innerText).join("\\n")"""
# What answers to a click and says that a keyboard may come to it; canvases live in roots of their own.
FIND = """
  const roots = [document, ...[...document.querySelectorAll("*")].map((one) => one.shadowRoot).filter(Boolean)];
  const found = (more) => roots.flatMap((root) => [...root.querySelectorAll(
      `:is(button, input, canvas, a[href], [role=slider], [role=tab])${more}`)])
    .filter((one) => one.tabIndex >= 0 && !one.disabled && one.checkVisibility({ visibilityProperty: true }));
  // Within a group of choices the arrow keys go on.
  const visited = (one) => one.dataset.visited
    || one.closest("[role=radiogroup], [role=toolbar], [role=tablist]")?.querySelector("[data-visited]");"""
CONTROLS = (
    f"(more) => {{ {FIND} return found(more).filter((one) => !more || !visited(one)).length; }}"
)
MISSED = f"() => {{ {FIND} return found('').filter((one) => !visited(one)).map((one) => one.outerHTML); }}"
# Marks what has the focus; true once it comes round. In a table it goes from cell to cell.
VISIT = """(lap) => { let one = document.activeElement;
  while (one.shadowRoot?.activeElement) one = one.shadowRoot.activeElement;
  if (one.dataset.visited === lap) return one.dataset.testid !== "data-grid-canvas";
  one.dataset.visited = lap; return false; }"""


def opened(open_page, path: str, rest: str = "") -> Page:
    title, setting = PAGES[path]
    page = open_page(f"/{path}?{rest or f'{PIN}&{setting}'}")
    expect(page.get_by_role("heading", name=title, level=1)).to_be_visible(timeout=WAIT)
    drawn(page)
    return page


def words(page: Page) -> str:
    return page.evaluate(WORDS)


def drawn(page: Page) -> None:
    expect(page.get_by_test_id("stVegaLiteChart").first).to_be_visible(timeout=WAIT)
    still(page)


def still(page: Page) -> None:
    app = page.get_by_test_id("stApp")
    expect(app).to_have_attribute("data-test-script-state", "notRunning", timeout=WAIT)


def test_what_a_link_says_goes_along_with_who_touched_nothing(open_page):
    """Streamlit alone keeps what was touched, and the rest from the second change of page on."""
    link = "source=synthetic&drawn=60&structure=sinks&spread=2.5&i=5&j=7"
    page = opened(open_page, "steps", link)
    for path in ("masks", "features"):
        page.get_by_role("button", name="Understand").click()
        page.get_by_role("menuitem", name=PAGES[path][0]).click()
        expect(page.get_by_role("heading", name=PAGES[path][0], level=1)).to_be_visible(
            timeout=WAIT
        )
        drawn(page)
        for label, value in (("Query i", "5"), ("Key j", "7"), ("Length N", "60")):
            expect(page.get_by_label(label, exact=True).first).to_have_value(value, timeout=WAIT)
        assert all(one in page.url for one in link.split("&"))


@pytest.mark.parametrize("path", PAGES)
def test_a_picture_is_saved_as_a_file_and_as_numbers(open_page, path):
    page = opened(open_page, path)
    menu = page.get_by_role("button", name="Export", exact=False).first
    menu.click()
    saved = {}
    for label in ("SVG", "PNG", "PDF", "CSV"):
        with page.expect_download(timeout=WAIT) as download:
            page.get_by_role("button", name=re.compile(f"^{label}")).first.click()
        saved[label] = download.value.path()
    assert saved["SVG"].read_text().startswith("<svg")
    assert saved["PNG"].read_bytes().startswith(b"\x89PNG")
    assert saved["PDF"].read_bytes().startswith(b"%PDF")
    lines = saved["CSV"].read_text().splitlines()
    rows = list(csv.reader(one for one in lines if not one.startswith("#")))
    assert len(rows) > 5 and len({len(row) for row in rows}) == 1


@pytest.mark.parametrize("path", PAGES)
def test_the_address_reopens_what_is_seen(open_page, path):
    page = opened(open_page, path)
    before = words(page)
    page.get_by_label("Query i", exact=True).fill("9")
    page.get_by_label("Query i", exact=True).press("Enter")
    expect(page).to_have_url(re.compile(r"[?&]i=9(&|$)"), timeout=WAIT)
    page.wait_for_function(f"before => ({WORDS})() !== before", arg=before, timeout=WAIT)
    still(page)
    again = opened(open_page, path, page.url.split("?")[1])
    assert words(again) == words(page) != before


def go_round(page: Page, lap: str) -> None:
    for _ in range(500):
        page.keyboard.press("Tab")
        if page.evaluate(VISIT, lap):
            return


@pytest.mark.parametrize("path", PAGES)
def test_every_control_is_reached_with_the_tab_key(open_page, path):
    page = opened(open_page, path)
    assert page.evaluate(CONTROLS, "") > 10
    # A widget that is put in place anew behind the focus has lost its mark: the next time round finds it.
    for lap in ("first", "second", "third"):
        go_round(page, lap)
        if page.evaluate(CONTROLS, ":not([data-visited])") == 0:
            break
    assert page.evaluate(CONTROLS, ":not([data-visited])") == 0, page.evaluate(MISSED)
