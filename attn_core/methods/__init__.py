"""The catalogue: one line per method, in the order pages and tables show them."""

from __future__ import annotations

from attn_core.contract import AttentionMethod
from attn_core.methods import (
    bigbird,
    flash,
    kernelized,
    linformer,
    longformer,
    low_rank,
    multiscale,
    nystromformer,
    performer,
    reformer,
    softmax,
    sparse_transformer,
    ssd,
)

METHODS: dict[str, AttentionMethod] = {
    module.METHOD.name: module.METHOD
    for module in (
        softmax,
        flash,
        linformer,
        nystromformer,
        low_rank,
        performer,
        kernelized,
        longformer,
        sparse_transformer,
        reformer,
        bigbird,
        multiscale,
        ssd,
    )
}


def get_method(name: str) -> AttentionMethod:
    """The method of that name, or a ValueError listing the valid names."""
    if name not in METHODS:
        raise ValueError(f"unknown attention method {name!r}, choose from: {', '.join(METHODS)}")
    return METHODS[name]
