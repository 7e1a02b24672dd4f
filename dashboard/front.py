"""The file that a browser gets first: Streamlit's own, told where its server is.

Without being told, it asks below the address of the page (`/matrices/_stcore/health`), gets a 404, says so on the
console, and waits a tenth of a second before it asks at the root.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

INDEX = files("streamlit") / "static" / "index.html"
# Relative, as the addresses of its scripts are: both hold behind a proxy with a path of its own.
TOLD = (
    '<script>window.__streamlit = {BACKEND_BASE_URL: new URL("./", location.href).href}</script>\n'
)
FIRST_SCRIPT = '<script type="module"'
PAGES = sorted(
    one.stem.replace("_", "-") for one in Path(__file__).with_name("app_pages").glob("[a-z]*.py")
)


def told(index: str) -> str:
    return index.replace(FIRST_SCRIPT, TOLD + FIRST_SCRIPT, 1)


def front(_request: Request) -> HTMLResponse:
    return HTMLResponse(told(INDEX.read_text("utf-8")), headers={"Cache-Control": "no-cache"})


FRONT = [Route("/", front), *(Route(f"/{page}", front) for page in PAGES)]
