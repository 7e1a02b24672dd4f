"""What a translator is made of, as plain checked data: its sizes, its positions and the attention of each role."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from attn_core.contract import LARGEST, ROLES, AttentionMethod, Role
from attn_core.methods import get_method

IDENTITY = "identity"
POSITIONS = ("none", "sinusoidal", "learned", "rotary", "alibi")
NORMS = ("layer", "rms")
ACTIVATIONS = ("relu", "gelu")
# ALiBi adds to scores, so there must be plain ones. Towards the past alone the term is a product of two more
# features, which any pattern of scores takes; on both sides it is a bias, which only exact attention takes here.
WITH_ALIBI: Mapping[Role, frozenset[str]] = {
    "encoder": frozenset({IDENTITY, "softmax", "flash"}),
    "decoder": frozenset({IDENTITY, "softmax", "flash", "longformer", "sparse_transformer"}),
}


@dataclass(frozen=True)
class Attention:
    """A method with all its parameters, or "identity": no mixing at all, the floor to compare with."""

    method: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.method == IDENTITY:
            if self.params:
                raise ValueError(f"identity: it has no parameters, got {dict(self.params)}")
            return
        object.__setattr__(self, "params", get_method(self.method).resolve(self.params))

    @property
    def definition(self) -> AttentionMethod | None:
        """The catalogue's entry; the identity has none."""
        return None if self.method == IDENTITY else get_method(self.method)

    @property
    def label(self) -> str:
        """The method's name, and what of its parameters is not the default."""
        usual = {} if self.definition is None else self.definition.defaults
        changed = [
            f"{name}={value}" for name, value in self.params.items() if value != usual[name]
        ]
        return " ".join([self.method, *changed])

    def holds(self, role: Role) -> bool:
        return self.definition is None or role in self.definition.roles


EXACT = Attention("flash")


@dataclass(frozen=True)
class Seq2SeqConfig:
    """`max_length` is the length planned for: learned positions and Linformer's projections are this long.
    `convolution` is the width of a depthwise convolution beside self-attention, 0 for none. `cross_rotary` turns
    the queries and keys of cross-attention too, which favours equal places in source and target. LayerNorm and
    ReLU are what a CPU computes fastest: RMSNorm takes three times as long there, GELU nine times."""

    vocabulary: int
    width: int = 128
    layers: int = 2
    heads: int = 4
    feedforward: int = 0
    dropout: float = 0.0
    positions: str = "rotary"
    max_length: int = 256
    encoder: Attention = EXACT
    decoder: Attention = EXACT
    cross: Attention = EXACT
    convolution: int = 0
    tied: bool = True
    norm: str = "layer"
    activation: str = "relu"
    cross_rotary: bool = False

    def __post_init__(self) -> None:
        for name in ("vocabulary", "width", "layers", "heads", "max_length"):
            self._whole(name, 1)
        for name in ("feedforward", "convolution"):
            self._whole(name, 0)
        for name, allowed in (
            ("positions", POSITIONS),
            ("norm", NORMS),
            ("activation", ACTIVATIONS),
        ):
            if getattr(self, name) not in allowed:
                raise ValueError(
                    f"seq2seq: {name} must be one of {', '.join(allowed)}, got {getattr(self, name)!r}"
                )
        for name in ("tied", "cross_rotary"):
            if not isinstance(getattr(self, name), bool):
                raise ValueError(
                    f"seq2seq: {name} must be True or False, got {getattr(self, name)!r}"
                )
        if type(self.dropout) not in (int, float) or not 0 <= self.dropout < 1:
            raise ValueError(f"seq2seq: dropout must be from 0 to below 1, got {self.dropout!r}")
        if self.width % self.heads:
            raise ValueError(
                f"seq2seq: width must be a multiple of heads, got width {self.width} and {self.heads} heads"
            )
        if self.cross_rotary and self.positions != "rotary":
            raise ValueError(
                f"seq2seq: cross_rotary needs rotary positions, got positions {self.positions!r}"
            )
        if self.positions == "rotary" and self.head_dim % 2:
            raise ValueError(
                f"seq2seq: rotary positions need an even head width, got {self.head_dim} "
                f"(width {self.width} over {self.heads} heads)"
            )
        for role in ROLES:
            self._check_role(role)

    @property
    def head_dim(self) -> int:
        return self.width // self.heads

    @property
    def inner(self) -> int:
        """The width inside the feed-forward layers."""
        return self.feedforward or 4 * self.width

    @property
    def roles(self) -> dict[str, str]:
        """Which method holds which role."""
        return {role: self.attention(role).method for role in ROLES}

    @property
    def caveats(self) -> tuple[str, ...]:
        """What must be said beside any number of such a model, one sentence each."""
        bucket = self.decoder.params.get("bucket", LARGEST)
        if self.decoder.method != "reformer" or bucket >= self.max_length:
            return ()
        return (
            "reformer as decoder: which earlier tokens a token meets depends on later tokens, so that only "
            "their values, not their mere presence, are kept from it.",
        )

    def attention(self, role: Role) -> Attention:
        return getattr(self, role)

    def with_method(self, attention: Attention) -> Seq2SeqConfig:
        """The method wherever its roles allow, flash elsewhere."""
        held = {role: attention if attention.holds(role) else EXACT for role in ROLES}
        return replace(self, **held)

    def to_json(self) -> str:
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Seq2SeqConfig:
        values = json.loads(text)
        known = {one.name for one in fields(cls)}
        if not isinstance(values, dict) or not set(values) <= known:
            strange = sorted(set(values) - known) if isinstance(values, dict) else values
            raise ValueError(
                f"seq2seq: unknown settings {strange!r}, allowed: {', '.join(sorted(known))}"
            )
        for role in ROLES:
            if role in values:
                values[role] = Attention(**values[role])
        return cls(**values)

    def _whole(self, name: str, least: int) -> None:
        value = getattr(self, name)
        if type(value) is not int or value < least:
            raise ValueError(f"seq2seq: {name} must be a whole number from {least}, got {value!r}")

    def _check_role(self, role: Role) -> None:
        attention = self.attention(role)
        if not isinstance(attention, Attention):
            raise ValueError(f"seq2seq: {role} must be an Attention, got {attention!r}")
        if not attention.holds(role):
            assert attention.definition is not None
            allowed = ", ".join(one for one in ROLES if one in attention.definition.roles)
            raise ValueError(
                f"{attention.method}: the {role} role is not supported, allowed: {allowed}"
            )
        fits = WITH_ALIBI.get(role)
        if self.positions == "alibi" and fits is not None and attention.method not in fits:
            raise ValueError(
                f"{attention.method}: alibi positions are not supported in the {role} role, "
                f"where {', '.join(sorted(fits))} take them; choose other positions"
            )
