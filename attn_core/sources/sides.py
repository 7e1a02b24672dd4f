"""The matrices of a view, side by side: exact attention, a method, and what the one has more than the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from attn_core.contract import Shape
from attn_core.matrix import MatrixView, ScoreView
from attn_core.sources.source import Source
from attn_core.sources.view_spec import ViewSpec
from attn_core.views import DifferenceView

Side = Literal["exact", "method", "error"]
SIDES: tuple[Side, ...] = get_args(Side)
# Settings that give every token, or every pair of their own, so many numbers more.
WIDTHS = ("features", "random_features", "rank", "landmarks", "rounds", "conv")
MOST_NUMBERS, MOST_LISTED, MOST_FLOPS, MOST_ITERATIONS = 2**28, 2**22, 2**43, 200


class TooLarge(ValueError):
    """What was asked for would take more memory or time than there is for looking."""


@dataclass(frozen=True, eq=False)
class Sides:
    """Views of the same shape. Without a method there is only the exact one."""

    exact: MatrixView
    method: MatrixView | None = None

    def side(self, name: str) -> MatrixView:
        if name not in SIDES:
            raise ValueError(f"side must be one of {', '.join(SIDES)}, got {name!r}")
        if name == "exact":
            return self.exact
        if self.method is None:
            raise ValueError(f"side {name} needs a method, the view names none; allowed: exact")
        return self.method if name == "method" else DifferenceView(self.method, self.exact)

    def one(self, head: int) -> Sides:
        """Of one head: reading it costs what one head costs, and what is found out about it stays known."""
        return Sides(self.exact.one(head), None if self.method is None else self.method.one(head))


def build_sides(spec: ViewSpec, source: Source) -> Sides:
    """All heads. A method that cannot serve here, or that would need too much, is a ValueError."""
    q, k = source.q, source.k
    exact = ScoreView(q, k, q.shape[3] ** -0.5, causal=source.causal)
    if spec.method is None:
        return Sides(exact)
    check_affordable(spec, source)
    op = source.operator(spec.method, **spec.params)
    return Sides(exact, op.view(q, k, causal=source.causal))


def check_affordable(spec: ViewSpec, source: Source) -> None:
    """Refuses, before anything is made, settings that anyone may have typed into an address."""
    assert spec.method is not None
    definition = source.check(spec.method)
    tokens, heads = source.queries + source.keys, source.heads
    for name in WIDTHS:
        width = spec.params.get(name, 0)
        if isinstance(width, int) and heads * width * max(tokens, width) > MOST_NUMBERS:
            raise TooLarge(
                f"{spec.method}: {name}={width:,} for {heads} × {tokens:,} tokens is more than there is memory for "
                "when looking; choose a smaller one"
            )
    iterations = spec.params.get("iterations", 0)
    if isinstance(iterations, int) and iterations > MOST_ITERATIONS:
        raise TooLarge(
            f"{spec.method}: iterations must be at most {MOST_ITERATIONS} when looking, got {iterations:,}"
        )
    if spec.method == "bigbird":
        _check_blocks(spec, source.queries)
    dims = source.q.shape[3]
    shape = Shape(1, heads, source.queries, source.keys, dims, source.causal)
    flops = definition.cost(shape, **spec.params).flops
    if flops > MOST_FLOPS:
        raise TooLarge(
            f"{spec.method}: these settings take {flops:.1e} operations, at most {MOST_FLOPS:.1e} are spent on a view"
        )


def _check_blocks(spec: ViewSpec, queries: int) -> None:
    """BigBird lists the blocks that each block sees."""
    block, *seen = (spec.params[name] for name in ("block", "random", "global_blocks", "window"))
    assert isinstance(block, int)
    blocks = -(-queries // block)
    listed = blocks * min(blocks, sum(one for one in seen if isinstance(one, int)))
    if listed > MOST_LISTED:
        raise TooLarge(
            f"bigbird: {blocks:,} blocks would list {listed:,} others, at most {MOST_LISTED:,} are looked at; "
            "choose larger blocks or fewer random ones"
        )
