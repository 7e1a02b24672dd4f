"""Addresses beside the pages, for what is drawn in the browser: tiles as bytes, everything else as JSON."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

# A thread for each core and one to spare: of their own, so that many tiles never keep a page waiting, and few, so that
# what they hold at once stays small.
POOL = ThreadPoolExecutor(max_workers=3, thread_name_prefix="tiles")
# The same address always gives the same tile; an hour, because a new version of the code may draw it otherwise.
KEEP = "private, max-age=3600"

Answer = Callable[[Request], Response]


def answered(answer: Answer) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint that never blocks the event loop; whatever goes wrong is one sentence."""

    def safely(request: Request) -> Response:
        from dashboard.services.addresses import Refused, once

        try:
            once(name for name, _ in request.query_params.multi_items())
            return answer(request)
        except Refused as refused:
            return JSONResponse({"error": refused.sentence}, refused.status)
        except MemoryError:
            return JSONResponse({"error": "there is not enough memory for this"}, 413)
        except Exception as problem:
            logging.getLogger(__name__).exception("%s failed", request.url.path)
            kind = type(problem).__name__
            return JSONResponse({"error": f"unforeseen {kind}; the server's log says where"}, 500)

    async def endpoint(request: Request) -> Response:
        return await asyncio.get_running_loop().run_in_executor(POOL, safely, request)

    return endpoint


def tile(request: Request) -> Response:
    from dashboard.services.tiles import TileAsked, coded_tiles

    asked = TileAsked.of(request.query_params)
    headers = {"ETag": f'"{asked.tag}"', "Cache-Control": KEEP}
    if headers["ETag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    found = coded_tiles(asked)
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
    from dashboard.services.tiles import cell

    return _fresh(cell(request.query_params))


def state(request: Request) -> Response:
    from dashboard.services.tiles import state

    return _fresh(state(request.query_params))


def _fresh(data: dict[str, Any]) -> Response:
    return JSONResponse(data, headers={"Cache-Control": "no-store"})


ROUTES = [
    Route("/tile", answered(tile)),
    Route("/tile/legend", answered(legend)),
    Route("/cell", answered(cell)),
    Route("/map/state", answered(state)),
]
