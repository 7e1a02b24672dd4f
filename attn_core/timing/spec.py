"""What a sweep measures, as plain checked data. Pages, the command line and stored jobs share this one form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal, get_args

import torch

from attn_core.contract import LARGEST, ROLES, AttentionMethod, Dims, Role, Shape
from attn_core.methods import get_method
from attn_core.timing.checks import Checks

Pass = Literal["forward", "forward+backward"]
PASSES: tuple[Pass, ...] = get_args(Pass)
DTYPES: Mapping[str, Mapping[str, torch.dtype]] = {
    "cpu": {
        "float32": torch.float32,
        "bfloat16": torch.bfloat16,
        "float64": torch.float64,
    },
    "cuda": {
        "float32": torch.float32,
        "bfloat16": torch.bfloat16,
        "float16": torch.float16,
    },
}
LONGEST = 2**20
CHECKS = Checks("sweep")
# A backward pass needs two products for each one of the forward pass, and as many more reads and writes.
WORK = {"forward": 1, "forward+backward": 3}


@dataclass(frozen=True)
class Choice:
    """One method with all its parameters, as one line of a chart."""

    method: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "params", get_method(self.method).resolve(self.params))

    @property
    def definition(self) -> AttentionMethod:
        return get_method(self.method)

    @property
    def label(self) -> str:
        """The method's name, and what of its parameters is not the default."""
        usual = self.definition.defaults
        changed = [
            f"{name}={value}" for name, value in self.params.items() if value != usual[name]
        ]
        return " ".join([self.method, *changed])

    def to_json(self) -> dict[str, Any]:
        params = {k: list(v) if isinstance(v, tuple) else v for k, v in self.params.items()}
        return {"method": self.method, "params": params}

    @classmethod
    def read(cls, entry: Any, checks: Checks) -> Choice:
        """A name, or what `to_json` gave."""
        if isinstance(entry, str):
            return cls(entry)
        if (
            not isinstance(entry, Mapping)
            or "method" not in entry
            or set(entry) > {"method", "params"}
        ):
            raise ValueError(
                f"{checks.owner}: a method must be a name or {{method, params}}, got {entry!r}"
            )
        return cls(entry["method"], entry.get("params") or {})


@dataclass(frozen=True)
class Cell:
    """One point of a sweep: a method at a length."""

    choice: Choice
    queries: int
    keys: int

    @property
    def key(self) -> str:
        """Names the cell within its run; a resumed run skips the keys it has."""
        return f"{self.choice.label} @ {self.queries}"


@dataclass(frozen=True)
class SweepSpec:
    """A whole sweep. `seconds` is the time spent on one cell at most, `precision` the half-width of the
    median's interval, relative to it, at which a cell is done earlier, `timeout` the longest single call."""

    methods: tuple[Choice, ...]
    lengths: tuple[int, ...]
    which: Pass = "forward"
    role: Role = "encoder"
    keys: int | None = None
    batch: int = 1
    heads: int = 8
    head_dim: int = 64
    dtype: str = "float32"
    device: str = "cpu"
    threads: int | None = None
    seed: int = 0
    seconds: float = 1.0
    precision: float = 0.02
    timeout: float = 60.0

    def __post_init__(self) -> None:
        CHECKS.one_of("pass", self.which, PASSES)
        CHECKS.one_of("role", self.role, ROLES)
        CHECKS.one_of("device", self.device, DTYPES)
        CHECKS.one_of("dtype", self.dtype, DTYPES[self.device])
        CHECKS.different([choice.label for choice in self.methods])
        if not self.lengths:
            raise ValueError("sweep: choose at least one length")
        for length in self.lengths:
            CHECKS.whole("length", length, 1, LONGEST)
        object.__setattr__(self, "lengths", tuple(sorted(set(self.lengths))))
        if self.keys is not None:
            CHECKS.whole("keys", self.keys, 1, LONGEST)
            if self.role != "cross":
                raise ValueError(f"sweep: keys needs the role cross, got {self.role!r}")
        for name, most in (("batch", 65_536), ("heads", 256), ("head_dim", 1024)):
            CHECKS.whole(name, getattr(self, name), 1, most)
        if self.threads is not None:
            CHECKS.whole("threads", self.threads, 1, 1024)
        CHECKS.whole("seed", self.seed, 0, LARGEST)
        CHECKS.number("seconds", self.seconds, 0.01, 3600)
        CHECKS.number("precision", self.precision, 0.001, 0.5)
        CHECKS.number("timeout", self.timeout, 0.1, 86_400)

    @property
    def cells(self) -> tuple[Cell, ...]:
        """Shortest lengths first: what is quick is seen first."""
        return tuple(
            Cell(choice, length, self.keys_at(length))
            for length in self.lengths
            for choice in self.methods
        )

    def keys_at(self, length: int) -> int:
        return self.keys if self.role == "cross" and self.keys is not None else length

    @property
    def torch_dtype(self) -> torch.dtype:
        return DTYPES[self.device][self.dtype]

    def shape(self, cell: Cell) -> Shape:
        return Shape(
            batch=self.batch,
            heads=self.heads,
            queries=cell.queries,
            keys=cell.keys,
            head_dim=self.head_dim,
            causal=self.role == "decoder",
            element_size=self.torch_dtype.itemsize,
        )

    def dims(self, cell: Cell) -> Dims:
        return Dims(self.heads, self.head_dim, cell.queries, cell.keys)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON data; `from_json` gives the same sweep back."""
        data = {f.name: getattr(self, f.name) for f in fields(self)}
        data["pass"] = data.pop("which")
        data["methods"] = [choice.to_json() for choice in self.methods]
        data["lengths"] = list(self.lengths)
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> SweepSpec:
        """A ValueError names whatever is not allowed; nothing unknown is ignored."""
        names = {f.name for f in fields(cls)} - {"which"} | {"pass"}
        values = CHECKS.known(data, names)
        values["which"] = values.pop("pass", "forward")
        values["methods"] = tuple(
            Choice.read(entry, CHECKS) for entry in CHECKS.listed(values, "methods")
        )
        values["lengths"] = tuple(CHECKS.listed(values, "lengths"))
        return cls(**values)
