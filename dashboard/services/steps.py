"""The chain of a source's head under a method: every step from the tokens to the residual, and how far its end is
from the engine's output. No streamlit here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from attn_core import METHODS, Shape
from attn_core.amounts import flops, size
from attn_core.sources import Source, check_affordable
from attn_core.steps import Call, Step, Text, after, before, steps_of, strip_of
from dashboard.services.kept import Kept

# Lengths at which each step is costed, besides the source's own.
LENGTHS = (4_096, 65_536)
BYTES = 4
# Pairs of one head beyond which the exact methods are not run whole: rows of their matrix are asked instead.
MOST_PAIRS = 2**26
# Steps by their names in the URL, in the order of a chain, and as short as a row of them needs; each method has
# some of them.
STEP_NAMES = {
    "tokens": "Tokens", "embeddings": "Embeddings", "qkv": "Q, K, V", "shared": "k = q/‖q‖", "buckets": "Buckets",
    "chunks": "Chunks", "mixing": "E", "mixed": "EK, FV", "anchors": "C", "sides": "U, V", "landmarks": "Q̃, K̃",
    "factors": "F, A, B", "inverse": "A⁺", "directions": "ω", "features": "φ(Q), φ(K)", "memory": "Memory",
    "decay": "Decay", "gates": "L", "pattern": "Pattern", "means": "Means", "dot": "q · k", "tiles": "Tiles",
    "running": "Max, sum", "scores": "Scores", "scaled": "÷ √d, mask", "softmax": "Softmax", "weights": "Weights",
    "state": "State", "gathered": "Gather", "output": "Z", "heads": "Heads", "joined": "Wᴼ", "residual": "Residual",
}  # fmt: skip
STEP_KEYS = tuple(STEP_NAMES)


@dataclass(frozen=True, eq=False)
class Chain:
    """`middle` numbers the step whose last array is the head's output; `difference` is the largest between it and
    the engine's own output, over the rows worked out, `largest` the largest number of that. `shape` is the call's
    size; `own` says that the operator is the one the model was trained with."""

    steps: tuple[Step, ...]
    call: Call
    middle: int
    difference: float
    largest: float
    shape: Shape
    own: bool

    @property
    def keys(self) -> list[str]:
        return [step.key for step in self.steps]

    def at(self, key: str) -> Step:
        return self.steps[self.keys.index(key)]


def chain_of(
    source: Source, head: int, query: int, method: str, params: Mapping[str, Any]
) -> Chain:
    """A ValueError says what the method cannot honour. Made once for the rows around the pinned query."""
    rows = strip_of(source.queries, query)
    key = source, head, rows.start, method, tuple(sorted(params.items()))
    return _chains.get(key, lambda: _made(source, head, rows, method, dict(params)))


def _made(source: Source, head: int, rows: slice, method: str, params: dict[str, Any]) -> Chain:
    check_affordable(source.check(method).name, params, source.shape)
    op = source.operator(method, **params)
    resolved = METHODS[method].resolve(params)
    call = Call(op, source.q, source.k, source.v, source.causal, head, rows, resolved)
    middle = steps_of(call)
    attended = _attended(source, call)
    first, last = before(call, source.inside, _text(source)), ()
    if attended is not None:
        last = after(call, source.inside, attended)
    expected = _expected(call, attended)
    found = middle[-1].arrays[-1].values
    own = source.inside is not None and op is source.inside.attention.op
    return Chain(
        steps=(*first, *middle, *last),
        call=call,
        middle=len(first) + len(middle) - 1,
        difference=float((found.double() - expected.double()).abs().amax()),
        largest=float(expected.abs().amax()),
        shape=source.shape,
        own=own,
    )


def _text(source: Source) -> Text | None:
    if source.query_labels is None or source.query_ids is None:
        return None
    return Text(source.query_labels, source.query_ids)


@torch.no_grad()
def _attended(source: Source, call: Call) -> Tensor | None:
    """All heads' outputs by the engine; nothing where exact attention would take too long or too much memory."""
    if call.method.family == "exact" and source.queries * source.keys > MOST_PAIRS:
        return None
    key = source, call.method.name, tuple(sorted(call.params.items()))
    return _outputs.get(key, lambda: call.op(call.q, call.k, call.v, causal=call.causal))


@torch.no_grad()
def _expected(call: Call, attended: Tensor | None) -> Tensor:
    """What the engine gives for the rows worked out: of its output, or its matrix times V."""
    if attended is not None:
        return attended[0, call.head, call.rows]
    weights = call.op.view(call.q, call.k, causal=call.causal).block(call.rows, slice(None))
    return weights[0, call.head] @ call.values


def weight(chain: Chain) -> int:
    """Bytes of the arrays that a chain holds."""
    arrays = [array.values for step in chain.steps for array in step.arrays]
    return sum(x.numel() * x.element_size() for x in arrays)


_chains: Kept[Chain] = Kept(12, weight, 2**29, one_by_one=True)
_outputs: Kept[Tensor] = Kept(6, lambda x: x.numel() * x.element_size(), 2**28, one_by_one=True)


def shapes(chain: Chain) -> list[Shape]:
    """The call's own size, and the same heads at other lengths."""
    own = chain.shape
    others = [Shape(1, own.heads, n, n, own.head_dim, causal=own.causal) for n in LENGTHS]
    return [own, *(one for one in others if length_name(one) != length_name(own))]


def costs(chain: Chain, steps: Sequence[Step]) -> list[dict[str, str]]:
    """A row a step: its work and what it holds, at this length and at longer ones."""
    rows = []
    for step in steps:
        row = {"step": step.title + (f", {step.cost_of}" if step.cost_of else "")}
        for shape in shapes(chain):
            work = step.cost(shape)
            name = length_name(shape)
            row[f"work, {name}"] = flops(work.flops) if work.flops else "no products"
            row[f"holds, {name}"] = size(BYTES * work.numbers) if work.numbers else "nothing"
        rows.append(row)
    return rows


def length_name(shape: Shape) -> str:
    if shape.queries == shape.keys:
        return f"N = {shape.queries:,}"
    return f"N = {shape.queries:,}, M = {shape.keys:,}"


def nearest(chain: Chain, key: str | None) -> str:
    """The step of that name; where this chain has none, the one at about the same place."""
    if key in chain.keys or key not in STEP_KEYS:
        return key if key is not None and key in chain.keys else chain.keys[0]
    place = STEP_KEYS.index(key)
    later = [known for known in STEP_KEYS[place:] if known in chain.keys]
    return later[0] if later else chain.keys[-1]
