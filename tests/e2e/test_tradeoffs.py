"""A newcomer's way over the Trade-offs page: a study, a budget, a point and its map, and a report to take along."""

import re
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from attn_core.naming import called
from attn_core.sources.spec import SourceSpec
from attn_core.store import Run, Store
from attn_core.tradeoff.points import points
from attn_core.tradeoff.qualify import Answer, Budget, answer
from attn_core.tradeoff.stored import of_store
from dashboard.services.tradeoff_budget import headline
from tests.dashboard.planted_tradeoffs import full
from tests.e2e.conftest import in_both_themes, serving
from tests.e2e.test_accessibility import serious
from tests.e2e.test_linked_points import place
from tests.e2e.test_looking import CONTROLS, MISSED, VISIT
from tests.paper import dense, words_of

pytestmark = pytest.mark.e2e
N = 256
METHODS = ("softmax", "flash", "low_rank", "longformer")
# The preset of 60 seconds, with so little to measure that it is settled sooner.
STUDY = "/tradeoffs?" + "&".join(f"d_methods={name}" for name in METHODS) + f"&d_lengths={N}"
STARTED_MS, FINISHED_MS = 30_000, 150_000
PLANTED = "Planted laptop-id"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tradeoffs")


@pytest.fixture(scope="module")
def dashboard(folder: Path) -> Iterator[str]:
    """With a store of its own: these tests leave a study in it, beside one of another machine."""
    full(Store(folder), command="python -m attn_core tradeoff --planted")
    yield from serving(folder)


@pytest.fixture(scope="module")
def watched(folder: Path, browser, dashboard: str) -> Run:
    """A study that was started with the button, and watched until its end."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    noise: list[str] = []
    page.on("console", lambda said: noise.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: noise.append(str(error)))
    page.goto(dashboard + STUDY)
    still(page)
    button(page, "Run study").click()
    expect(button(page, "Cancel")).to_be_visible(timeout=STARTED_MS)
    expect(page.get_by_role("progressbar").first).to_be_visible(timeout=STARTED_MS)
    # While it runs, its points come into the place of what was shown before.
    expect(page.get_by_text(PLANTED)).to_have_count(0, timeout=FINISHED_MS)
    expect(page.locator(".linked")).to_have_attribute("data-shown", re.compile(r"[1-9]"))
    assert Store(folder).runs(kind="tradeoff")[0].state == "running"
    expect(button(page, "Cancel")).to_be_hidden(timeout=FINISHED_MS)
    still(page)
    run = Store(folder).runs(kind="tradeoff")[0]
    assert run.state == "done" and not noise
    expect(page.locator(".linked")).to_have_attribute("data-shown", str(run.cells))
    context.close()
    return run


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def still(page: Page) -> None:
    app = page.get_by_test_id("stApp")
    expect(app).to_have_attribute("data-test-script-state", "notRunning", timeout=STARTED_MS)


def settled(page: Page) -> None:
    """What comes into place moves what lies below it."""
    expect(page.locator(".linked[data-took]")).to_be_visible(timeout=STARTED_MS)
    still(page)


def stored(folder: Path, run: Run):
    """The points of the study as the engine makes them, read from the store again."""
    return points(of_store(Store(folder), [run.id]))


def asked(page: Page, label: str, value: float) -> None:
    still(page)
    box = page.get_by_role("spinbutton", name=re.compile(f"^{re.escape(label)}"))
    box.fill(f"{value:g}")
    box.press("Enter")


def said(page: Page, found: Answer) -> None:
    """The page says the engine's answer, word for word."""
    expect(page.get_by_text(headline(found).replace("**", ""))).to_be_visible(timeout=STARTED_MS)


def test_a_budget_gets_the_answer_of_the_engine(open_page, folder, watched):
    table = stored(folder, watched)
    flash = table[table["label"] == "flash"].iloc[0]
    most = float(f"{flash['time_s_high'] * 2e3:.3g}")
    page = open_page("/tradeoffs")
    asked(page, "Time, at most", most)
    asked(page, "Output error, at most", 5)
    found = answer(table, Budget(N, {"time_s": most / 1e3, "output_error": 0.05}))
    assert found.surely
    said(page, found)
    best = found.best["time_s"].candidate
    expect(
        page.get_by_role("table").get_by_role("cell", name=best.name, exact=True).first
    ).to_be_visible()
    expect(page.get_by_text(f'get_method("{best.point["method"]}")')).to_be_visible()
    asked(page, "Time, at most", 1e-6)
    found = answer(table, Budget(N, {"time_s": 1e-9, "output_error": 0.05}))
    assert found.least
    said(page, found)
    expect(page).to_have_url(re.compile(r"need\.time_s=0\.000001"))


