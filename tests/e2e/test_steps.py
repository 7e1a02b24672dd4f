"""The page of steps as a reader meets it: in both themes, by keyboard, with the engine's numbers."""

import re

import pytest
from playwright.sync_api import Page, expect

from attn_core.sources import SourceSpec, load_source
from dashboard.services.pinned import pinned
from dashboard.services.steps import chain_of

pytestmark = pytest.mark.e2e
TITLE = "Self-attention, step by step"


def opened(open_page, url: str = "/steps", **options) -> Page:
    page = open_page(url, **options)
    expect(page.get_by_role("heading", name=TITLE)).to_be_visible(timeout=30_000)
    expect(page.get_by_text("largest difference")).to_be_visible(timeout=30_000)
    return page


def formula(page: Page) -> str:
    """What the formulas say, as they were written."""
    written = page.locator(".st-key-t_formulas annotation[encoding='application/x-tex']")
    expect(written).to_have_count(2)
    return " ".join(written.all_text_contents())


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 1280), ("light", 800)])
@pytest.mark.parametrize("step", ["dot", "softmax"])
def test_nothing_overflows_or_throws(open_page, scheme, width, step):
    page = opened(open_page, f"/steps?step={step}&i=5&j=7", width=width, scheme=scheme)
    expect(page.get_by_test_id("stException")).to_have_count(0)
    main = page.get_by_test_id("stMain")
    assert main.evaluate("node => node.scrollWidth <= node.clientWidth + 1")


@pytest.mark.parametrize(
    ("method", "step"),
    [("linformer", "qkv"), ("linformer", "scaled"), ("nystromformer", "inverse"), ("linformer", "mixing")],
)  # fmt: skip
def test_formulas_and_maps_are_whole_in_a_narrow_window(open_page, method, step):
    page = opened(open_page, f"/steps?t_method={method}&step={step}", width=800)
    expect(page.get_by_test_id("stVegaLiteChart").first.locator("canvas, svg")).to_be_visible()
    edge = page.get_by_test_id("stMain").bounding_box()
    assert edge is not None
    for one in page.locator(
        ".st-key-t_formulas .katex-html .base, [data-testid=stVegaLiteChart] canvas"
    ).all():
        box = one.bounding_box()
        assert box is not None and box["x"] + box["width"] <= edge["x"] + edge["width"]


def test_the_picture_is_above_the_fold(open_page):
    page = opened(open_page, "/steps?step=scores")
    expect(page.get_by_test_id("stVegaLiteChart").first).to_be_in_viewport(ratio=0.75)


def test_the_numbers_in_the_formula_are_the_engines(open_page):
    page = opened(open_page, "/steps?step=softmax&i=5&j=7")
    chain = chain_of(load_source(SourceSpec(length=48)), 0, 5, "softmax", {})
    assert chain.at("softmax").substituted(5, 7) in formula(page)


def test_the_chain_is_walked_by_keyboard_alone(open_page):
    page = opened(open_page, "/steps?step=qkv")
    step = page.get_by_role("button", name="Next")
    step.focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("step=dot"))
    page.get_by_role("radio", name="Softmax").focus()
    page.keyboard.press("Space")
    expect(page).to_have_url(re.compile("step=softmax"))


def test_method_source_and_budget_change_the_chain(open_page):
    page = opened(open_page, "/steps?step=output")
    box = page.get_by_role("combobox", name=re.compile(r"\bMethod$"))
    box.click()
    box.fill("linformer")
    box.press("Enter")
    expect(page.get_by_text("Linformer by the engine")).to_be_visible()
    rank = page.get_by_label("rank", exact=True)
    rank.fill("8")
    rank.press("Enter")
    expect(page).to_have_url(re.compile(r"t\.linformer\.rank=8"))
    page.get_by_role("radio", name="EK, FV").click()
    expect(page.get_by_text("8 × 32").first).to_be_visible()
    page.get_by_test_id("stSidebar").get_by_text("synthetic", exact=True).click()
    expect(page.get_by_role("radio", name="Tokens")).to_have_count(0)
    expect(page.get_by_text("largest difference")).to_be_visible()


def test_a_clicked_cell_is_pinned_and_stays_on_the_next_page(open_page):
    page = opened(open_page, "/steps?step=scores&i=5&j=7")
    map_of = page.get_by_test_id("stVegaLiteChart").first.locator("canvas, svg").first
    map_of.wait_for()
    expect(page.locator("[data-test-script-state=notRunning]")).to_be_attached()
    box = map_of.bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] * 0.6, box["y"] + box["height"] * 0.5)
    # Half the map's height is far below row 5.
    expect(page.get_by_label("Query i", exact=True)).not_to_have_value("5")
    i, j = (
        int(page.get_by_label(label, exact=True).input_value()) for label in ("Query i", "Key j")
    )
    source = load_source(SourceSpec(length=48))
    views = {"exact": source.operator("softmax").view(source.q, source.k)}
    said = pinned(source, views, 0, i, j)
    expect(page.get_by_text(f"q·k = {said.dot:.4g}")).to_be_visible()
    page.get_by_role("button", name="Understand").click()
    page.get_by_role("menuitem", name="Attention matrices").click()
    expect(page.get_by_role("heading", name="Attention matrices")).to_be_visible()
    expect(page.get_by_label("Query i", exact=True)).to_have_value(str(i))
    expect(page.get_by_text(f"weight exact {said.weights['exact']:.4g}")).to_be_visible()


def test_without_scaling_is_said_in_words(open_page):
    page = opened(open_page, "/steps?step=softmax&i=5")
    page.get_by_text("Without scaling").click()
    expect(page.get_by_text("divided by √d alone it is")).to_be_visible()
    expect(page).to_have_url(re.compile("t_unscaled=true"))


def test_numbers_are_saved(open_page):
    page = opened(open_page, "/steps?step=scores&i=5&j=7")
    page.get_by_role("button", name="Export").first.click()
    with page.expect_download() as download:
        page.get_by_role("button", name="SVG").first.click()
    assert download.value.path().read_text().startswith("<svg")
    page.keyboard.press("Escape")
    page.get_by_role("tab", name="Numbers").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="NPZ of all arrays").click()
    assert download.value.suggested_filename == "steps_softmax_head0.npz"


def test_nonsense_in_the_url_is_explained(open_page):
    page = opened(open_page, "/steps?step=../../etc&t_method=nonsense")
    assert page.get_by_role("alert").count() == 2
    expect(page.get_by_test_id("stException")).to_have_count(0)
