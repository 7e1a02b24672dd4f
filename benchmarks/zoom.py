"""What a reader of the Attention matrices page waits for, in a real browser.

    python -m benchmarks.zoom [--lengths 8192,65536] [--steps 500] [--method performer]

For each length: the time from opening the page to a complete picture, from a wheel or drag to the last tile drawn,
the browser's heap and the server's memory. Before N = 65,536 can be shown whole, its overview is made by the job
that a reader would start; how long that took is a column too. Last, the time that a changed widget takes.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.browser import Server, chromium, dashboard, heap

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

URL = "/matrices?source=synthetic&drawn={length}&structure=local&x_methods={method}"
AT_MOST_MS, FIRST_PAINT_MS, WIDGET_MS, HEAP_MB = 120, 2500, 400, 200
OVERVIEW_S = 3600
WHEEL = 260
SAMPLE_EVERY = 50
# The canvas lives in a shadow root. Complete: nothing is missing, and more pictures were finished than before.
DRAWN = """before => {
  const hosts = [...document.querySelectorAll(".stBidiComponent *")];
  const told = hosts.map((one) => one.shadowRoot?.querySelector(".deep-zoom")).find(Boolean)?.dataset;
  return told?.missing === "0" && Number(told.steps) > before;
}"""
# Notes when a script of the page came to its end.
WATCH = """() => { const app = document.querySelector("[data-testid=stApp]");
  window.ended = 0;
  new MutationObserver(() => {
    if (app.dataset.testScriptState === "notRunning") window.ended = performance.now();
  }).observe(app, { attributes: true, attributeFilter: ["data-test-script-state"] }); }"""
SETTLE_MS = 400
STATE = (
    "() => document.querySelector('[data-testid=stApp]')?.getAttribute('data-test-script-state')"
)


@dataclass
class Found:
    """One length's numbers, in milliseconds and bytes."""

    length: int
    overview_s: float
    first_paint: float
    steps: list[float]
    heap: int
    server: list[int]

    @property
    def row(self) -> str:
        p50, p95, worst = np.percentile(self.steps, (50, 95, 100))
        grown = (self.server[-1] - self.server[0]) / 2**20
        return (
            f"| {self.length:,} | {self.overview_s:,.0f} s | {self.first_paint:,.0f} ms | {len(self.steps)} | "
            f"{p50:.0f} | **{p95:.0f}** | {worst:.0f} ms | {self.heap / 1e6:.0f} MB | "
            f"{self.server[0] / 2**20:,.0f} → {self.server[-1] / 2**20:,.0f} MiB ({grown:+.0f}) |"
        )


def main() -> None:
    reader = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    reader.add_argument("--lengths", default="8192,65536")
    reader.add_argument("--steps", type=int, default=500)
    reader.add_argument("--method", default="performer")
    reader.add_argument("--home", default="", help="a store that has the overviews already")
    asked = reader.parse_args()
    with dashboard(asked.home) as server:
        with chromium() as page:  # the first reader of all warms the server up
            page.goto(server.address + URL.format(length=256, method=asked.method))
            _drawn(page, 0)
            widgets = list(_widget_changes(page, server, asked.method))
        found = [
            measure(server, int(length), asked.method, asked.steps)
            for length in asked.lengths.split(",")
        ]
    print(
        "| N | overview | first paint | steps | p50 ms | p95 ms | worst | browser heap | server |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for one in found:
        print(one.row)
    middle, most = np.median(widgets), max(widgets)
    print(f"\nA widget change at N = 1,024: {middle:.0f} ms in the middle, {most:.0f} ms at most.")
    print(
        f"Wanted: first paint {FIRST_PAINT_MS} ms, p95 of a step {AT_MOST_MS} ms, a widget change {WIDGET_MS} ms, "
        f"heap {HEAP_MB} MB."
    )


def measure(server: Server, length: int, method: str, steps: int) -> Found:
    url = server.address + URL.format(length=length, method=method)
    with chromium() as page:
        page.goto(url)
        overview = _overview(page)
    with chromium() as page:
        began = time.perf_counter()
        page.goto(url)
        _drawn(page, 0)
        first = 1000 * (time.perf_counter() - began)
        page.get_by_role("button", name="Fit").click()
        taken, server_bytes = [], []
        for step, one in enumerate(_walk(page, steps)):
            taken.append(one)
            if step % SAMPLE_EVERY == SAMPLE_EVERY - 1:
                server_bytes.append(server.resident)
        return Found(length, overview, first, taken, heap(page), server_bytes or [server.resident])


def _overview(page: Page) -> float:
    """Starts the job as a reader does, and waits until the whole can be seen."""
    _drawn(page, 0)
    button = page.get_by_role("button", name="Make the overview")
    if not button.count():
        return 0.0
    began = time.perf_counter()
    button.click()
    page.get_by_role("button", name="Cancel").wait_for(timeout=60_000)
    page.get_by_role("button", name="Cancel").wait_for(state="detached", timeout=OVERVIEW_S * 1000)
    return time.perf_counter() - began


def _walk(page: Page, steps: int) -> Iterator[float]:
    """In and out at places drawn by a seed, and sideways; yields milliseconds from the input to the last tile."""
    dice = random.Random(0)
    box = page.locator(".deep-zoom .canvas").bounding_box()
    assert box is not None
    inwards, depth = True, 0
    for step in range(steps):
        before = _steps(page)
        x, y = box["x"] + dice.uniform(70, 260), box["y"] + dice.uniform(60, 250)
        page.mouse.move(x, y)
        if step % 5 == 4:
            page.mouse.down()
            page.mouse.move(x + dice.uniform(-60, 60), y + dice.uniform(-60, 60) + 5)
            page.mouse.up()
        else:
            page.mouse.wheel(0, -WHEEL if inwards else WHEEL)
            depth += 1 if inwards else -1
            inwards = depth < 1 or (inwards and depth < 16)
        try:
            _drawn(page, before, 3_000)
        except Exception:  # at an edge nothing moved, so nothing was drawn
            continue
        yield float(page.locator(".deep-zoom").get_attribute("data-took") or "nan")


def _widget_changes(page: Page, server: Server, method: str) -> Iterator[float]:
    """From a key on the budget's scrubber to the script's end, at N = 1,024."""
    page.goto(server.address + URL.format(length=1024, method=method))
    _drawn(page, 0)
    still(page)
    handle = page.get_by_role("slider").first
    yield from presses(page, handle, ["ArrowLeft"] * 4 + ["ArrowRight"] * 4)


def presses(page: Page, setting: Locator, keys: Sequence[str]) -> Iterator[float]:
    """Milliseconds from each key in a setting to the end of the page's last script that it started."""
    page.evaluate(WATCH)
    setting.focus(timeout=60_000)
    for key in keys:
        page.wait_for_timeout(SETTLE_MS)
        began = page.evaluate("() => performance.now()")
        page.keyboard.press(key)
        page.wait_for_function(f"() => window.ended > {began}", polling=20, timeout=20_000)
        page.wait_for_timeout(SETTLE_MS)
        yield page.evaluate("() => window.ended") - began


def still(page: Page) -> None:
    page.wait_for_function(f"({STATE})() === 'notRunning'", polling=5, timeout=60_000)


def _steps(page: Page) -> int:
    return int(page.locator(".deep-zoom").get_attribute("data-steps") or 0)


def _drawn(page: Page, before: int, timeout: int = 120_000) -> None:
    page.locator(".deep-zoom").wait_for(timeout=timeout)
    page.wait_for_function(DRAWN, arg=before, polling=5, timeout=timeout)


if __name__ == "__main__":
    main()
