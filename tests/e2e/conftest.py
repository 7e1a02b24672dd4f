"""A real server and a real browser: one for all tests that only look, one of its own for each module that leaves runs
behind. Nothing sleeps, `expect` waits."""

import os
import shutil
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
STARTUP_SECONDS = 60


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_healthy(server: subprocess.Popen[bytes], url: str, log: Path) -> None:
    """Ask until the server answers; between two questions it waits for the server to end, which it should not."""
    for _ in range(STARTUP_SECONDS * 4):
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=1):
                return
        except OSError:
            try:
                server.wait(0.25)
            except subprocess.TimeoutExpired:
                continue
            break
    pytest.fail(f"the dashboard did not start:\n{log.read_text()}")


def start_server(folder: Path, port: int) -> subprocess.Popen[bytes]:
    """A dashboard over the store in `folder`, ready to be asked."""
    command = [sys.executable, "-m", "streamlit", "run", "dashboard/app.py"]
    options = ["--server.port", str(port), "--server.headless", "true"]
    log = folder / "server.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            command + options,
            cwd=ROOT,
            env=os.environ | {"ATTN_CORE_HOME": str(folder)},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_until_healthy(server, address(port), log)
    except BaseException:
        server.kill()
        raise
    return server


def address(port: int) -> str:
    return f"http://127.0.0.1:{port}"


def serving(folder: Path) -> Iterator[str]:
    """The address of a running dashboard over the store in `folder`."""
    port = free_port()
    server = start_server(folder, port)
    yield address(port)
    server.terminate()
    server.wait(15)


@pytest.fixture(scope="session")
def dashboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """With an empty store. A module whose tests store something has a fixture of this name with a store of its own."""
    yield from serving(tmp_path_factory.mktemp("dashboard"))


# Not for the session: while it runs, no test of another module could run an event loop.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = CHROMIUM if Path(CHROMIUM).exists() else shutil.which("chromium")
    if path is None:
        pytest.fail("no Chromium at hand: `make test` installs the distribution's")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield started
        started.close()


# Of the page, as .streamlit/config.toml has them.
PAPERS = {"light": "rgb(255, 255, 255)", "dark": "rgb(21, 23, 27)"}


def in_both_themes(page: Page) -> Iterator[str]:
    """The same page in one theme, then in the other, drawn anew."""
    for scheme, paper in PAPERS.items():
        page.emulate_media(color_scheme=scheme)
        expect(page.get_by_test_id("stApp")).to_have_css("background-color", paper, timeout=30_000)
        yield scheme


@pytest.fixture(scope="module")
def contexts(browser: Browser) -> Iterator[Callable[[int, int, str], BrowserContext]]:
    """One a window and scheme: what a browser has compiled it keeps for its next page."""
    known: dict[tuple[int, int, str], BrowserContext] = {}

    def context(width: int, height: int, scheme: str) -> BrowserContext:
        key = width, height, scheme
        if key not in known:
            size = {"width": width, "height": height}
            known[key] = browser.new_context(viewport=size, color_scheme=scheme)
        return known[key]

    yield context
    for one in known.values():
        one.close()


@pytest.fixture
def open_page(contexts, dashboard: str) -> Iterator[Callable[..., Page]]:
    """Opens a page of the dashboard; any error on its console fails the test at the end."""
    pages, noise = [], []

    def opened(
        url: str = "/", width: int = 1280, height: int = 800, scheme: str = "light"
    ) -> Page:
        page = contexts(width, height, scheme).new_page()
        pages.append(page)
        page.on("console", lambda said: noise.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: noise.append(str(error)))
        page.goto(dashboard + url)
        return page

    yield opened
    for page in pages:
        page.close()
    assert not noise
