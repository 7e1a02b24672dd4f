"""What `sweep`, `figure-z` and `tradeoff` share: long work in this process, shown while it goes on."""

from __future__ import annotations

from collections.abc import Callable

from attn_core.commands.interrupts import Interrupts
from attn_core.commands.progress import Display
from attn_core.exchange.intake import LONGEST_NAME
from attn_core.store import Store

# Does the run, shows how far it is, and leaves when it is told to stop.
Work = Callable[[Store, str, Display, Interrupts], None]


def check_name(name: str | None) -> None:
    if name and len(name) > LONGEST_NAME:
        raise ValueError(f"--name must be at most {LONGEST_NAME} characters, got {len(name)}")


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
