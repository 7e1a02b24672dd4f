"""The first file of every page: Streamlit's own, which knows where its server is."""

from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from dashboard.front import FIRST_SCRIPT, FRONT, INDEX, PAGES, TOLD, told


def test_the_browser_is_told_before_its_first_script_and_all_else_is_streamlit_s_own():
    index = INDEX.read_text("utf-8")
    found = told(index)
    assert found.replace(TOLD, "", 1) == index
    assert found.index(TOLD) < found.index(FIRST_SCRIPT)


@pytest.mark.parametrize("page", ["", *PAGES])
def test_every_page_begins_with_it(page: str):
    with TestClient(Starlette(routes=FRONT)) as client:
        answer = client.get(f"/{page}")
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-cache")
        assert answer.text == told(INDEX.read_text("utf-8"))
        assert client.head(f"/{page}").status_code == 200


def test_the_pages_are_those_of_the_navigation():
    main = (Path(__file__).parents[2] / "dashboard/main.py").read_text("utf-8")
    assert [one for one in PAGES if f"app_pages/{one.replace('-', '_')}.py" not in main] == []
    assert {"overview", "figure-z", "low-rank", "steps"} <= set(PAGES)
