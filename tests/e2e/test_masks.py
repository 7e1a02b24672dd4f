"""The Masks page as a reader meets it: maps above the fold, settings and pins that answer, in either theme."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from attn_core import get_method
from attn_core.amounts import percent
from attn_core.sources import SourceSpec, load_source
from dashboard.services import mask_form as form
from dashboard.services import mask_words as words
from dashboard.services.first_settings import first_settings
from dashboard.services.masks import mask

pytestmark = pytest.mark.e2e
WAIT = 60_000
VERDICT = re.compile(r"^Of the [\d,]+ pairs of [\d,]+ tokens the patterns keep")


def verdict(page: Page):
    return page.get_by_text(VERDICT)


def opened(open_page, url: str = "/masks", **options) -> Page:
    page = open_page(url, **options)
    expect(verdict(page)).to_be_visible(timeout=WAIT)
    return page


def kept(name: str, length: int = 48, **params) -> str:
    """What the engine says a pattern keeps."""
    small = first_settings(name)
    method = get_method(name)
    choice = form.Choice("A", method, method.resolve({**small, **params}))
    source = load_source(SourceSpec(length=48))
    return percent(words.density(mask(choice, form.Layout(length, 0, False), source, 0)))


def choose(page: Page, label: str, text: str) -> None:
    box = page.get_by_role("combobox", name=re.compile(label))
    box.click()
    page.get_by_role("option", name=text, exact=True).click()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_maps_and_what_they_keep_are_above_the_fold(open_page, scheme):
    page = opened(open_page, scheme=scheme)
    charts = page.get_by_test_id("stVegaLiteChart")
    for number in range(3):
        expect(charts.nth(number).locator("canvas, svg").first).to_be_in_viewport(
            ratio=1, timeout=WAIT
        )
    expect(verdict(page)).to_be_in_viewport(ratio=1, timeout=WAIT)
    told = ", ".join(
        f"{label} {kept(name)}"
        for label, name in zip(
            "ABC", ("longformer", "sparse_transformer", "reformer"), strict=True
        )
    )
    expect(verdict(page)).to_contain_text(told)


def test_a_method_and_its_settings_change_the_map_and_the_url(open_page):
    page = opened(open_page)
    choose(page, "Pattern C", "Multiscale")
    expect(verdict(page)).to_contain_text(f"C {kept('multiscale')}")
    page.get_by_test_id("stPopover").first.get_by_role("button").click()
    window = page.get_by_role("spinbutton", name="window")
    window.fill("9")
    window.press("Enter")
    expect(verdict(page)).to_contain_text(f"A {kept('longformer', window=9)}")
    expect(page).to_have_url(
        re.compile(
            r"kc=multiscale.*ka\.longformer\.window=9|ka\.longformer\.window=9.*kc=multiscale"
        )
    )
    page.reload()
    expect(verdict(page)).to_contain_text(f"A {kept('longformer', window=9)}", timeout=WAIT)


def test_another_source_brings_its_own_length(open_page):
    page = opened(open_page)
    page.get_by_role("radio", name="synthetic").or_(
        page.get_by_role("button", name="synthetic")
    ).first.click()
    expect(page.get_by_text("Of the 4,096 pairs of 64 tokens")).to_be_visible(timeout=30_000)


def test_a_long_pattern_answers(open_page):
    page = opened(open_page, "/masks?k.n=65536&kc=bigbird&k.tab=Receptive+field&k.i=30")
    expect(verdict(page)).to_contain_text(f"A {kept('longformer', 65_536)}")
    expect(
        page.get_by_text(re.compile(r"^Layers until query 30 has heard all tokens: A 2"))
    ).to_be_visible(timeout=WAIT)


def test_a_click_pins_a_pair_that_other_pages_keep(open_page):
    page = opened(open_page, "/masks?k.patterns=1&k.tab=Pinned+pair")
    canvas = page.get_by_test_id("stVegaLiteChart").first.locator("canvas, svg").first
    box = canvas.bounding_box()
    assert box is not None
    # Left of the middle of the plot, which a margin for axes precedes.
    canvas.click(position={"x": box["width"] * 0.4, "y": box["height"] * 0.6})
    query, key = (
        page.get_by_role("spinbutton", name="Query i"),
        page.get_by_role("spinbutton", name="Key j"),
    )
    expect(query).not_to_have_value("0", timeout=30_000)
    i, j = int(query.input_value()), int(key.input_value())
    expect(verdict(page)).to_contain_text(f"Query {i}, key {j}")
    source = load_source(SourceSpec(length=48))
    dot = float(source.q[0, 0, i].double() @ source.k[0, 0, j].double())
    weight = source.operator("softmax").view(source.q, source.k)
    exact = float(weight.block(slice(i, i + 1), slice(j, j + 1))[0, 0])
    expect(page.get_by_text(f"q·k = {dot:.4g}")).to_contain_text(f"weight exact {exact:.4g}")
    page.get_by_role("button", name="Understand").click()
    page.get_by_role("menuitem", name="Attention matrices").click()
    expect(page.get_by_role("heading", name="Attention matrices")).to_be_visible(timeout=30_000)
    expect(page.get_by_role("spinbutton", name="Query i")).to_have_value(str(i), timeout=30_000)
    expect(page.get_by_role("spinbutton", name="Key j")).to_have_value(str(j))


def test_nothing_is_cut_off_at_800_pixels(open_page):
    page = opened(open_page, "/masks?k.patterns=4", width=800)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
