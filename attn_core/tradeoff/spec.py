"""What a trade-off study measures, as plain checked data. Pages, the command line and stored jobs share this form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from attn_core.contract import LARGEST, ROLES, Role
from attn_core.methods import get_method
from attn_core.sources.spec import LONGEST_TEXT
from attn_core.timing.checks import Checks
from attn_core.timing.spec import Choice, Pass, SweepSpec
from attn_core.tradeoff.budgets import LEAST_STEPS, MOST_STEPS, ladder, serving
from attn_core.tradeoff.sources import SOURCES, check_sources

CHECKS = Checks("tradeoff")
LONGEST_LIMIT_S = 7 * 86_400.0


@dataclass(frozen=True)
class StudySpec:
    """A whole study. `limit_s` is the time for all of it, None for as long as something is uncertain; `steps` how many
    values of each budget there are at least; `rows` how many queries of every draw are compared with exact attention.
    `seconds`, `precision` and `timeout` are the clock's for one cell, as in a sweep: small, so that a study is many
    quick points. Without `methods` it is all that can play the role."""

    methods: tuple[str, ...] = ()
    lengths: tuple[int, ...] = (2048,)
    sources: tuple[str, ...] = SOURCES
    draws: int = 3
    rows: int = 256
    limit_s: float | None = None
    steps: int = 8
    which: Pass = "forward"
    role: Role = "encoder"
    batch: int = 1
    heads: int = 8
    head_dim: int = 64
    dtype: str = "float32"
    device: str = "cpu"
    threads: int | None = None
    seed: int = 0
    seconds: float = 0.5
    precision: float = 0.03
    timeout: float = 30.0

    def __post_init__(self) -> None:
        if not self.methods:
            object.__setattr__(self, "methods", serving(self.role))
        for method in self.methods:
            if not isinstance(method, str):
                raise ValueError(f"tradeoff: a method must be a name, got {method!r}")
        CHECKS.different(self.methods)
        check_sources(self.sources)
        self._check_role()
        CHECKS.whole("draws", self.draws, 1, 32)
        CHECKS.whole("rows", self.rows, 1, LONGEST_TEXT)
        CHECKS.whole("steps", self.steps, LEAST_STEPS, MOST_STEPS)
        # Another draw takes another seed.
        CHECKS.whole("seed", self.seed, 0, LARGEST - self.draws)
        if self.limit_s is not None:
            CHECKS.number("limit_s", self.limit_s, 1.0, LONGEST_LIMIT_S)
        try:
            lengths = self._sweep(tuple(map(Choice, self.methods)), self.lengths).lengths
        except ValueError as refusal:
            raise ValueError(str(refusal).replace("sweep:", f"{CHECKS.owner}:", 1)) from None
        object.__setattr__(self, "lengths", lengths)

    def _check_role(self) -> None:
        """Who cannot play the role is a row that says so; a study of nobody else would have no point."""
        if self.role in ROLES and not any(self.role in get_method(m).roles for m in self.methods):
            able = ", ".join(serving(self.role))
            raise ValueError(
                f"tradeoff: methods of the role {self.role} are {able}, got {', '.join(self.methods)}"
            )

    def sweep(self, choices: tuple[Choice, ...], length: int) -> SweepSpec:
        """What the timing part is asked for: some points of one length, side by side."""
        return self._sweep(choices, (length,))

    def sweeping(self, choices: tuple[Choice, ...]) -> SweepSpec:
        """The same of all lengths."""
        return self._sweep(choices, self.lengths)

    def _sweep(self, choices: tuple[Choice, ...], lengths: tuple[int, ...]) -> SweepSpec:
        own = {f.name for f in fields(self)} & {f.name for f in fields(SweepSpec)}
        same = {name: getattr(self, name) for name in own - {"methods", "lengths"}}
        return SweepSpec(choices, lengths, **same)

    def ladder(self, method: str, length: int) -> tuple[Choice, ...]:
        return ladder(method, length, self.steps, self.role == "decoder")

    def to_json(self) -> dict[str, Any]:
        """Plain JSON data; `from_json` gives the same study back."""
        data = {f.name: getattr(self, f.name) for f in fields(self)}
        data["pass"] = data.pop("which")
        return data | {name: list(data[name]) for name in ("methods", "lengths", "sources")}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> StudySpec:
        """A ValueError names whatever is not allowed; nothing unknown is ignored."""
        names = {f.name for f in fields(cls)} - {"which"} | {"pass"}
        values = CHECKS.known(data, names)
        values["which"] = values.pop("pass", "forward")
        for name in ("methods", "lengths", "sources"):
            if name in values:
                values[name] = tuple(CHECKS.listed(values, name))
        return cls(**values)


def preset(name: str, **changes: Any) -> StudySpec:
    """A study of one of the usual sizes, with some settings of one's own."""
    CHECKS.one_of("preset", name, PRESETS)
    # Another role has other methods, and those are all of them unless some are named.
    return replace(PRESETS[name], **{"methods": (), **changes})


# Without a limit the lengths are what takes long: the longest is where the quadratic methods are out of the question.
PRESETS: Mapping[str, StudySpec] = {
    "60s": StudySpec(
        lengths=(2048,),
        sources=(*SOURCES[:2], SOURCES[-1]),
        limit_s=60.0,
        rows=16,
        seconds=0.15,
        precision=0.05,
        timeout=10.0,
    ),
    "10min": StudySpec(
        lengths=(512, 2048, 8192), limit_s=600.0, rows=96, seconds=0.3, precision=0.04
    ),
    "all": StudySpec(lengths=(512, 2048, 8192, 16_384), seconds=1.0, precision=0.02, timeout=60.0),
}
