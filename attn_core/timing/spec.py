"""What a sweep measures, as plain checked data. Pages, the command line and stored jobs share this one form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal, get_args

import torch

from attn_core.contract import LARGEST, ROLES, AttentionMethod, Dims, Role, Shape
from attn_core.methods import get_method

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
        _one_of("pass", self.which, PASSES)
        _one_of("role", self.role, ROLES)
        _one_of("device", self.device, DTYPES)
        _one_of("dtype", self.dtype, DTYPES[self.device])
        if not self.methods:
            raise ValueError("sweep: choose at least one method")
        if not self.lengths:
            raise ValueError("sweep: choose at least one length")
        labels = [choice.label for choice in self.methods]
        if twice := sorted({label for label in labels if labels.count(label) > 1}):
            raise ValueError(f"sweep: {twice[0]} is listed twice with the same parameters")
        for length in self.lengths:
            _whole("length", length, 1, LONGEST)
        object.__setattr__(self, "lengths", tuple(sorted(set(self.lengths))))
        if self.keys is not None:
            _whole("keys", self.keys, 1, LONGEST)
            if self.role != "cross":
                raise ValueError(f"sweep: keys needs the role cross, got {self.role!r}")
        for name, most in (("batch", 65_536), ("heads", 256), ("head_dim", 1024)):
            _whole(name, getattr(self, name), 1, most)
        if self.threads is not None:
            _whole("threads", self.threads, 1, 1024)
        _whole("seed", self.seed, 0, LARGEST)
        _number("seconds", self.seconds, 0.01, 3600)
        _number("precision", self.precision, 0.001, 0.5)
        _number("timeout", self.timeout, 0.1, 86_400)

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
        data["methods"] = [_plain(asdict(choice)) for choice in self.methods]
        data["lengths"] = list(self.lengths)
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> SweepSpec:
        """A ValueError names whatever is not allowed; nothing unknown is ignored."""
        if not isinstance(data, Mapping):
            raise ValueError(f"sweep: settings must be an object, got {type(data).__name__}")
        values = dict(data)
        values["which"] = values.pop("pass", "forward")
        known = {f.name for f in fields(cls)}
        if unknown := sorted(set(values) - known):
            raise ValueError(f"sweep: unknown setting {unknown[0]!r}")
        values["methods"] = tuple(_choice(entry) for entry in _list(values, "methods"))
        values["lengths"] = tuple(_list(values, "lengths"))
        return cls(**values)


def _choice(entry: Any) -> Choice:
    if isinstance(entry, str):
        return Choice(entry)
    if (
        not isinstance(entry, Mapping)
        or "method" not in entry
        or set(entry) > {"method", "params"}
    ):
        raise ValueError(f"sweep: a method must be a name or {{method, params}}, got {entry!r}")
    return Choice(entry["method"], entry.get("params") or {})


def _list(values: Mapping[str, Any], name: str) -> Sequence[Any]:
    found = values.get(name, [])
    if not isinstance(found, (list, tuple)):
        raise ValueError(f"sweep: {name} must be a list, got {found!r}")
    return found


def _plain(data: dict[str, Any]) -> dict[str, Any]:
    params = {k: list(v) if isinstance(v, tuple) else v for k, v in data["params"].items()}
    return data | {"params": params}


def _one_of(name: str, value: Any, allowed: Sequence[str] | Mapping[str, Any]) -> None:
    if value not in tuple(allowed):
        raise ValueError(f"sweep: {name} must be one of {', '.join(allowed)}, got {value!r}")


def _whole(name: str, value: Any, low: int, high: int) -> None:
    if type(value) is not int or not low <= value <= high:
        raise ValueError(
            f"sweep: {name} must be a whole number from {low:,} to {high:,}, got {value!r}"
        )


def _number(name: str, value: Any, low: float, high: float) -> None:
    if type(value) not in (int, float) or not low <= value <= high:
        raise ValueError(f"sweep: {name} must be a number from {low:g} to {high:g}, got {value!r}")
