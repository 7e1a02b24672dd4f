"""A sweep through the page: started, watched, reloaded, cancelled, resumed, exported; from another tab as well."""

import csv
import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Download, Page, expect

from tests.e2e.conftest import serving

# Quick enough to finish in a few seconds.
SMALL = "/speed?methods=flash&methods=longformer&lengths=64&lengths=128&lengths=256&seconds=0.25"
# Long enough to be reloaded and cancelled on the way.
LONG = "/speed?methods=softmax&methods=flash&lengths=512&lengths=1024&lengths=2048&seconds=5"
FINISHED_MS, STARTED_MS = 90_000, 30_000
SVG = re.compile(r"<svg[ >]")


@pytest.fixture(scope="module")
def dashboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """With a store of its own, for these tests leave runs in it."""
    yield from serving(tmp_path_factory.mktemp("speed"))


def button(page: Page, name: str):
    return page.get_by_role("button", name=name, exact=True)


def start(page: Page) -> None:
    button(page, "Run sweep").click()
    expect(button(page, "Cancel")).to_be_visible(timeout=STARTED_MS)


def saved(page: Page, label: str) -> str:
    button(page, "Export").click()
    with page.expect_download() as started:
        button(page, label).click()
    download: Download = started.value
    page.keyboard.press("Escape")
    return Path(download.path()).read_text()


@pytest.mark.e2e
def test_a_small_sweep_is_run_and_exported(open_page: Callable[..., Page]) -> None:
    page = open_page(SMALL)
    start(page)
    expect(page.get_by_role("progressbar").first).to_be_visible()
    expect(button(page, "Cancel")).to_be_hidden(timeout=FINISHED_MS)
    expect(
        page.locator(
            "[data-testid=stVegaLiteChart] canvas, [data-testid=stVegaLiteChart] svg"
        ).first
    ).to_be_visible()
    expect(page.get_by_role("tab", name="Rows")).to_be_visible()
    rows = list(csv.DictReader(io.StringIO(saved(page, "CSV"))))
    assert {(row["method"], row["queries"]) for row in rows} == {
        (method, length) for method in ("flash", "longformer") for length in ("64", "128", "256")
    }
    assert all(float(row["median_s"]) > 0 for row in rows if row["outcome"] in ("ok", "unstable"))
    assert sum(row["outcome"] in ("ok", "unstable") for row in rows) == len(rows)
    drawing = saved(page, "SVG")
    assert SVG.search(drawing)
    assert re.search(r"\b\d+ threads?\b", drawing)  # the environment line at its foot
    assert "FlashAttention" in drawing


@pytest.mark.e2e
def test_a_running_sweep_survives_a_reload_and_can_be_cancelled_and_resumed(
    open_page: Callable[..., Page],
) -> None:
    page = open_page(LONG)
    start(page)
    page.reload()
    expect(button(page, "Cancel")).to_be_visible(timeout=STARTED_MS)
    other_tab = open_page("/speed")
    expect(button(other_tab, "Cancel")).to_be_visible(timeout=STARTED_MS)
    button(page, "Cancel").click()
    expect(page.get_by_text("This sweep was cancelled.")).to_be_visible(timeout=STARTED_MS)
    expect(other_tab.get_by_text("This sweep was cancelled.")).to_be_visible(timeout=STARTED_MS)
    button(page, "Resume").click()
    expect(button(page, "Cancel")).to_be_visible(timeout=STARTED_MS)
    button(page, "Cancel").click()
    expect(button(page, "Resume")).to_be_visible(timeout=STARTED_MS)


@pytest.mark.e2e
def test_a_second_sweep_waits_and_says_its_place(open_page: Callable[..., Page]) -> None:
    first = open_page(LONG)
    start(first)
    second = open_page(SMALL)
    button(second, "Run sweep").click()
    expect(
        second.get_by_text(re.compile("waiting|queue|ahead", re.IGNORECASE)).first
    ).to_be_visible(timeout=STARTED_MS)
    button(second, "Cancel").click()
    expect(button(second, "Resume")).to_be_visible(timeout=STARTED_MS)
    button(first, "Cancel").click()
    expect(button(first, "Resume")).to_be_visible(timeout=STARTED_MS)


@pytest.mark.e2e
def test_what_cannot_run_is_said_before_it_starts(open_page: Callable[..., Page]) -> None:
    page = open_page("/speed?methods=linformer&methods=flash&lengths=64&s_role=decoder")
    button(page, "1 cannot run: Linformer").click()
    expect(page.get_by_text(re.compile("decoder role is not supported")).first).to_be_visible()
    page = open_page("/speed?methods=flash&lengths=64&other_lengths=abc")
    expect(page.get_by_role("alert").first).to_contain_text("'abc'", timeout=STARTED_MS)
    expect(button(page, "Run sweep")).to_be_disabled()
