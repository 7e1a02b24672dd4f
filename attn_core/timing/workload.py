"""A cell of a sweep as something that can be run: its inputs, its operator, and one pass over them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from attn_core.contract import ROLES, AttentionOp
from attn_core.kernels import flex
from attn_core.timing.clock import Contender
from attn_core.timing.spec import Cell, SweepSpec

# Runs before memory is counted: what libraries take once is not the method's.
WARM_UP_LENGTH = 128


@dataclass(frozen=True)
class Inputs:
    """q, k, v in the layout (batch, heads, length, width), and the gradient a backward pass starts from."""

    q: Tensor
    k: Tensor
    v: Tensor
    grad: Tensor | None

    @property
    def qkv(self) -> tuple[Tensor, Tensor, Tensor]:
        return self.q, self.k, self.v


def use_threads(threads: int | None) -> None:
    if threads is not None:
        torch.set_num_threads(threads)


def make_inputs(spec: SweepSpec, cell: Cell) -> Inputs:
    """The same numbers for every method, fixed by the seed."""
    generator = torch.Generator(spec.device).manual_seed(spec.seed)
    backward = spec.which == "forward+backward"

    def draw(length: int) -> Tensor:
        size = (spec.batch, spec.heads, length, spec.head_dim)
        return torch.randn(size, generator=generator, dtype=spec.torch_dtype, device=spec.device)

    q, k, v = (draw(n).requires_grad_(backward) for n in (cell.queries, cell.keys, cell.keys))
    return Inputs(q, k, v, draw(cell.queries) if backward else None)


def build(spec: SweepSpec, cell: Cell) -> AttentionOp:
    """The operator. A method with a seed among its parameters takes that one, as its row says; the sweep's fixes
    the inputs, and whatever else is drawn."""
    check(spec, cell)
    params = dict(cell.choice.params)
    seed = params.pop("seed", spec.seed)
    op = cell.choice.definition.build(spec.dims(cell), seed=seed, **params)
    return op.to(spec.device).train(spec.which == "forward+backward")


def check(spec: SweepSpec, cell: Cell) -> None:
    """Refuse a role that the method does not play, in a sentence that is the same at every length."""
    method, role = cell.choice.definition, spec.role
    # Cross-attention with as many keys as queries would pass as self-attention, which was not asked for.
    if role not in method.roles and not (role == "encoder" and "cross" in method.roles):
        allowed = ", ".join(known for known in ROLES if known in method.roles)
        raise ValueError(f"{method.name}: the {role} role is not supported, allowed: {allowed}")
    method.check_role(cell.queries, cell.keys, role == "decoder")


def one_pass(spec: SweepSpec, op: AttentionOp, inputs: Inputs) -> tuple[Callable[[], None], ...]:
    """What prepares a pass and the pass itself; the output is let go of within it."""
    causal, held = spec.role == "decoder", (*inputs.qkv, *op.parameters())

    def prepare() -> None:
        for tensor in held:
            tensor.grad = None

    def forward() -> None:
        with torch.no_grad():
            op(*inputs.qkv, causal=causal)

    def both() -> None:
        op(*inputs.qkv, causal=causal).backward(inputs.grad)

    return prepare, forward if inputs.grad is None else both


def contender(spec: SweepSpec, cell: Cell, inputs: Inputs, op: AttentionOp) -> Contender:
    prepare, run = one_pass(spec, op, inputs)
    return Contender(cell.choice.label, prepare, run)


def small(cell: Cell) -> Cell:
    """The same cell at a length of no consequence."""
    return replace(
        cell,
        queries=min(cell.queries, WARM_UP_LENGTH),
        keys=min(cell.keys, WARM_UP_LENGTH),
    )


def backend(spec: SweepSpec, op: AttentionOp, inputs: Inputs) -> str:
    """Which kernels the call runs on, as far as that can be known."""
    choose = getattr(op, "backend", None)
    if choose is not None:
        return f"sdpa {choose(*inputs.qkv, causal=spec.role == 'decoder')}"
    if op.method.draw_pattern is None:
        return "torch"
    return "flex" if op.method.name in FLEXIBLE and flex.selected() else "tiles"


# The static patterns that flex_attention can be asked to run.
FLEXIBLE = ("longformer", "sparse_transformer", "bigbird")
