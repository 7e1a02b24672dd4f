"""What looking may take: settings that anyone may have typed into an address are refused before anything is made."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from attn_core.contract import AttentionMethod, Shape, Value
from attn_core.methods import get_method
from attn_core.methods.reformer import bucket_factors

# Settings that give every token, or every pair of their own, so many numbers more.
WIDTHS = ("features", "random_features", "rank", "landmarks", "rounds", "conv")
MOST_NUMBERS, MOST_LISTED, MOST_ITERATIONS = 2**28, 2**20, 200
# Two cores spend some seconds on so many operations. A score costs as much as four products of 64 numbers, however
# narrow the heads: its mask and its exponential weigh more.
MOST_WORK, SCORE = 2**39, 2**9
# Rounds whose masks, each looked at by every later one, cost as much as a round's scores.
ROUNDS = 16


class TooLarge(ValueError):
    """What was asked for would take more memory or time than there is for looking."""


def check_affordable(method: str, params: Mapping[str, Any], shape: Shape) -> int:
    """The operations that making a view takes; a TooLarge names the settings to lower. Exact attention is worked out
    only where it is looked at, so it takes none here."""
    definition = get_method(method)
    params = definition.resolve(params)
    if definition.family == "exact":
        return 0
    _check_numbers(method, params, shape)
    if method == "bigbird":
        _check_blocks(params, shape)
    if method == "reformer":
        _check_rounds(params, shape)
    cost = definition.cost(shape, **params)
    work = max(cost.flops, SCORE * cost.scores)
    if work > MOST_WORK:
        raise TooLarge(
            f"{method}: {_told(definition, params)} for {_tokens(shape)} takes {work:.1e} operations, at most "
            f"{MOST_WORK:.1e} are spent on a view; {_advice(definition, params)}"
        )
    return work


def _tokens(shape: Shape) -> str:
    longest = max(shape.queries, shape.keys)
    return f"{shape.heads} × {longest:,} tokens" if shape.heads > 1 else f"{longest:,} tokens"


def _changed(definition: AttentionMethod, params: Mapping[str, Value]) -> list[str]:
    defaults = definition.defaults
    return [name for name in params if name != "seed" and params[name] != defaults[name]]


def _told(definition: AttentionMethod, params: Mapping[str, Value]) -> str:
    changed = _changed(definition, params)
    return ", ".join(f"{name}={_plain(params[name])}" for name in changed) or "this"


def _advice(definition: AttentionMethod, params: Mapping[str, Value]) -> str:
    changed = _changed(definition, params)
    if not changed:
        return "choose fewer heads or a shorter source"
    usual = ", ".join(f"{name}={_plain(definition.defaults[name])}" for name in changed)
    return f"go towards the default, {usual}"


def _plain(value: Value) -> str:
    return f"{value:,}" if type(value) is int else str(value)


def _check_numbers(method: str, params: Mapping[str, Value], shape: Shape) -> None:
    tokens, heads = shape.queries + shape.keys, shape.heads
    for name in WIDTHS:
        width = params.get(name, 0)
        if isinstance(width, int) and heads * width * max(tokens, width) > MOST_NUMBERS:
            raise TooLarge(
                f"{method}: {name}={width:,} for {heads} × {tokens:,} tokens is more than there is memory for "
                "when looking; choose a smaller one"
            )
    iterations = params.get("iterations", 0)
    if isinstance(iterations, int) and iterations > MOST_ITERATIONS:
        raise TooLarge(
            f"{method}: iterations must be at most {MOST_ITERATIONS} when looking, got {iterations:,}"
        )


def _check_blocks(params: Mapping[str, Any], shape: Shape) -> None:
    """BigBird lists the blocks that each block sees, and looks every key of a global row up in that list."""
    block, leading = params["block"], params["global_blocks"]
    blocks = -(-shape.queries // block)
    seen = min(blocks, params["random"] + leading + params["window"])
    looked_up = min(leading * block, shape.queries) * shape.keys * seen
    scores = shape.heads * blocks * seen * min(block, shape.queries) ** 2
    if blocks * seen > MOST_LISTED or looked_up > 4 * MOST_NUMBERS or SCORE * scores > MOST_WORK:
        raise TooLarge(
            f"bigbird: {blocks:,} blocks of {block:,} would each see {seen:,}, {leading:,} of them global: more than "
            "there is memory and time for when looking; choose fewer random, global or neighbouring blocks, or "
            f"another block size than {block:,}"
        )


def _check_rounds(params: Mapping[str, Any], shape: Shape) -> None:
    """Reformer holds the products of all tokens with the directions of all rounds; in each round, every pair is held
    against all rounds before."""
    bucket, rounds = params["bucket"], params["rounds"]
    sizes = bucket_factors(-(-shape.queries // bucket))
    held = shape.heads * shape.queries * max([2, *sizes]) // 2
    one = get_method("reformer").cost(shape, **{**params, "rounds": 1})
    affordable = MOST_WORK / max(one.flops, SCORE * one.scores)
    in_time = ROUNDS / 2 * (math.sqrt(1 + 4 * affordable / ROUNDS) - 1)
    most = min(MOST_NUMBERS // held, int(in_time))
    if rounds > most:
        advice = f"choose at most {most:,} rounds" if most else "choose a smaller bucket"
        raise TooLarge(
            f"reformer: rounds={rounds:,} with bucket={bucket:,} for {_tokens(shape)} is more than there is memory "
            f"and time for when looking; {advice}"
        )
