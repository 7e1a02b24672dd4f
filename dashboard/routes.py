"""Addresses beside the pages, for what is drawn in the browser: tiles as bytes, everything else as JSON."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

if TYPE_CHECKING:
    from attn_core.sources import ViewSpec

# A thread for each core and one to spare: of their own, so that many tiles never keep a page waiting, and few, so that
# what they hold at once stays small.
POOL = ThreadPoolExecutor(max_workers=3, thread_name_prefix="tiles")
# Views that take seconds are built beside it, one by one: whoever asks for something else is answered meanwhile.
BUILDER = ThreadPoolExecutor(max_workers=1, thread_name_prefix="views")
# The same address always gives the same tile; an hour, because a new version of the code may draw it otherwise.
KEEP = "private, max-age=3600"

Answer = Callable[[Request], Response]


def answered(answer: Answer) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint that never blocks the event loop; whatever goes wrong is one sentence."""

    def safely(request: Request, build: ViewSpec | None = None) -> Response | ViewSpec | None:
        """The answer, or the view that has to be built before; what is to `build` has no answer unless it fails."""
        from dashboard.services.addresses import Refused, once, refusing
        from dashboard.services.built_views import NotBuilt, built

        try:
            once(name for name, _ in request.query_params.multi_items())
            if build is None:
                return answer(request)
            with refusing():
                built(build)
        except NotBuilt as missing:
            return missing.spec
        except Refused as refused:
            return JSONResponse({"error": refused.sentence}, refused.status)
        except Exception as problem:
            return _failed(request, problem)

    async def endpoint(request: Request) -> Response:
        run = asyncio.get_running_loop().run_in_executor
        found = await run(POOL, safely, request)
        while not isinstance(found, Response):
            found = await run(BUILDER, safely, request, found) or await run(POOL, safely, request)
        return found

    return endpoint


def _failed(request: Request, problem: Exception) -> Response:
    from attn_core.timing.failures import outcome_of

    if outcome_of(problem)[0] == "oom":
        return JSONResponse({"error": "there is not enough memory for this"}, 413)
    logging.getLogger(__name__).exception("%s failed", request.url.path, exc_info=problem)
    kind = type(problem).__name__
    return JSONResponse({"error": f"unforeseen {kind}; the server's log says where"}, 500)


def tile(request: Request) -> Response:
    from dashboard.services.built_views import at_hand
    from dashboard.services.tiles import TileAsked, coded_tiles

    asked = TileAsked.of(request.query_params)
    headers = {"ETag": f'"{asked.tag}"', "Cache-Control": KEEP}
    if headers["ETag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    found = coded_tiles(asked, at_hand)
    headers |= {
        "X-Rows": str(found.rows),
        "X-Cols": str(found.cols),
        "X-Signed": ",".join(str(int(one)) for one in found.signed),
    }
    return Response(found.data, headers=headers, media_type="application/octet-stream")


def legend(_request: Request) -> Response:
    from dashboard.services.tiles import legend

    return JSONResponse(legend(), headers={"Cache-Control": KEEP})


def cell(request: Request) -> Response:
    from dashboard.services.built_views import at_hand
    from dashboard.services.tiles import cell

    return _fresh(cell(request.query_params, at_hand))


def state(request: Request) -> Response:
    from dashboard.services.built_views import at_hand
    from dashboard.services.tiles import state

    return _fresh(state(request.query_params, at_hand))


def _fresh(data: dict[str, Any]) -> Response:
    return JSONResponse(data, headers={"Cache-Control": "no-store"})


ROUTES = [
    Route("/tile", answered(tile)),
    Route("/tile/legend", answered(legend)),
    Route("/cell", answered(cell)),
    Route("/map/state", answered(state)),
]
