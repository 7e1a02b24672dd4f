"""What a Figure Z run trains and measures, as plain checked data: one form for pages, commands and stored jobs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, get_args

from attn_core.contract import LARGEST
from attn_core.methods import METHODS
from attn_core.timing.checks import Checks
from attn_core.timing.spec import DTYPES, Choice

Protocol = Literal["controlled", "article"]
Preset = Literal["quick", "paper", "article", "custom"]
Scale = Literal["full", "small"]
POSITIONS = ("none", "sinusoidal", "learned", "rotary", "alibi")
SHIPPED = "shipped"
CHECKS = Checks("figure-z")
LONGEST = 65_536
MOST_SEEDS = 20
# The article's own four, under the names the catalogue has for them: its Performer is a kernel with random features.
ARTICLE_METHODS = (
    Choice("softmax"),
    Choice("linformer", {"rank": 128}),
    Choice("kernelized", {"random_features": 256}),
    Choice("longformer", {"window": 128, "global_tokens": 0}),
)


@dataclass(frozen=True)
class FigureZSpec:
    """A whole run. `methods` are the students; the exact teacher and the controls come by themselves. Lengths are in
    tokens: models are trained at `length` and looked at in all `lengths`. Steps are budgets: a validation loss that
    has not improved for `patience` evaluations ends a stage earlier."""

    methods: tuple[Choice, ...]
    protocol: Protocol = "controlled"
    preset: Preset = "custom"
    scale: Scale = "full"
    length: int = 256
    lengths: tuple[int, ...] = ()
    seeds: int = 1
    data: str = SHIPPED
    tokenizer: str = SHIPPED
    device: str = "cpu"
    width: int = 128
    layers: int = 2
    heads: int = 4
    positions: str = "rotary"
    convolution: int = 0
    batch: int = 8
    teacher_steps: int = 600
    transfer_steps: int = 60
    student_steps: int = 120
    learning_rate: float = 2e-3
    temperature: float = 2.0
    patience: int = 5
    seed: int = 0

    def __post_init__(self) -> None:
        CHECKS.one_of("protocol", self.protocol, get_args(Protocol))
        CHECKS.one_of("preset", self.preset, get_args(Preset))
        CHECKS.one_of("scale", self.scale, get_args(Scale))
        CHECKS.one_of("device", self.device, tuple(DTYPES))
        CHECKS.one_of("positions", self.positions, POSITIONS)
        CHECKS.different([choice.label for choice in self.methods])
        CHECKS.whole("length", self.length, 16, LONGEST)
        for length in self.lengths:
            CHECKS.whole("lengths", length, 16, LONGEST)
        object.__setattr__(self, "lengths", tuple(sorted({self.length, *self.lengths})))
        if self.lengths[0] < self.length:
            raise ValueError(
                f"figure-z: lengths must be at least the trained {self.length:,}, got {self.lengths[0]:,}"
            )
        for name, low, most in (
            ("seeds", 1, MOST_SEEDS),
            ("width", 8, 8192),
            ("layers", 1, 48),
            ("heads", 1, 128),
            ("convolution", 0, 127),
            ("batch", 1, 4096),
            ("teacher_steps", 1, 10_000_000),
            ("transfer_steps", 0, 10_000_000),
            ("student_steps", 0, 10_000_000),
            ("patience", 1, 1_000_000),
            ("seed", 0, LARGEST - MOST_SEEDS),
        ):
            CHECKS.whole(name, getattr(self, name), low, most)
        if self.width % self.heads or (self.width // self.heads) % 2:
            raise ValueError(
                f"figure-z: width must be an even multiple of heads ({self.heads}), got {self.width}"
            )
        CHECKS.number("learning_rate", self.learning_rate, 1e-8, 1.0)
        CHECKS.number("temperature", self.temperature, 0.1, 100.0)
        for name in ("data", "tokenizer"):
            value = getattr(self, name)
            if not isinstance(value, str) or not value.strip():
                raise ValueError(f"figure-z: {name} must be {SHIPPED!r} or a name, got {value!r}")

    @classmethod
    def preset_of(cls, name: str, scale: str = "full") -> FigureZSpec:
        """The settings behind a preset's name."""
        CHECKS.one_of("preset", name, tuple(PRESETS))
        CHECKS.one_of("scale", scale, get_args(Scale))
        if scale == "small" and name != "article":
            raise ValueError(f"figure-z: scale small belongs to the preset article, got {name!r}")
        return SMALL_ARTICLE if scale == "small" else PRESETS[name]

    def changed(self, **values: Any) -> FigureZSpec:
        """The same with other values; the name of the preset stays, since its protocol does."""
        return replace(self, **values)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON data; `from_json` gives the same run back."""
        data = {f.name: getattr(self, f.name) for f in fields(self)}
        data["methods"] = [one.to_json() for one in self.methods]
        data["lengths"] = list(self.lengths)
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> FigureZSpec:
        """A ValueError names whatever is not allowed; nothing unknown is ignored."""
        values = CHECKS.known(data, {f.name for f in fields(cls)})
        values["methods"] = tuple(
            Choice.read(entry, CHECKS) for entry in CHECKS.listed(values, "methods")
        )
        values["lengths"] = tuple(CHECKS.listed(values, "lengths"))
        return cls(**values)


QUICK = FigureZSpec(
    # What Longformer and Linformer look at stands to the length as in longer texts: with their usual sizes they would
    # see nearly everything of 256 tokens.
    methods=(
        Choice("flash"),
        Choice("linformer", {"rank": 64}),
        Choice("performer"),
        Choice("kernelized"),
        Choice("longformer", {"window": 16}),
    ),
    preset="quick",
    lengths=(256, 512, 1024),
    convolution=3,
    batch=4,
    teacher_steps=820,
    transfer_steps=15,
    student_steps=60,
    learning_rate=1e-2,
)
PAPER = FigureZSpec(
    methods=tuple(Choice(name) for name in METHODS),
    preset="paper",
    length=1024,
    lengths=(1024, 2048, 4096),
    seeds=3,
    width=512,
    layers=4,
    heads=8,
    batch=16,
    teacher_steps=6000,
    transfer_steps=500,
    student_steps=1500,
    learning_rate=5e-4,
)
ARTICLE = FigureZSpec(
    methods=ARTICLE_METHODS,
    protocol="article",
    preset="article",
    length=2048,
    lengths=(2048, 4096),
    width=512,
    layers=1,
    heads=1,
    positions="none",
    batch=4,
    teacher_steps=3000,
    transfer_steps=0,
    student_steps=3000,
    learning_rate=1e-5,
    temperature=3.0,
    patience=100,
)
# An eighth of the width and a sixteenth of the length, and what a method looks at in the same proportion; students
# get fewer steps, so that all of it takes two minutes.
SMALL_ARTICLE = replace(
    ARTICLE,
    scale="small",
    methods=(
        Choice("softmax"),
        Choice("linformer", {"rank": 8}),
        Choice("kernelized", {"random_features": 32}),
        Choice("longformer", {"window": 8, "global_tokens": 0}),
    ),
    length=128,
    lengths=(128, 256),
    width=64,
    student_steps=1200,
)
PRESETS: Mapping[str, FigureZSpec] = {"quick": QUICK, "paper": PAPER, "article": ARTICLE}
