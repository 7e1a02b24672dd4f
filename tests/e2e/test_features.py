"""Feature maps and Low rank in a real browser: settings, pins and themes."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from attn_core.amounts import digits
from attn_core.sources import SourceSpec, load_source
from dashboard.services import features, low_rank
from dashboard.services.feature_words import percent, pinned_kernel

pytestmark = pytest.mark.e2e
WAIT = 60_000


def ready(page: Page, title: str, said: str) -> None:
    expect(page.get_by_role("heading", name=title)).to_be_visible(timeout=WAIT)
    expect(page.get_by_text(re.compile(said)).first).to_be_visible(timeout=WAIT)


def still(page: Page) -> None:
    """Nothing runs: what is typed while the page is drawn again may be lost."""
    app = page.get_by_test_id("stApp")
    expect(app).to_have_attribute("data-test-script-state", "notRunning", timeout=WAIT)


def chart(page: Page, says: str) -> Locator:
    """The chart whose alternative text has these words."""
    return page.locator(f"[data-testid=stVegaLiteChart][aria-label*='{says}']")


def number(page: Page, label: str) -> Locator:
    return page.get_by_role("spinbutton", name=re.compile(rf"^{label}"))


def type_in(page: Page, label: str, value: int) -> None:
    still(page)
    number(page, label).fill(str(value))
    number(page, label).press("Enter")


def test_feature_maps_answer_to_method_source_and_budget(open_page):
    page = open_page("/features")
    ready(page, "Feature maps", "the estimate is typically off by")
    expect(chart(page, "Kernel estimates against")).to_be_in_viewport(ratio=0.9, timeout=WAIT)
    type_in(page, "features", 512)
    expect(page.get_by_text("With 512 features theory")).to_be_visible(timeout=WAIT)
    expect(page).to_have_url(re.compile(r"f\.performer\.features=512"))
    still(page)
    page.get_by_role("button", name="Redraw").click()
    expect(page).to_have_url(re.compile(r"f\.performer\.seed=1"), timeout=WAIT)
    page.get_by_role("radio", name="synthetic").or_(
        page.get_by_role("button", name="synthetic")
    ).first.click()
    expect(page).to_have_url(re.compile("source=synthetic"), timeout=WAIT)
    box = page.get_by_role("combobox", name=re.compile("Method$"))
    still(page)
    box.click()
    page.get_by_role("option", name="Kernelized").click()
    expect(page.get_by_text("does not estimate exp(q·k/√d)").first).to_be_visible(timeout=WAIT)
    expect(page.get_by_test_id("stException")).to_have_count(0)


def test_a_click_pins_a_token_whose_numbers_are_the_engines_and_stay_on_the_next_page(open_page):
    page = open_page("/features?j=5")
    ready(page, "Feature maps", "the estimate is typically off by")
    canvas = chart(page, "φ(q), as colours").locator("canvas, svg.marks").first
    expect(canvas).to_be_visible(timeout=WAIT)
    still(page)
    canvas.click(position={"x": 90, "y": 120})
    expect(page).to_have_url(re.compile(r"[?&]i=[1-9]"), timeout=WAIT)
    found = re.search(r"[?&]i=(\d+)", page.url)
    assert found
    query = int(found[1])
    source = load_source(SourceSpec(length=48))
    asked = features.ask(source, 0, "performer", {})
    said = pinned_kernel(asked, features.pairs(asked, [query], [5]))
    expect(page.get_by_text(said).first).to_be_visible(timeout=WAIT)
    page.get_by_role("button", name="Understand").click()
    page.get_by_role("menuitem", name="Low rank").click()
    ready(page, "Low rank", "the best possible error is")
    expect(number(page, "Query i")).to_have_value(str(query))
    page.get_by_role("tab", name="Pinned pair").click()
    score = float(source.q[0, 0, query].double() @ source.k[0, 0, 5].double())
    expect(page.get_by_text(f"q·k = {score:.4g}").first).to_be_visible(timeout=WAIT)


def test_low_rank_answers_to_method_and_budget(open_page):
    page = open_page("/low-rank?r_method=nystromformer", scheme="dark")
    ready(page, "Low rank", "At k = 16 the best possible error is")
    expect(chart(page, "Relative error against rank")).to_be_in_viewport(ratio=0.9, timeout=WAIT)
    type_in(page, "landmarks", 8)
    source = load_source(SourceSpec(length=48))
    asked = low_rank.ask(source, 0, "nystromformer", {"landmarks": 8})
    found = low_rank.decomposed(source, 0)
    best, error = float(found.best[8]), low_rank.error_of(asked)
    said = f"At k = 8 the best possible error is {percent(best)}; Nyströmformer has {percent(error)}, "
    expect(page.get_by_text(said + digits(error / best)).first).to_be_visible(timeout=WAIT)
    expect(page.get_by_text("with the true pseudo-inverse").first).to_be_visible(timeout=WAIT)
    expect(page.get_by_text("differ from the engine's output by at most")).to_be_visible()
    expect(page.get_by_test_id("stException")).to_have_count(0)


@pytest.mark.parametrize("url", ["/features?f_tab=Norms", "/low-rank"])
def test_nothing_overflows_when_narrow(open_page, url):
    page = open_page(url, width=800)
    expect(page.get_by_test_id("stVegaLiteChart").first).to_be_visible(timeout=WAIT)
    main = page.get_by_test_id("stMain")
    assert main.evaluate("node => node.scrollWidth <= node.clientWidth + 1")


@pytest.mark.parametrize(
    ("address", "first", "second"),
    [
        ("/features?f_tab=Norms", "Median relative error", "Relative error of every pair"),
        ("/low-rank?r_method=nystromformer", "F of ", "A of "),
    ],
)
def test_pictures_stand_below_each_other_where_beside_each_other_they_could_not_be_read(
    open_page, address, first, second
):
    for width, lines in ((1280, 1), (800, 2)):
        page = open_page(address, width=width)
        both = chart(page, first), chart(page, second)
        for one in both:
            expect(one.locator("canvas, svg.marks").first).to_be_visible(timeout=WAIT)
        still(page)
        boxes = [one.bounding_box() or {} for one in both]
        assert min(box["width"] for box in boxes) >= 320
        assert len({round(box["y"] / 20) for box in boxes}) == lines
