"""What every attention method is: its facts as data, and one way to build, call, cost and look at it.

A method file describes itself with one `AttentionMethod`. The catalogue, the pages, the command line, the
sweeps and the laws read that description; nothing about a method is written down twice.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from attn_core.matrix import MatrixView
    from attn_core.patterns import Pattern

Role = Literal["encoder", "decoder", "cross"]
Family = Literal["exact", "low-rank", "kernel", "sparse", "recurrent"]
Extends = Literal["any", "rule", "never"]
Value = int | float | str | bool | tuple[int, ...]

ROLES: tuple[Role, ...] = ("encoder", "decoder", "cross")
# No setting means anything beyond, and index arithmetic on it would overflow.
LARGEST = 2**31 - 1
CPU_DTYPES = (torch.float32, torch.bfloat16, torch.float64)
CUDA_DTYPES = (torch.float32, torch.bfloat16, torch.float16)


def _require_positive(owner: str, **values: int) -> None:
    for name, value in values.items():
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise ValueError(f"{owner}: {name} must be an integer of at least 1, got {value!r}")


@dataclass(frozen=True)
class Param:
    """One setting of a method; controls, command-line flags and checks are all drawn from it."""

    name: str
    default: Value
    help: str
    minimum: int | None = None
    maximum: int | None = None
    choices: tuple[str, ...] = ()

    def check(self, method: str, value: Any) -> Value:
        """The value in its declared type, or a ValueError naming it and what is allowed."""
        if isinstance(self.default, tuple) and isinstance(value, list):
            value = tuple(value)
        if not self._has_type(value):
            raise ValueError(f"{method}: {self.name} must be {self.allowed}, got {value!r}")
        numbers = value if isinstance(value, tuple) else (value,)
        for number in numbers:
            if isinstance(number, (int, float)) and not self._in_range(number):
                raise ValueError(f"{method}: {self.name} must be {self.allowed}, got {value!r}")
        if self.choices and value not in self.choices:
            raise ValueError(f"{method}: {self.name} must be {self.allowed}, got {value!r}")
        return value

    @property
    def allowed(self) -> str:
        """The permitted values, in words."""
        if self.choices:
            return "one of " + ", ".join(map(repr, self.choices))
        kind = {bool: "True or False", int: "an integer", str: "text", float: "a number"}.get(
            type(self.default), "a non-empty tuple of integers"
        )
        if type(self.default) in (bool, str):
            return kind
        most = LARGEST if self.maximum is None else self.maximum
        return f"{kind} {'at most' if self.minimum is None else f'from {self.minimum} to'} {most}"

    def _has_type(self, value: Any) -> bool:
        if isinstance(self.default, tuple):
            is_tuple = isinstance(value, tuple) and len(value) > 0
            return is_tuple and all(type(item) is int for item in value)
        if isinstance(self.default, float):
            return type(value) in (int, float) and math.isfinite(value)
        return type(value) is type(self.default)

    def _in_range(self, number: float) -> bool:
        above = self.minimum is None or number >= self.minimum
        return above and number <= (LARGEST if self.maximum is None else self.maximum)


@dataclass(frozen=True)
class Budget:
    """Which setting buys closeness to exact attention with time. A study goes from `low` to `high` where the length
    allows it, and takes `also` besides: values that stand for something else than their number."""

    name: str
    low: int = 8
    high: int = 2048
    also: tuple[int, ...] = ()


@dataclass(frozen=True)
class Dims:
    """What is fixed when an operator is built: heads, their width, and the longest lengths planned for."""

    heads: int
    head_dim: int
    max_queries: int
    max_keys: int

    def __post_init__(self) -> None:
        _require_positive(
            "Dims",
            heads=self.heads,
            head_dim=self.head_dim,
            max_queries=self.max_queries,
            max_keys=self.max_keys,
        )


@dataclass(frozen=True)
class Shape:
    """The size of one call, for predicting what it costs."""

    batch: int
    heads: int
    queries: int
    keys: int
    head_dim: int
    causal: bool = False
    element_size: int = 4

    def __post_init__(self) -> None:
        _require_positive(
            "Shape",
            batch=self.batch,
            heads=self.heads,
            queries=self.queries,
            keys=self.keys,
            head_dim=self.head_dim,
            element_size=self.element_size,
        )

    @property
    def slices(self) -> int:
        """How many independent (sequence, head) pairs there are."""
        return self.batch * self.heads

    @property
    def io_bytes(self) -> int:
        """Reading q, k and v and writing the output once: no method can move less."""
        return 2 * self.slices * (self.queries + self.keys) * self.head_dim * self.element_size

    @property
    def output_bytes(self) -> int:
        return self.slices * self.queries * self.head_dim * self.element_size


@dataclass(frozen=True)
class Cost:
    """What a forward pass needs: matrix-product FLOPs, bytes to and from memory, and the memory it holds
    beyond its inputs (the output included). Necessary work, not what an implementation wastes. `scores` are the
    products q·k among it, over all heads; methods that make none leave it at 0."""

    flops: int
    bytes_moved: int
    peak_bytes: int
    scores: int = 0


class AttentionOp(nn.Module):
    """One built operator. Subclasses write `attend` and `matrix`; checking happens here, once."""

    method: AttentionMethod
    # A method whose keys are its queries says so, and a layer then projects no keys for it.
    shares_queries_and_keys = False

    def __init__(self, dims: Dims) -> None:
        super().__init__()
        self.dims = dims

    @property
    def scale(self) -> float:
        return self.dims.head_dim**-0.5

    def forward(
        self,
        q: Tensor,
        k: Tensor,
        v: Tensor,
        key_keep: Tensor | None = None,
        causal: bool = False,
    ) -> Tensor:
        self.check_call(q, k, v, key_keep, causal)
        key_keep = some_padding(key_keep)
        if key_keep is not None:
            # What padding holds, NaN and infinity included, must not reach a product.
            gone = ~key_keep[:, None, :, None]
            k, v = k.masked_fill(gone, 0.0), v.masked_fill(gone, 0.0)
        return self.attend(q, k, v, key_keep, causal)

    def view(
        self, q: Tensor, k: Tensor, key_keep: Tensor | None = None, causal: bool = False
    ) -> MatrixView:
        """The implied attention matrix, readable block by block, never built whole."""
        self.check_call(q, k, None, key_keep, causal)
        key_keep = some_padding(key_keep)
        if key_keep is not None:
            k = k.masked_fill(~key_keep[:, None, :, None], 0.0)
        with torch.no_grad():
            view = self.matrix(q, k, key_keep, causal)
        view.key_keep = key_keep
        return view

    def attend(
        self, q: Tensor, k: Tensor, v: Tensor, key_keep: Tensor | None, causal: bool
    ) -> Tensor:
        raise NotImplementedError

    def matrix(self, q: Tensor, k: Tensor, key_keep: Tensor | None, causal: bool) -> MatrixView:
        raise NotImplementedError

    def sums(self, q: Tensor, k: Tensor, key_keep: Tensor | None, causal: bool) -> Tensor:
        """Log-sum-exp (B, H, N) of the exact scores q·k/√d of the pairs that the method's pattern allows."""
        raise NotImplementedError

    def check_call(
        self, q: Tensor, k: Tensor, v: Tensor | None, key_keep: Tensor | None, causal: bool
    ) -> None:
        """Refuse, in one sentence, any call this method cannot honour."""
        name = self.method.name
        if not isinstance(causal, bool):
            raise ValueError(f"{name}: causal must be True or False, got {causal!r}")
        _check_tensors(name, self.dims, q, k, v)
        if key_keep is not None:
            _check_key_keep(name, k, key_keep)
        self.method.check_role(q.shape[2], k.shape[2], causal)


