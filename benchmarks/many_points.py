"""How long the Trade-offs page takes to answer with many stored points, in a real browser.

    python -m benchmarks.many_points [--points 20000] [--rounds 5]

A store of its own gets studies of so many points: as many choices as methods and budgets give, at four lengths. Then
the page is used as a reader does; each wait is from the click to the picture or words that answer it. What an empty
store takes for the same is beside it: that much is the page's own.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np

from attn_core.methods import METHODS
from attn_core.store import Store
from attn_core.timing.spec import Choice
from benchmarks.browser import chromium, dashboard
from tests.dashboard.planted_tradeoffs import plant
from tests.tradeoff.handmade import cell, fidelity

if TYPE_CHECKING:
    from playwright.sync_api import Page

WANTED_MS = 500
LENGTHS = (512, 1024, 2048, 4096)
RUNS = 5
CHART = ".linked[data-took]"


def fill(many: int) -> None:
    """Every method by budgets from 1 up, those that it takes; the exact ones once."""
    store, dice = Store(), np.random.default_rng(0)
    choices = _choices(many // len(LENGTHS))
    for part in range(RUNS):
        own = choices[part::RUNS]
        cells, errors = [], []
        for length in LENGTHS:
            for one in own:
                budget = one.definition.budget
                share = 1.0 if budget is None else one.params[budget.name] / 512
                seconds = 1e-6 * length * (0.05 + share) * float(dice.lognormal(0, 0.2))
                error = 1e-7 if budget is None else 0.3 / (0.05 + share) * dice.lognormal(0, 0.3)
                cells.append(cell(one, length, seconds, memory=int(1e3 * length * (1 + share))))
                errors.append(fidelity(one, length, float(error), kl=float(error), recall=0.5))
        plant(store, cells, errors)


def _choices(many: int) -> list[Choice]:
    found, value = [Choice(name) for name, one in METHODS.items() if one.budget is None], 0
    while len(found) < many:
        value += 1
        for name, method in METHODS.items():
            try:
                if method.budget is not None and len(found) < many:
                    found.append(Choice(name, {method.budget.name: value}))
            except ValueError:  # this method takes no such value
                continue
    return found


# Inside the page, so that nothing counts but the page: what drives the browser takes a tenth of a second for a click.
CLICKED = """(target, answer) => new Promise((done) => {
  const began = performance.now(), seen = new Function(`return ${answer}`);
  const look = () => seen() ? done(performance.now() - began) : setTimeout(look, 4);
  target.click();
  look();
})"""
# A number that is typed counts once its box is left.
LEFT = CLICKED.replace("target.click()", "target.blur()")
SAID = (
    "[...document.querySelectorAll('{where}')].some((one) => one.textContent.includes('{words}'))"
)
TEXT = "[data-testid=stMarkdownContainer] p"
# What the linked views hold, and how many points they show.
LINKED = """[...document.querySelectorAll('.stBidiComponent *')].some((one) => {{
  const linked = one.shadowRoot?.querySelector('.linked');
  return linked && {of_it};
}})"""
PICTURE = """document.querySelector(
  '[data-testid=stVegaLiteChart] :is(canvas.marks, svg.marks)'
) !== null"""


def actions(
    page: Page, drawn: int, unmeasured: Iterator[int]
) -> Mapping[str, Callable[[], float]]:
    """What a reader does, as milliseconds until the answer is there. `unmeasured` are lengths to ask about."""

    def hide(sign: str) -> float:
        switch = page.get_by_role("switch", name="Hide beaten")
        return switch.evaluate(
            CLICKED, LINKED.format(of_it=f"Number(linked.dataset.shown) {sign} {drawn}")
        )

    def axis(name: str) -> float:
        page.get_by_role("combobox", name="Up").click()
        option = page.get_by_role("option", name=name, exact=True)
        label = (
            f"linked.querySelector('.scatter .top').ariaLabel.startsWith('{name} against time')"
        )
        return option.evaluate(CLICKED, LINKED.format(of_it=label))

    def tab(name: str, answer: str, also: str = "true") -> float:
        chosen = page.get_by_role("radio", name=name, exact=True)
        said = SAID.format(where=TEXT, words=answer)
        return chosen.evaluate(CLICKED, f"{said} && {also}")

    def another_length() -> float:
        box = page.get_by_role("spinbutton", name="Length N")
        box.fill(str(length := next(unmeasured)))
        took = box.evaluate(LEFT, SAID.format(where=TEXT, words=f"at N = {length:,}"))
        # To type has scrolled the page down, and a menu closes where it has to be scrolled back to.
        page.get_by_role("combobox", name="Up").scroll_into_view_if_needed()
        return took

    return {
        "hide beaten": lambda: hide("<"),
        "show them": lambda: hide("=="),
        "another axis": lambda: axis("Memory"),
        "and back": lambda: axis("Output error"),
        "tab Front": lambda: tab("Front", "What was measured"),
        "tab Crossovers": lambda: tab("Crossovers", "from which length on it pays"),
        "tab Budget": lambda: tab("Budget", "quickest first"),
        "Budget at another N": another_length,
        "tab Published": lambda: tab("Published", "Papers that disagree", PICTURE),
    }


def main() -> None:
    reader = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    reader.add_argument("--points", type=int, default=20_000)
    reader.add_argument("--rounds", type=int, default=5)
    asked = reader.parse_args()
    waits: dict[tuple[int, int], dict[str, list[float]]] = {}
    for many in (200, asked.points):
        with TemporaryDirectory(prefix="many-points-") as home:
            os.environ["ATTN_CORE_HOME"] = home
            fill(many)
            for lengths in (LENGTHS[-1:], LENGTHS):
                waits[many, len(lengths)] = used(home, lengths, asked.rounds)
    print(
        f"Points stored: {', '.join(f'{many:,}' for many, _ in waits)}; at so many lengths drawn:"
    )
    print("| wait | " + " | ".join(f"{many:,} at {drawn}" for many, drawn in waits) + " |")
    print("|---" * (1 + len(waits)) + "|")
    for name in next(iter(waits.values())):
        taken = [one[name] for one in waits.values()]
        print(
            f"| {name} | " + " | ".join(f"{np.median(o):.0f} ({max(o):.0f})" for o in taken) + " |"
        )
    print(
        f"\nMilliseconds: the median, and the longest. Wanted: {WANTED_MS} for all but the first drawing."
    )


def used(home: str, lengths: Sequence[int], rounds: int) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    with dashboard(home) as server, chromium(1280, 1400) as page:
        began = time.perf_counter()
        page.goto(f"{server.address}/tradeoffs?{'&'.join(f'at={one}' for one in lengths)}")
        page.locator(CHART).wait_for(timeout=120_000)
        drawn = int(page.locator(CHART).get_attribute("data-shown") or 0)
        found["first drawing"] = [1e3 * (time.perf_counter() - began)]
        page.wait_for_timeout(2000)
        unmeasured = count(LENGTHS[0] + 1, 37)
        for _ in range(rounds):
            for name, act in actions(page, drawn, unmeasured).items():
                found.setdefault(name, []).append(act())
                page.wait_for_timeout(700)
    return found


if __name__ == "__main__":
    main()
