"""Where queries, keys and values come from, as checked plain data: it stands in addresses, jobs and file names."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, get_args
from unicodedata import category

from attn_core.contract import LARGEST, ROLES, Role
from attn_core.timing.checks import Checks

Kind = Literal["corpus", "text", "synthetic"]
Structure = Literal["gaussian", "clustered", "local", "sinks"]
KINDS: tuple[Kind, ...] = get_args(Kind)
STRUCTURES: tuple[Structure, ...] = get_args(Structure)
SHIPPED = "shipped"
LONGEST = 65_536
# A model's layers are computed on the spot for a reader who waits.
LONGEST_TEXT = 8_192
MOST_LETTERS = 20_000
# Control characters, and halves of characters.
UNSEEN = ("Cc", "Cs")
# Tokens over all heads: 64 MiB for each of q, k and v at width 64.
MOST_ROWS = 2**18
CHECKS = Checks("source")


@dataclass(frozen=True)
class SourceSpec:
    """A text or a corpus document inside a layer of a trained model, or drawn numbers with a structure.

    `length` cuts a text after so many tokens, or goes on with the documents after it; 0 takes it as it is. Drawn
    queries are `length` many, drawn keys `keys` (0: as many). `spread` is the standard deviation of drawn scores.
    """

    kind: Kind = "corpus"
    role: Role = "encoder"
    model: str = SHIPPED
    layer: int = 0
    document: int = 0
    text: str = ""
    french: str = ""
    length: int = 0
    structure: Structure = "gaussian"
    spread: float = 1.0
    heads: int = 1
    head_dim: int = 64
    keys: int = 0
    seed: int = 0

    def __post_init__(self) -> None:
        CHECKS.one_of("kind", self.kind, KINDS)
        CHECKS.one_of("role", self.role, ROLES)
        CHECKS.one_of("structure", self.structure, STRUCTURES)
        for name in ("model", "text", "french"):
            _check_text(name, getattr(self, name))
        CHECKS.whole("layer", self.layer, 0, 1_000)
        CHECKS.whole("document", self.document, 0, 10_000_000)
        most = LONGEST if self.kind == "synthetic" else LONGEST_TEXT
        CHECKS.whole("length", self.length, 1 if self.kind == "synthetic" else 0, most)
        CHECKS.whole("heads", self.heads, 1, 64)
        CHECKS.whole("head_dim", self.head_dim, 1, 256)
        CHECKS.whole("keys", self.keys, 0, LONGEST)
        CHECKS.whole("seed", self.seed, 0, LARGEST)
        CHECKS.number("spread", self.spread, 0.0, 1_000.0)
        if self.kind == "synthetic" and self.heads * max(self.length, self.keys) > MOST_ROWS:
            raise ValueError(
                f"source: heads × length must be at most {MOST_ROWS:,}, got {self.heads} × "
                f"{max(self.length, self.keys):,}"
            )
        if self.keys and (self.kind != "synthetic" or self.role != "cross"):
            raise ValueError(
                f"source: keys needs drawn numbers in the role cross, got {self.keys}"
            )
        if self.kind == "text" and not self.text.strip():
            raise ValueError("source: text is empty; write a sentence")
        if self.kind == "text" and self.role != "encoder" and not self.french.strip():
            raise ValueError(f"source: french is empty; the role {self.role} reads a translation")

    def to_json(self) -> dict[str, Any]:
        """What differs from the defaults, and the kind."""
        plain = {f.name: f.default for f in fields(self)}
        given = {name: value for name, value in asdict(self).items() if value != plain[name]}
        return {"kind": self.kind, **given}

    @classmethod
    def from_json(cls, data: Any) -> SourceSpec:
        """A ValueError names whatever is not allowed."""
        return cls(**CHECKS.known(data, {f.name for f in fields(cls)}))

    @property
    def id(self) -> str:
        """The same for the same source, wherever it is written."""
        return digest(self.to_json())


def _check_text(name: str, value: Any) -> None:
    """Neither half characters nor control characters, which no one can see and no tokenizer knows."""
    if not isinstance(value, str):
        raise ValueError(f"source: {name} must be a string, got {value!r}")
    if len(value) > MOST_LETTERS:
        raise ValueError(
            f"source: {name} may have {MOST_LETTERS:,} characters at most, this one has {len(value):,}"
        )
    unseen = (
        at for at, one in enumerate(value) if category(one) in UNSEEN and one not in "\n\r\t"
    )
    for at in unseen:
        raise ValueError(
            f"source: {name} has U+{ord(value[at]):04X} as its character {at + 1:,}, which cannot be printed; "
            "leave it out"
        )


def digest(data: Mapping[str, Any]) -> str:
    text = json.dumps(data, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
