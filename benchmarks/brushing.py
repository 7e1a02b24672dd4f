"""How long a reader of linked points waits while brushing, in a real browser.

    python -m benchmarks.brushing [--points 20000] [--moves 150]

From the component's data to the first picture, then from every move of the pointer to the frame that shows it: of a
rectangle in the scatter, and of a range on an axis of the parallel coordinates. A move waits for the browser's next
frame too, which comes every 16.7 ms; what that wait is on an empty page is told beside it.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.browser import chromium, dashboard, heap

if TYPE_CHECKING:
    from playwright.sync_api import Page

APP = "tests/harness/planted_points.py"
FIRST_MS, MOVE_MS = 300, 32
WIDTHS = (1280, 800)
MOVED = """before => {
  const hosts = [...document.querySelectorAll(".stBidiComponent *")];
  const told = hosts.map((one) => one.shadowRoot?.querySelector(".linked")).find(Boolean)?.dataset;
  return Number(told?.moves || 0) > before && Number(told.move);
}"""

EMPTY = """async () => {
  const taken = [];
  while (taken.length < 100) {
    const began = performance.now();
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    taken.push(performance.now() - began);
    await new Promise((done) => setTimeout(done, 7));
  }
  return taken;
}"""


def main() -> None:
    reader = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    reader.add_argument("--points", type=int, default=20_000)
    reader.add_argument("--moves", type=int, default=150)
    asked = reader.parse_args()
    print(
        "| width | brush | first picture | moves | p50 ms | p95 ms | worst | heap |\n|---|---|---|---|---|---|---|---|"
    )
    with dashboard(app=APP) as server:
        for width in WIDTHS:
            with chromium(width, 1400) as page:
                page.goto(f"{server.address}/?points=many&n={asked.points}")
                page.locator(".linked[data-took]").wait_for(timeout=120_000)
                first = float(page.locator(".linked").get_attribute("data-took") or "nan")
                for name, part in (("rectangle", ".scatter"), ("axis", ".parallel")):
                    taken = list(moves(page, part, asked.moves))
                    p50, p95, worst = np.percentile(taken, (50, 95, 100))
                    print(
                        f"| {width} | {name} | {first:.0f} ms | {len(taken)} | {p50:.1f} | **{p95:.1f}** | "
                        f"{worst:.1f} | {heap(page) / 1e6:.0f} MB |"
                    )
            with chromium(width, 1400) as page:
                idle = sorted(page.evaluate(EMPTY))
                print(
                    f"| {width} | nothing | | {len(idle)} | {idle[len(idle) // 2]:.1f} | "
                    f"**{idle[int(len(idle) * 0.95)]:.1f}** | {idle[-1]:.1f} | |"
                )
    print(f"\nWanted: first picture {FIRST_MS} ms, p95 of a move {MOVE_MS} ms.")


def moves(page: Page, part: str, many: int) -> Iterator[float]:
    """One drag that grows and shrinks, up to nearly the whole picture."""
    box = page.locator(f"{part} .top").bounding_box()
    assert box is not None
    if part == ".scatter":
        x, y, across, down = box["x"] + 80, box["y"] + 45, box["width"] - 110, box["height"] - 110
    else:
        x, y, across, down = box["x"] + 58, box["y"] + 80, 0.0, box["height"] - 108
    page.mouse.move(x, y)
    page.mouse.down()
    for move in range(many):
        share = 0.5 - 0.48 * math.cos(2 * math.pi * move / 60)
        before = int(page.locator(".linked").get_attribute("data-moves") or 0)
        page.mouse.move(x + share * across, y + share * down + 5)
        yield float(
            page.wait_for_function(MOVED, arg=before, polling=5, timeout=10_000).json_value()
        )
    page.mouse.up()
    page.keyboard.press("Escape")


if __name__ == "__main__":
    main()
