"""Asks a route as a browser does, without a server: the address in, the answer out."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.applications import Starlette

from dashboard.routes import ROUTES


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def ask(path: str, headers: dict[str, str] | None = None, **query: Any) -> Answer:
    """`view` may be plain data; a list says its name several times."""
    if "view" in query and not isinstance(query["view"], str):
        query["view"] = json.dumps(query["view"])
    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "query_string": urlencode(query, doseq=True).encode(),
        "headers": [(k.lower().encode(), v.encode()) for k, v in (headers or {}).items()],
    }
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(Starlette(routes=ROUTES)(scope, receive, send))
    given = {k.decode(): v.decode() for k, v in sent[0]["headers"]}
    return Answer(sent[0]["status"], given, b"".join(one.get("body", b"") for one in sent[1:]))
