"""The Overview page as a reader meets it: answers above the fold, in any theme, at any width."""

import json
import re

import pytest
from playwright.sync_api import Locator, Page, expect

from attn_core import METHODS, get_method
from attn_core.amounts import flops
from dashboard.services.prediction import Question, predict

pytestmark = pytest.mark.e2e
TITLE = "Choosing an attention mechanism"


def box(page: Page, label: str) -> Locator:
    """The input of a control, found by its label as a reader finds it."""
    return page.get_by_role("combobox", name=re.compile(rf"\b{label}$"))


def choose(page: Page, label: str, text: str) -> None:
    box(page, label).click()
    box(page, label).fill(text)
    box(page, label).press("Enter")


def wait_for_answer(page: Page) -> None:
    expect(page.get_by_role("heading", name=TITLE)).to_be_visible(timeout=30_000)
    charts = page.get_by_test_id("stVegaLiteChart").locator("svg, canvas")
    expect(charts).to_have_count(2, timeout=30_000)


def number(page: Page, method: str) -> Locator:
    return page.get_by_test_id("stMetric").filter(has_text=re.compile(rf"^{method}")).first


def test_the_first_answer_is_above_the_fold(open_page):
    page = open_page()
    wait_for_answer(page)
    for seen in (
        page.get_by_test_id("stMetric").first,
        page.get_by_text(re.compile(r"^At N = 16,384 \w+ needs")),
    ):
        expect(seen).to_be_in_viewport(ratio=1)
    for chart in page.get_by_test_id("stVegaLiteChart").all():
        expect(chart).to_be_in_viewport(ratio=1)


def test_choosing_a_method_and_a_length_changes_the_numbers_and_the_url(open_page):
    page = open_page()
    wait_for_answer(page)
    choose(page, "Method", "FlashAttention")
    expect(page.get_by_text("At N = 16,384 FlashAttention needs")).to_be_visible()
    choose(page, "Sequence length N", "65536")
    expect(page.get_by_text("At N = 65,536 FlashAttention needs")).to_be_visible()
    found = predict(Question(get_method("flash"), 65_536))
    expect(number(page, "FlashAttention")).to_contain_text(flops(found.flops))
    expect(page).to_have_url(re.compile(r"method=flash&n=65536"))
    page.reload()
    expect(page.get_by_text("At N = 65,536 FlashAttention needs")).to_be_visible(timeout=30_000)


def test_any_length_can_be_typed_and_a_bad_one_is_explained(open_page):
    page = open_page()
    wait_for_answer(page)
    choose(page, "Sequence length N", "5000")
    expect(page.get_by_text("At N = 5,000")).to_be_visible()
    choose(page, "Sequence length N", "-5")
    expect(page.get_by_role("alert")).to_contain_text(
        "N must be a whole number from 1 to 1,048,576, got -5."
    )
    choose(page, "Sequence length N", "4096")
    expect(page.get_by_role("alert")).to_have_count(0)


def test_nonsense_in_the_url_is_explained_without_a_traceback(open_page):
    page = open_page("/?method=nonsense&n=-5&heads=0")
    expect(page.get_by_role("alert")).to_have_count(3, timeout=30_000)
    said = page.get_by_role("alert").all_inner_texts()
    assert any("'nonsense'" in text and "softmax, flash" in text for text in said)
    assert any("got -5" in text for text in said)
    assert any("heads must be" in text and "Shown instead: 8" in text for text in said)
    expect(page.get_by_test_id("stException")).to_have_count(0)


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 1280), ("light", 800)])
def test_nothing_overflows_or_throws(open_page, scheme, width):
    page = open_page(f"/?method={list(METHODS)[-1]}", width=width, scheme=scheme)
    wait_for_answer(page)
    expect(page.get_by_test_id("stException")).to_have_count(0)
    main = page.get_by_test_id("stMain")
    assert main.evaluate("node => node.scrollWidth <= node.clientWidth + 1")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1")


def test_charts_follow_the_theme(open_page):
    colours = []
    for scheme in ("light", "dark"):
        page = open_page("/?method=softmax", scheme=scheme)
        wait_for_answer(page)
        label = page.get_by_test_id("stVegaLiteChart").first.locator("text", has_text="Softmax")
        colours.append(label.first.get_attribute("fill"))
    assert colours[0] != colours[1]


def test_charts_say_in_words_what_they_show(open_page):
    page = open_page("/?method=flash")
    wait_for_answer(page)
    for chart in page.get_by_test_id("stVegaLiteChart").all():
        expect(chart).to_have_attribute(
            "aria-label", re.compile("At N = 16,384 FlashAttention needs")
        )


def test_the_figure_is_saved_with_its_numbers(open_page):
    page = open_page("/?method=flash&n=3000")
    wait_for_answer(page)
    page.get_by_role("button", name="Export").first.click()
    with page.expect_download() as download:
        page.get_by_role("button", name="JSON").first.click()
    rows = json.loads(download.value.path().read_text())["rows"]
    assert download.value.suggested_filename == "predicted_flops.json"
    assert {row["N"] for row in rows} > {3000}
    with page.expect_download() as download:
        page.get_by_role("button", name="SVG").first.click()
    assert download.value.path().read_text().startswith("<svg")


def test_this_machine_is_one_click_away(open_page):
    page = open_page()
    wait_for_answer(page)
    page.get_by_role("tab", name="This machine").click()
    expect(page.get_by_text("Processor", exact=True)).to_be_visible()
    expect(page.get_by_text("Exact attention kernels")).to_be_visible()