def some_padding(key_keep: Tensor | None) -> Tensor | None:
    """None where nothing is padded, as far as that can be known without waiting for a GPU."""
    if key_keep is None or (not key_keep.is_cuda and bool(key_keep.all())):
        return None
    return key_keep


def _check_tensors(name: str, dims: Dims, q: Tensor, k: Tensor, v: Tensor | None) -> None:
    tensors = {"q": q, "k": k} | ({} if v is None else {"v": v})
    for label, tensor in tensors.items():
        if not isinstance(tensor, Tensor):
            raise ValueError(f"{name}: {label} must be a tensor, got {type(tensor).__name__}")
        if tensor.dim() != 4:
            shape = tuple(tensor.shape)
            raise ValueError(f"{name}: {label} must be (batch, heads, length, width), got {shape}")
        if tensor.shape[:2] != (q.shape[0], dims.heads):
            raise ValueError(
                f"{name}: {label} has batch and heads {tuple(tensor.shape[:2])}, "
                f"expected {(q.shape[0], dims.heads)}"
            )
        if min(tensor.shape) < 1:
            raise ValueError(f"{name}: {label} is empty, got shape {tuple(tensor.shape)}")
        if tensor.dtype != q.dtype or tensor.device != q.device:
            raise ValueError(
                f"{name}: {label} is {tensor.dtype} on {tensor.device}, q is {q.dtype} on {q.device}; "
                "they must be alike"
            )
    for label in ("q", "k"):
        if tensors[label].shape[3] != dims.head_dim:
            raise ValueError(
                f"{name}: {label} has head width {tensors[label].shape[3]}, built for {dims.head_dim}"
            )
    if v is not None and v.shape[2] != k.shape[2]:
        raise ValueError(f"{name}: v has {v.shape[2]} rows, k has {k.shape[2]}; they must agree")
    allowed = CUDA_DTYPES if q.is_cuda else CPU_DTYPES
    if q.dtype not in allowed:
        names = ", ".join(str(dtype).removeprefix("torch.") for dtype in allowed)
        raise ValueError(f"{name}: {q.dtype} is not supported on {q.device.type}, use {names}")


