"""The lines of Python that build the method of a point, to be copied."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attn_core.methods import get_method


def code(point: Mapping[str, Any]) -> str:
    """Through the public interface: the operator as it was measured, and one call of it."""
    method = get_method(point["method"])
    given = method.resolve(point["params"])
    changed = [
        f"{name}={value!r}" for name, value in given.items() if value != method.defaults[name]
    ]
    queries, keys = int(point["length"]), int(point.get("keys") or point["length"])
    heads, width, batch = (int(point[name]) for name in ("heads", "head_dim", "batch"))
    device, dtype = point.get("device") or "cpu", f"torch.{point.get('dtype') or 'float32'}"
    dims = f"Dims(heads={heads}, head_dim={width}, max_queries={queries}, max_keys={keys})"
    causal = point["role"] == "decoder" or method.roles == {"decoder"}
    shared = f'dtype={dtype}, device="{device}"'
    return "\n".join(
        [
            "import torch",
            "",
            "from attn_core import Dims, get_method",
            "",
            f"dims = {dims}",
            f'attention = get_method("{method.name}").build({", ".join(["dims", *changed])})',
            f'attention = attention.to("{device}", {dtype}).eval()',
            "",
            f"q = torch.randn({batch}, {heads}, {queries}, {width}, {shared})",
            f"k, v = torch.randn(2, {batch}, {heads}, {keys}, {width}, {shared})",
            "with torch.no_grad():",
            f"    output = attention(q, k, v, causal={causal})",
            "",
        ]
    )  # fmt: skip
