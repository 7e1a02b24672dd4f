"""Figure Z through the page: the small article with two methods, watched, reloaded, finished, exported."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import serving

# Steps enough to be watched, and no more: what training makes of them is for the tests of training.
TEACHER_STEPS, STUDENT_STEPS = 600, 240
ARTICLE = (
    "/figure-z?protocol=article&z_methods=softmax&z_methods=longformer"
    f"&z_teacher_steps={TEACHER_STEPS}&z_student_steps={STUDENT_STEPS}"
)
START_MS, FINISHED_MS = 30_000, 300_000


@pytest.fixture(scope="module")
def dashboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """With a store of its own, for these tests leave runs in it."""
    yield from serving(tmp_path_factory.mktemp("figure_z"))


def button(page: Page, name: str):
    return page.get_by_role("button", name=name, exact=True)


def saved(page: Page, label: str) -> bytes:
    button(page, "Export").first.click()
    with page.expect_download() as started:
        button(page, label).first.click()
    page.keyboard.press("Escape")
    return Path(started.value.path()).read_bytes()


@pytest.mark.e2e
def test_the_small_article_is_run_watched_reloaded_and_exported(
    open_page: Callable[..., Page],
) -> None:
    page = open_page(ARTICLE)
    button(page, "Run Figure Z").click()
    expect(button(page, "Cancel")).to_be_visible(timeout=START_MS)
    words = page.get_by_role("progressbar").first
    expect(words).to_be_visible()
    step = page.get_by_text(re.compile(rf"step \d+ of ({TEACHER_STEPS}|{STUDENT_STEPS})\b")).first
    expect(step).to_be_visible(timeout=FINISHED_MS)
    early = step.inner_text()
    expect(step).not_to_have_text(early, timeout=START_MS)
    page.reload()
    expect(page.locator("[data-testid=stVegaLiteChart]").first).to_be_visible(timeout=START_MS)
    expect(button(page, "Cancel")).to_be_hidden(timeout=FINISHED_MS)
    drawing = saved(page, "SVG").decode()
    assert re.search(r"<svg[ >]", drawing)
    assert "Longformer" in drawing
    assert re.search(r"\b\d+ threads?\b", drawing)  # the environment line at its foot
    assert saved(page, "PDF").startswith(b"%PDF")
