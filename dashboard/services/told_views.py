"""Views whose JSON is too long for an address go by a short name, which the page tells this process. No streamlit
here."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote_plus

from attn_core.sources import ViewSpec
from dashboard.services.kept import Kept

# Servers refuse addresses of some ten thousand characters, proxies shorter ones; a Cyrillic letter takes six.
MOST_IN_ADDRESS = 2_000
# At most 40,000 letters each. Those that are asked for stay.
MOST = 256
NAME = re.compile(r"[0-9a-f]{16}")

_told: Kept[ViewSpec] = Kept(MOST)


def address(spec: ViewSpec) -> str:
    """A view as it stands in the address of a tile: as JSON, or as a short name that this process knows from now on."""
    text = _compact(spec.to_json())
    if len(quote_plus(text)) <= MOST_IN_ADDRESS:
        return text
    _told.put(spec.id, spec)
    return _compact({"ref": spec.id})


def is_name(data: Any) -> bool:
    return isinstance(data, dict) and "ref" in data


def named(data: dict[str, Any], unknown: Callable[[], ViewSpec]) -> ViewSpec:
    """The view that a page told of. A ValueError says what is wrong with the name itself."""
    name = data["ref"]
    if len(data) > 1 or not isinstance(name, str) or not NAME.fullmatch(name):
        raise ValueError("view: ref must stand alone and be 16 hexadecimal digits")
    return _told.get(name, unknown)


def _compact(data: Any) -> str:
    return json.dumps(data, separators=(",", ":"), ensure_ascii=False, sort_keys=True)
