"""What a reader of the five looking pages waits for, in a real browser.

    python -m benchmarks.looking [--rounds 5]

For each page, with drawn queries and keys at N = 1,024: from opening it in a fresh browser to the first words on the
screen and to the whole picture; and from a key pressed in a setting to the page being drawn again. The server is
warm: somebody has looked at every page before.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from benchmarks.browser import Server, chromium, dashboard
from benchmarks.zoom import DRAWN, FIRST_PAINT_MS, WIDGET_MS, presses, still

SOURCE = "source=synthetic&drawn=1024&structure=local"
PAINTED = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
VEGA = """() => [...document.querySelectorAll("[data-testid=stVegaLiteChart]")].some(
  (one) => one.querySelector("canvas, svg.marks"))"""


@dataclass(frozen=True)
class Looked:
    """A page, how to see that its picture is there, and the settings whose change is timed, by their labels."""

    path: str
    picture: str
    settings: tuple[str, ...]


PAGES = (
    Looked(f"/steps?{SOURCE}&t_method=linformer&step=scores", VEGA, ("Query i", "rank")),
    Looked(f"/matrices?{SOURCE}&x_methods=performer", f"() => ({DRAWN})(0)", ("Query i",)),
    Looked(f"/masks?{SOURCE}", VEGA, ("Query i",)),
    Looked(f"/features?{SOURCE}", VEGA, ("Query i", "features")),
    Looked(f"/low-rank?{SOURCE}", VEGA, ("Query i", "rank")),
)  # fmt: skip


def main() -> None:
    reader = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    reader.add_argument("--rounds", type=int, default=5)
    rounds = reader.parse_args().rounds
    print("| page | first words | whole picture | a changed setting, median and most |")
    print("|---|---|---|---|")
    with dashboard() as server:
        for one in PAGES:
            _opened(server, one)
            print(_row(server, one, rounds), flush=True)
    print(f"\nWanted: first paint {FIRST_PAINT_MS} ms, a widget change {WIDGET_MS} ms.")


def _row(server: Server, one: Looked, rounds: int) -> str:
    words, pictures = zip(*(_opened(server, one) for _ in range(rounds)), strict=True)
    taken = {name: list(_changes(server, one, name, 2 * rounds)) for name in one.settings}
    said = "; ".join(
        f"{name} {np.median(found):.0f}, {max(found):.0f}" for name, found in taken.items()
    )
    page = one.path.split("?")[0]
    return f"| {page} | {np.median(words):.0f} ms | {np.median(pictures):.0f} ms | {said} ms |"


def _opened(server: Server, one: Looked) -> tuple[float, float]:
    """Milliseconds to the first words and to the picture."""
    with chromium() as page:
        began = time.perf_counter()
        page.goto(server.address + one.path, wait_until="commit")
        page.wait_for_function(one.picture, polling=5, timeout=60_000)
        whole = 1000 * (time.perf_counter() - began)
        words = page.evaluate(PAINTED)
    return float(words), whole


def _changes(server: Server, one: Looked, label: str, times: int) -> Iterator[float]:
    """From a key in a number to the end of the page's last script that it started."""
    with chromium() as page:
        page.goto(server.address + one.path)
        page.wait_for_function(one.picture, polling=5, timeout=60_000)
        still(page)
        setting = page.get_by_label(label, exact=True).first
        yield from presses(page, setting, ["ArrowUp", "ArrowDown"] * (times // 2))


if __name__ == "__main__":
    main()
