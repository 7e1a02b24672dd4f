"""A dashboard of its own store and a Chromium to drive it, for benchmarks of what a reader waits for."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parents[1]
CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--enable-precise-memory-info",
)  # fmt: skip
STARTUP_S = 120


@dataclass(frozen=True)
class Server:
    """A running dashboard."""

    address: str
    process: subprocess.Popen[bytes]

    @property
    def resident(self) -> int:
        """Bytes that it holds in memory."""
        pages = Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")


@contextmanager
def dashboard(home: str = "", app: str = "dashboard/app.py") -> Iterator[Server]:
    """Over the store in `home`, or over a new one. `app` may be a page of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", app]
    command += ["--server.port", str(port), "--server.headless", "true"]
    with TemporaryDirectory(prefix="zoom-") as folder:
        environment = os.environ | {"ATTN_CORE_HOME": home or folder}
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            yield Server(_healthy(f"http://127.0.0.1:{port}"), process)
        finally:
            process.terminate()
            process.wait(20)


def _healthy(address: str) -> str:
    for _ in range(STARTUP_S * 4):
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=1):
                return address
        except OSError:
            time.sleep(0.25)
    raise RuntimeError("the dashboard did not start")


@contextmanager
def chromium(width: int = 1280, height: int = 800) -> Iterator[Page]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser.new_context(viewport={"width": width, "height": height}).new_page()
        browser.close()


def heap(page: Page) -> int:
    """Bytes of the page's own heap after a collection, array buffers included."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    used = session.send("Runtime.getHeapUsage")
    session.detach()
    return int(used["usedSize"] + used.get("backingStorageSize", 0))
