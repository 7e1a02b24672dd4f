"""What the controls of a sweep offer, and their values as a checked sweep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from attn_core import METHODS
from attn_core.environment import Environment
from attn_core.timing.spec import DTYPES, LONGEST, PASSES, Choice, SweepSpec
from dashboard.services.validation import (
    BATCH,
    HEAD_DIM,
    HEADS,
    Bounds,
    choose,
    method_named,
    param_value,
)

LENGTH = Bounds("length", 2048, 1, LONGEST)
KEYS = Bounds("keys", 1024, 1, LONGEST)
THREADS = Bounds("threads", 0, 0, 1024)
LENGTHS: tuple[int, ...] = tuple(2**power for power in range(6, 18))
LENGTH_PRESETS: Mapping[str, tuple[int, ...]] = {
    "Short": (64, 128, 256, 512, 1024),
    "Default": (256, 512, 1024, 2048, 4096),
    "Long": tuple(2**power for power in range(11, 18)),
    "All": LENGTHS,
}
DEFAULT_LENGTHS = LENGTH_PRESETS["Default"]
# Both exact ones, and what is best known of every family that can be an encoder.
DEFAULT_METHODS = tuple(
    name
    for name in ("softmax", "flash", "linformer", "nystromformer", "performer", "longformer")
    if name in METHODS
)
DEFAULT_SECONDS = 0.3
SHORTEST_SECONDS, LONGEST_SECONDS = 0.05, 60.0


def method_presets() -> dict[str, tuple[str, ...]]:
    """Default, all, and each family; what is not exact comes with what it is held against."""
    families = dict.fromkeys(method.family for method in METHODS.values())
    return {
        "Default": DEFAULT_METHODS,
        "All": tuple(METHODS),
        **{
            family.capitalize(): tuple(
                name for name, method in METHODS.items() if method.family in ("exact", family)
            )
            for family in families
        },
    }


def written_lengths(text: str) -> list[str]:
    """The lengths typed into a text box. A comma sets them apart, and so does a space; thousands may hold an
    underscore."""
    return text.replace(",", " ").replace(";", " ").split()


def lengths_line(lengths: Sequence[str]) -> str:
    """Few words for a button: the ends of what is chosen."""
    known = sorted(int(text) for text in lengths if text.isdigit())
    if not known:
        return "none"
    return f"{known[0]:,}" if len(known) == 1 else f"{known[0]:,} … {known[-1]:,}"


@dataclass(frozen=True)
class Form:
    """What the controls hold, lengths still as text. `threads` 0 leaves the choice to torch."""

    methods: Sequence[str] = DEFAULT_METHODS
    lengths: Sequence[str] = tuple(str(length) for length in DEFAULT_LENGTHS)
    which: str = PASSES[0]
    role: str = "encoder"
    keys: str | None = None
    dtype: str = "float32"
    device: str = "cpu"
    batch: int = BATCH.default
    heads: int = HEADS.default
    head_dim: int = HEAD_DIM.default
    threads: int = THREADS.default
    seconds: float = DEFAULT_SECONDS
    params: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def spec_of(form: Form) -> SweepSpec:
    """The sweep that the controls describe; a ValueError says in a sentence what is refused."""
    if not form.methods:
        raise ValueError("Choose at least one method.")
    if not form.lengths:
        raise ValueError("Choose at least one length.")
    return SweepSpec(
        methods=tuple(_choice(name, form.params.get(name, {})) for name in form.methods),
        lengths=tuple(LENGTH.parse(text) for text in form.lengths),
        which=pass_named(form.which),  # type: ignore[arg-type]
        role=form.role,  # type: ignore[arg-type]
        keys=KEYS.parse(form.keys) if form.role == "cross" and form.keys else None,
        batch=BATCH.check(form.batch),
        heads=HEADS.check(form.heads),
        head_dim=HEAD_DIM.check(form.head_dim),
        dtype=form.dtype,
        device=form.device,
        threads=THREADS.check(form.threads) or None,
        seconds=seconds_checked(form.seconds),
    )


def _choice(name: str, drawn: Mapping[str, Any]) -> Choice:
    method = method_named(name)
    known = {param.name: param for param in method.params}
    return Choice(
        name, {key: param_value(method, known[key], value) for key, value in drawn.items()}
    )


def pass_named(text: str) -> str:
    return choose("pass", text, PASSES)


def devices(environment: Environment) -> tuple[str, ...]:
    """Where a sweep can run: the driver's own list of GPUs is asked, never torch."""
    return ("cpu", "cuda") if environment.gpus else ("cpu",)


def dtypes(device: str) -> tuple[str, ...]:
    return tuple(DTYPES.get(device, DTYPES["cpu"]))


def seconds_checked(value: float) -> float:
    if not SHORTEST_SECONDS <= value <= LONGEST_SECONDS:
        raise ValueError(
            f"seconds per cell must be from {SHORTEST_SECONDS:g} to {LONGEST_SECONDS:g}, got {value:g}."
        )
    return value


def seconds_named(text: str) -> float:
    """The time per cell written in a URL."""
    try:
        value = float(text)
    except ValueError:
        raise ValueError(f"seconds per cell must be a number, got {text!r}.") from None
    return seconds_checked(value)
