"""What a server does when it starts, seen in an interpreter of its own."""

import asyncio
import subprocess
import sys

from dashboard import app

# How much is left to walk, how much is not, and whether a part of the pages is still to be imported.
SCRIPT = """
import gc, importlib, pkgutil
from dashboard import components
from dashboard.readiness import import_and_settle
import_and_settle()
left, frozen = len(gc.get_objects()), gc.get_freeze_count()
known = [one.name for one in pkgutil.iter_modules(components.__path__)]
import sys
missing = [name for name in known if f"dashboard.components.{name}" not in sys.modules]
print(left, frozen, gc.isenabled(), missing)
"""


def test_the_collector_leaves_the_libraries_alone_once_the_server_is_ready() -> None:
    """Streamlit collects after every run of a page: a reader would wait for it."""
    ran = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True, timeout=120
    )
    left, frozen, enabled, missing = ran.stdout.strip().splitlines()[-1].split(" ", 3)
    assert int(frozen) > 100_000
    assert int(left) < int(frozen) / 50
    assert (enabled, missing) == ("True", "[]")


def test_the_server_gets_ready_when_it_starts(monkeypatch) -> None:
    asked: list[str] = []
    for name in ("get_ready", "take_up_work"):
        monkeypatch.setattr(app, name, lambda name=name: asked.append(name))
    monkeypatch.setattr("attn_core.environment.leave_cores", lambda: None)

    async def start() -> None:
        async with app.lifespan(app.app):
            pass

    asyncio.run(start())
    assert sorted(asked) == ["get_ready", "take_up_work"]
