"""The Attention matrices page in a browser: maps that move together, and numbers that are the engine's."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from attn_core.sources import SourceSpec, ViewSpec, build_sides, load_source

pytestmark = pytest.mark.e2e
LARGE = "/matrices?source=synthetic&drawn=1000&structure=local&x_methods=longformer&x.longformer.window=128"
WAIT = 60_000
# Of the small map, once it is drawn: the frame of what is seen has few of its own.
MANY_COLOURS = """async (small) => {
  for (const end = performance.now() + 60_000; performance.now() < end;) {
    const pixels = small.getContext("2d").getImageData(0, 0, small.width, small.height).data;
    if (new Set(new Uint32Array(pixels.buffer)).size > 20) return true;
    await new Promise(requestAnimationFrame);
  }
  return false;
}"""


def canvas(page: Page) -> Locator:
    """The maps, once everything in view is drawn."""
    expect(page.locator(".deep-zoom")).to_have_attribute("data-missing", "0", timeout=WAIT)
    expect(page.locator(".deep-zoom")).to_have_attribute(
        "data-steps", re.compile(r"\d"), timeout=WAIT
    )
    return page.locator(".deep-zoom .canvas")


def seen(page: Page) -> list[int]:
    return [
        int(one) for one in (page.locator(".deep-zoom").get_attribute("data-view") or "").split()
    ]


def moved(page: Page, before: list[int]) -> list[int]:
    """The part that is seen, once it is another one and drawn."""
    expect(page.locator(".deep-zoom")).not_to_have_attribute(
        "data-view", " ".join(map(str, before)), timeout=WAIT
    )
    canvas(page)
    return seen(page)


def at(page: Page, x: float, y: float) -> tuple[float, float]:
    """A place on the first map, from its upper left corner."""
    box = canvas(page).bounding_box()
    assert box is not None
    return box["x"] + 50 + x, box["y"] + 40 + y


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_both_kinds_of_map_are_drawn_in_either_theme(open_page, scheme):
    page = open_page("/matrices", scheme=scheme)
    charts = page.get_by_test_id("stVegaLiteChart").locator("svg, canvas")
    expect(charts).to_have_count(3, timeout=WAIT)
    for chart in charts.all():
        expect(chart).to_be_in_viewport(ratio=1, timeout=WAIT)
    page.get_by_text("zoomable", exact=True).click()
    canvas(page)
    expect(charts).to_have_count(0)


def test_wheel_drag_keys_and_the_small_map_move_all_maps(open_page):
    page = open_page(LARGE)
    canvas(page)
    start = seen(page)
    assert start == [0, 1000, 0, 1000]
    page.mouse.move(*at(page, 100, 100))
    page.mouse.wheel(0, -400)
    zoomed = moved(page, start)
    assert zoomed[1] - zoomed[0] < 700
    page.mouse.down()
    page.mouse.move(*at(page, 60, 70), steps=3)
    page.mouse.up()
    dragged = moved(page, zoomed)
    assert dragged[0] > zoomed[0] and dragged[2] > zoomed[2]
    canvas(page).focus()
    page.keyboard.press("ArrowLeft")
    panned = moved(page, dragged)
    assert panned[2] < dragged[2] and panned[0] == dragged[0]
    small = page.locator(".deep-zoom .mini").bounding_box()
    assert small is not None
    page.mouse.click(small["x"] + small["width"] - 4, small["y"] + small["height"] - 4)
    corner = moved(page, panned)
    assert corner[1] == 1000 and corner[3] == 1000
    page.keyboard.press("Tab")
    canvas(page).focus()
    page.keyboard.press("0")
    assert moved(page, corner) == start


def test_the_small_map_is_there_before_the_overview_where_a_method_has_it(open_page):
    page = open_page(LARGE.replace("=1000", "=65536").replace("longformer", "performer"))
    small = page.locator(".deep-zoom .mini")
    expect(small).to_have_attribute("title", re.compile("^Performer"), timeout=WAIT)
    assert small.evaluate(MANY_COLOURS)


def test_the_part_that_is_seen_is_in_the_url_and_reopens(open_page):
    page = open_page(LARGE)
    canvas(page).focus()
    page.keyboard.press("+")
    part = moved(page, [0, 1000, 0, 1000])
    expect(page).to_have_url(
        re.compile(rf"x_view={part[0]}-{part[1]}_{part[2]}-{part[3]}"), timeout=WAIT
    )
    expect(page.get_by_text("is in view")).to_be_visible(timeout=WAIT)
    page.reload()
    canvas(page)
    assert seen(page) == part


def test_a_pinned_cell_has_the_engines_numbers_and_stays_pinned(open_page):
    page = open_page(LARGE)
    where = at(page, 60, 55)
    page.mouse.move(*where)
    expect(page.locator(".deep-zoom .tip")).to_contain_text("difference", timeout=WAIT)
    told = page.locator(".deep-zoom .tip").inner_text().split("\n")
    tip = dict(zip(told[::2], told[1::2], strict=True))
    i, j = int(tip["query"]), int(tip["key"])
    source = load_source(SourceSpec(kind="synthetic", length=1000, structure="local"))
    sides = build_sides(ViewSpec(source.spec, "longformer"), source)
    here = slice(i, i + 1), slice(j, j + 1)
    exact, method = (side.block(*here).item() for side in (sides.exact, sides.method))
    assert float(tip["exact"]) == pytest.approx(exact, rel=1e-3)
    assert float(tip["Longformer"]) == pytest.approx(method, rel=1e-3)
    assert float(tip["q·k"]) == pytest.approx(
        float(source.q[0, 0, i].double() @ source.k[0, 0, j].double()), rel=1e-3
    )
    page.mouse.click(*where)
    readout = page.get_by_test_id("stMarkdown").filter(has_text=f"Query {i}, key {j}")
    expect(readout).to_contain_text(f"{exact:.4g}", timeout=WAIT)
    expect(page).to_have_url(re.compile(rf"i={i}&j={j}"))
    page.get_by_role("link", name="Overview").click()
    expect(page.get_by_role("heading", name="Choosing an attention mechanism")).to_be_visible(
        timeout=WAIT
    )
    page.get_by_text("Understand").click()
    page.get_by_role("menuitem", name="Attention matrices").click()
    expect(readout).to_contain_text(f"{exact:.4g}", timeout=WAIT)


def test_the_cursor_of_the_keys_is_read_out_and_pins(open_page):
    page = open_page(LARGE + "&i=500&j=500")
    said = page.locator(".deep-zoom .said")
    expect(said).to_contain_text("by a cell, or by a pixel where cells are smaller", timeout=WAIT)
    canvas(page).focus()
    page.keyboard.press("Shift+ArrowDown")
    expect(said).to_contain_text(re.compile(r"^Query 50\d, key 500; q·k"), timeout=WAIT)
    query = re.search(r"Query (\d+)", said.inner_text())
    assert query is not None and int(query[1]) > 501  # cells are smaller than a pixel here
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(rf"i={query[1]}&j=500"), timeout=WAIT)


def test_colours_cost_no_request(open_page):
    page = open_page(LARGE)
    canvas(page)
    asked = []
    page.on("request", lambda one: asked.append(one.url) if "/tile?" in one.url else None)
    before = page.locator(".deep-zoom .legends").inner_text()
    page.get_by_role("button", name="Colours").click()
    page.get_by_text("uniform", exact=True).click()
    expect(page.locator(".deep-zoom .legends")).to_contain_text("× uniform", timeout=WAIT)
    assert page.locator(".deep-zoom .legends").inner_text() != before
    assert not asked


def test_colours_end_at_what_is_seen_without_the_hidden_keys(open_page):
    source = load_source(SourceSpec(kind="synthetic", length=1000, structure="sinks"))
    sides = build_sides(ViewSpec(source.spec, "longformer"), source)

    def largest(i0: int, i1: int, j0: int, j1: int) -> float:
        here = slice(i0, i1), slice(j0, j1)
        return max(side.block(*here).max().item() for side in (sides.exact, sides.method))

    url = LARGE.replace("structure=local", "structure=sinks") + "&colours=linear"
    for part, hidden in (
        ((0, 200, 0, 200), 8),
        ((300, 500, 120, 320), 0),
        ((600, 610, 600, 610), 0),
    ):
        i0, i1, j0, j1 = part
        expected = largest(i0, i1, max(j0, hidden), j1)
        page = open_page(f"{url}&x_view={i0}-{i1}_{j0}-{j1}&sinks={hidden}")
        canvas(page)
        assert seen(page) == list(part)
        assert page.locator(".deep-zoom").get_attribute("data-level") == "0"
        # A code stands for numbers a twelfth apart, and the legend has two digits.
        assert weight_top(page) == pytest.approx(expected, rel=0.1)
        assert largest(0, 1000, 0, 1000) > 1.2 * expected


def weight_top(page: Page) -> float:
    """Where the colours of weights end, as the legend says."""
    ends = page.locator(".deep-zoom .legend .ends").first.locator("span")
    return float(ends.last.inner_text())


def test_method_error_and_budget_change_the_maps_and_the_sentence(open_page):
    page = open_page(LARGE)
    canvas(page)
    sentence = page.get_by_text("off the exact matrix")
    expect(sentence).to_be_visible(timeout=WAIT)
    before = sentence.inner_text()
    page.get_by_role("slider").first.press("ArrowLeft")
    expect(sentence).not_to_have_text(before, timeout=WAIT)
    expect(page).to_have_url(re.compile(r"x\.longformer\.window=64"))
    box = page.get_by_role("combobox", name=re.compile("Error"))
    box.click()
    box.fill("row KL")
    box.press("Enter")
    expect(page).to_have_url(re.compile("x_error=row"), timeout=WAIT)
    canvas(page)
    expect(page.locator(".deep-zoom .legends")).to_contain_text("infinite")


def test_a_head_is_chosen_by_its_picture(open_page):
    page = open_page("/matrices")
    button = page.get_by_role("button", name="Head 2", exact=True)
    button.focus(timeout=WAIT)
    page.keyboard.press("Enter")
    expect(button).to_have_attribute("aria-pressed", "true", timeout=WAIT)
    expect(page).to_have_url(re.compile("head=2"))
    expect(button).to_be_focused()