def test_a_point_leads_to_its_numbers_and_to_its_map(open_page, folder, watched):
    table = stored(folder, watched)
    sparse = table[(table["method"] == "longformer") & table["output_error"].notna()]
    chosen = sparse.iloc[int(sparse["time_s"].argmin())]
    page = open_page("/tradeoffs")
    expect(page.locator(".linked")).to_have_attribute(
        "data-shown", str(len(table)), timeout=STARTED_MS
    )
    still(page)
    page.mouse.click(*place(page, chosen["id"]))
    expect(page.get_by_text(f"{called(chosen['label'])} at N = {N}").first).to_be_visible(
        timeout=STARTED_MS
    )
    samples = next(
        row for row in Store(folder).rows(watched.id) if row["label"] == chosen["label"]
    )
    expect(page.get_by_text(f"{len(samples['samples'])} timings")).to_be_visible()
    still(page)
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Its attention map").click()
    shown = opened.value
    noise: list[str] = []
    shown.on("console", lambda one: noise.append(one.text) if one.type == "error" else None)
    shown.on("pageerror", lambda error: noise.append(str(error)))
    expect(shown.get_by_role("heading", name="Attention matrices")).to_be_visible(
        timeout=STARTED_MS
    )
    source = next(
        SourceSpec.from_json(row["source"])
        for row in Store(folder).rows(watched.id, "fidelity")
        if (row["label"], row["source_key"]) == (chosen["label"], chosen["source_key"])
    )
    expect(shown.locator(".deep-zoom")).to_have_attribute("data-missing", "0", timeout=60_000)
    assert shown.locator(".deep-zoom").get_attribute("data-view") == f"0 {N} 0 {N}"
    map_words = shown.get_by_role("application").get_attribute("aria-label") or ""
    assert f"Longformer, window {chosen['params']['window']}" in map_words
    assert (
        f"{source.structure} queries and keys" in map_words and f"seed {source.seed}," in map_words
    )
    expect(shown.get_by_role("alert")).to_have_count(0)
    assert not noise


def taken(page: Page, label: str) -> bytes:
    button(page, "Report").click()
    with page.expect_download(timeout=60_000) as download:
        button(page, label).click()
    page.keyboard.press("Escape")
    return Path(download.value.path()).read_bytes()


def verdict_on(page: Page) -> list[str]:
    """The sentences as they are read: each stands above the button with its evidence, and below all of them what the
    study left unmeasured."""
    above = page.locator("[class*=st-key-d_evidence_]").locator("xpath=preceding-sibling::*[1]")
    left = page.get_by_test_id("stCaptionContainer").filter(has_text="Newest study:")
    return [" ".join(one.split()) for one in above.all_inner_texts() + left.all_inner_texts()]


def test_the_report_says_what_the_page_says(open_page, folder, watched):
    page = open_page("/tradeoffs")
    settled(page)
    said = verdict_on(page)
    assert 4 <= len(said) <= 7 and all(one.endswith(".") for one in said)
    assert said[-1].startswith("Newest study:")
    assert f"at N = {N:,}" in said[0]
    html = taken(page, "HTML").decode()
    (section,) = re.findall(r"<h2>Verdict</h2>(.*?)<h2>", html, re.S)
    assert [unescape(one) for one in re.findall(r"<p>(.*?)</p>", section, re.S)] == said
    text = unescape(html)
    machine = Store(folder).environments([watched.environment_id])[watched.environment_id]["line"]
    assert machine in text
    assert watched.command in text and "--methods softmax,flash,low_rank,longformer" in text
    assert PLANTED not in text and "--planted" not in text
    for label in stored(folder, watched)["label"]:
        assert f"<td>{called(label)}</td>" in text
    assert not re.search(r"(?:src|href)=[\"'](?!data:)", text)
    paper = taken(page, "PDF")
    assert paper.startswith(b"%PDF") and paper.rstrip().endswith(b"%%EOF")
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) >= 2
    words = dense(words_of(paper))
    labels = [called(label) for label in stored(folder, watched)["label"]]
    for one in (*said, *labels, machine, watched.command):
        assert dense(one) in words
    assert dense(PLANTED) not in words and dense("--planted") not in words


def test_a_link_keeps_the_source_of_the_errors(open_page):
    """The address that the page itself shows leads back to the same errors."""
    page = open_page("/tradeoffs?d_source=teacher+layer+1")
    words = page.get_by_text("Errors are those on teacher layer 1").first
    expect(words).to_be_visible(timeout=STARTED_MS)
    settled(page)
    address = page.url
    assert "d_source=teacher" in address
    page.goto(address)
    expect(words).to_be_visible(timeout=STARTED_MS)


def test_axe_finds_nothing_serious_in_any_tab(open_page: Callable[..., Page], folder):
    run_id = Store(folder).runs(kind="tradeoff")[-1].id
    page = open_page(f"/tradeoffs?point={run_id}/flash @ 2048")
    settled(page)
    for scheme in in_both_themes(page):
        for tab in ("Budget", "Front", "Crossovers", "Error and quality", "Published"):
            still(page)
            page.get_by_role("radio", name=tab).or_(button(page, tab)).first.click()
            still(page)
            found = serious(page)
            if found:
                # While a page is drawn again what is stale is faded: only what stays is a fault.
                page.wait_for_timeout(2000)
                still(page)
                found = serious(page)
            assert not found, (scheme, tab)
    expect(page.get_by_test_id("stException")).to_have_count(0)


def test_every_control_is_reached_with_the_tab_key(open_page):
    page = open_page("/tradeoffs")
    settled(page)
    assert page.evaluate(CONTROLS, "") > 10
    for _ in range(500):
        page.keyboard.press("Tab")
        if page.evaluate(VISIT):
            break
    # From row to row of the table the arrow keys go on.
    assert page.evaluate(CONTROLS, ":not([data-visited]):not(tbody *)") == 0, page.evaluate(MISSED)