def _check_key_keep(name: str, k: Tensor, key_keep: Tensor) -> None:
    expected = (k.shape[0], k.shape[2])
    if not isinstance(key_keep, Tensor):
        kind = type(key_keep).__name__
        raise ValueError(f"{name}: key_keep must be a bool tensor of shape {expected}, got {kind}")
    if key_keep.dtype != torch.bool or tuple(key_keep.shape) != expected:
        raise ValueError(
            f"{name}: key_keep must be bool of shape {expected}, True where a token is real, "
            f"got {key_keep.dtype} of shape {tuple(key_keep.shape)}"
        )
    if key_keep.device != k.device:
        raise ValueError(f"{name}: key_keep is on {key_keep.device}, k is on {k.device}")


@dataclass(frozen=True)
class AttentionMethod:
    """One entry of the catalogue."""

    name: str
    title: str
    family: Family
    formula: str
    complexity: Mapping[str, str]
    paper: str
    summary: str
    limits: tuple[str, ...]
    roles: frozenset[Role]
    params: tuple[Param, ...]
    make: Callable[..., AttentionOp]
    count: Callable[..., Cost]
    extends: Extends = "any"
    draw_pattern: Callable[..., Pattern] | None = None
    check_together: Callable[..., None] | None = None
    budget: Budget | None = None

    @property
    def short_title(self) -> str:
        """What people call it: its title without what stands in brackets."""
        return self.title.split(" (")[0]

    @cached_property
    def defaults(self) -> dict[str, Value]:
        return {param.name: param.default for param in self.params}

    def resolve(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Defaults filled in and every value checked."""
        known = {param.name: param for param in self.params}
        for given in params:
            if given not in known:
                allowed = ", ".join(known) or "none: it has no parameters"
                raise ValueError(f"{self.name}: unknown parameter {given!r}, allowed: {allowed}")
        values = {
            name: param.check(self.name, params.get(name, param.default))
            for name, param in known.items()
        }
        if self.check_together is not None:
            self.check_together(**values)
        return values

    def build(self, dims: Dims, *, seed: int = 0, **params: Any) -> AttentionOp:
        """A ready operator. `seed` fixes whatever the method draws at random; the global generator is
        left alone."""
        if not isinstance(dims, Dims):
            raise ValueError(f"{self.name}: build takes Dims(...), got {dims!r}")
        if "seed" in self.defaults:
            params["seed"] = seed
        values = self.resolve(params)
        values["seed"] = Param("seed", 0, "", minimum=0).check(self.name, seed)
        op = self.make(dims, **values)
        op.method = self
        return op

    def cost(self, shape: Shape, **params: Any) -> Cost:
        """Predicted cost of one forward pass; a method that is only ever causal is costed so."""
        causal = shape.causal or self.roles == {"decoder"}
        self.check_role(shape.queries, shape.keys, causal)
        return self.count(replace(shape, causal=causal), **self.resolve(params))

    def pattern(
        self, queries: int, keys: int, *, causal: bool = False, **params: Any
    ) -> Pattern | None:
        """Which pairs may interact, for methods whose pattern does not depend on the data."""
        if self.draw_pattern is None:
            return None
        _require_positive(self.name, queries=queries, keys=keys)
        self.check_role(queries, keys, causal)
        return self.draw_pattern(queries, keys, causal, **self.resolve(params))

    def check_role(self, queries: int, keys: int, causal: bool) -> Role:
        """The role a call plays, or a ValueError if this method does not support it."""
        allowed = ", ".join(role for role in ROLES if role in self.roles)
        if causal and queries != keys:
            raise ValueError(
                f"{self.name}: causal needs as many keys as queries, got {queries} queries "
                f"and {keys} keys"
            )
        role: Role = "decoder" if causal else "encoder" if queries == keys else "cross"
        fits = role in self.roles or (role == "encoder" and "cross" in self.roles)
        if not fits:
            what = f"{queries} queries, {keys} keys, causal={causal}"
            raise ValueError(
                f"{self.name}: the {role} role ({what}) is not supported, allowed: {allowed}"
            )
        return role
