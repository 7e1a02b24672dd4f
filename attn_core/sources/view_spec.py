"""Which matrices are looked at, as checked plain data: a source, and a method beside exact attention or none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from attn_core.contract import Value
from attn_core.methods import get_method
from attn_core.sources.spec import SourceSpec, digest
from attn_core.timing.checks import Checks

CHECKS = Checks("view")
# Settings are lengths, widths and counts: none of them means anything beyond the longest source.
LARGEST_SETTING = 65_536


@dataclass(frozen=True)
class ViewSpec:
    """The method None stands for exact attention alone. `params` are all of the method's, defaults filled in, so
    that the same matrices always have the same id."""

    source: SourceSpec
    method: str | None = None
    params: dict[str, Value] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not isinstance(self.source, SourceSpec):
            raise ValueError(
                f"view: source must be a SourceSpec, got {type(self.source).__name__}"
            )
        if not isinstance(self.params, Mapping):
            raise ValueError(f"view: params must be an object, got {type(self.params).__name__}")
        if self.method is None:
            if self.params:
                raise ValueError(
                    f"view: params need a method, got {next(iter(self.params))!r} alone"
                )
            return
        if not isinstance(self.method, str):
            raise ValueError(
                f"view: method must be the name of one, got {type(self.method).__name__}"
            )
        object.__setattr__(self, "params", get_method(self.method).resolve(self.params))
        for name, value in self.params.items():
            numbers = value if isinstance(value, tuple) else (value,)
            if name != "seed" and any(
                not isinstance(number, str) and number > LARGEST_SETTING for number in numbers
            ):
                raise ValueError(
                    f"view: {name} must be at most {LARGEST_SETTING:,} to be looked at, got {value!r}"
                )

    def to_json(self) -> dict[str, Any]:
        found: dict[str, Any] = {"source": self.source.to_json()}
        if self.method is None:
            return found
        params = {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in self.params.items()
        }
        return found | {"method": self.method, "params": params}

    @classmethod
    def from_json(cls, data: Any) -> ViewSpec:
        """A ValueError names whatever is not allowed."""
        known = CHECKS.known(data, {"source", "method", "params"})
        source = SourceSpec.from_json(known.get("source", {}))
        params = known.get("params")
        return cls(source, known.get("method"), {} if params is None else params)

    @property
    def id(self) -> str:
        """The same for the same matrices, wherever they are named."""
        return digest(self.to_json())

    @property
    def device(self) -> str:
        """Where it is computed: looking needs no accelerator."""
        return "cpu"
