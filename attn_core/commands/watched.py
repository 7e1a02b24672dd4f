"""What `sweep`, `figure-z` and `tradeoff` share: long work in this process, shown while it goes on."""

from __future__ import annotations

from collections.abc import Callable
from unicodedata import category

from attn_core.commands.interrupts import Interrupts
from attn_core.commands.progress import Display
from attn_core.exchange.intake import LONGEST_NAME
from attn_core.store import Store

# Control characters, halves of characters, and what begins another line: a run is one line of a table.
UNSEEN = ("Cc", "Cs", "Zl", "Zp")
# Does the run, shows how far it is, and leaves when it is told to stop.
Work = Callable[[Store, str, Display, Interrupts], None]


def check_name(name: str | None) -> None:
    if name and len(name) > LONGEST_NAME:
        raise ValueError(f"--name must be at most {LONGEST_NAME} characters, got {len(name)}")
    if unseen := next((one for one in name or "" if category(one) in UNSEEN), None):
        raise ValueError(
            f"--name must be one line of printable characters, got U+{ord(unseen):04X} in {name!r}"
        )


def watched(work: Work, store: Store, run_id: str, display: Display) -> bool:
    """Whether it was asked to stop."""
    with Interrupts(display.say) as stop:
        try:
            work(store, run_id, display, stop)
        except KeyboardInterrupt:
            stop.asked = True
        finally:
            display.close()
    return stop.asked
