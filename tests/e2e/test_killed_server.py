"""Streamlit is killed in the middle of a sweep, as by a crash: the sweep goes on, and the next server shows it."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from attn_core.store import Store
from tests.e2e.conftest import address, free_port, start_server

SWEEP = "/speed?methods=softmax&methods=flash&lengths=256&lengths=1024&seconds=1"


@pytest.mark.e2e
def test_a_sweep_outlives_the_server(tmp_path: Path, browser: Browser) -> None:
    port = free_port()
    server, second = start_server(tmp_path, port), None
    context = browser.new_context()
    try:
        page = context.new_page()
        page.goto(address(port) + SWEEP)
        page.get_by_role("button", name="Run sweep", exact=True).click()
        expect(page.get_by_role("button", name="Cancel", exact=True)).to_be_visible(timeout=30_000)
        server.kill()
        server.wait()
        before = Store(tmp_path).runs()[0]
        second = start_server(tmp_path, port)
        page.goto(address(port) + "/speed")
        expect(page.get_by_role("tab", name="Rows")).to_be_visible(timeout=60_000)
        expect(page.get_by_role("button", name="Cancel", exact=True)).to_be_hidden(timeout=90_000)
        after = Store(tmp_path).run(before.id)
        assert (after.state, after.cells) == ("done", 4)
    finally:
        context.close()
        for process in (server, second):
            if process is not None:
                process.kill()
                process.wait()
