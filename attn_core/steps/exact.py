"""Exact attention, the textbook way: scores, scale and mask, softmax, weighted sum."""

from __future__ import annotations

from attn_core.steps import scored
from attn_core.steps.step import Call, Step


def steps(call: Call) -> tuple[Step, ...]:
    scale, found = scored.scaled(call, call.keys, call.future)
    soft, weights = scored.softmax(call, found, call.future)
    return (
        scored.dot(call, call.keys),
        scored.scores(call, call.keys),
        scale,
        soft,
        scored.summed(call, weights, call.values),
    )
