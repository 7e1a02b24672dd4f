"""Text from a reader or a URL to checked values. Widgets bound their values in the browser only, and a URL
not at all, so every value passes here before it reaches the engine."""

from __future__ import annotations

import math
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from attn_core import METHODS, AttentionMethod, Param, get_method
from attn_core.contract import CPU_DTYPES, CUDA_DTYPES, ROLES

# float16 comes last: it exists on CUDA only.
DTYPES = {
    str(dtype).removeprefix("torch."): dtype for dtype in dict.fromkeys(CPU_DTYPES + CUDA_DTYPES)
}
# A path should stay whole; nobody types more than this.
LONGEST_QUOTED = 120
TRUTHS = {"true": True, "false": False}


def shortened(sentence: str) -> str:
    """A complaint whose quoted values can be read: of a long one only its beginning and its length."""
    return re.sub(
        rf"(['\"])([^'\"]{{{LONGEST_QUOTED},}})\1",
        lambda found: f"{found[1]}{found[2][:20]}…{found[1]} ({len(found[2]):,} characters)",
        sentence,
    )


@dataclass(frozen=True)
class Span:
    """A number with a fraction, of which only the ends are known here."""

    name: str
    low: float
    high: float

    def parse(self, text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        return self.check(value, repr(text))

    def check(self, value: float, typed: str = "") -> float:
        """`typed` is how it was written."""
        if not self.low <= value <= self.high:
            ends = f"{self.low:,.10g} to {self.high:,.10g}"
            raise ValueError(
                f"{self.name} must be a number from {ends}, got {typed or f'{value:g}'}."
            )
        return value


@dataclass(frozen=True)
class Bounds:
    """A whole number's name, default and range, shared by its control and its check."""

    name: str
    default: int
    low: int
    high: int

    def parse(self, text: str) -> int:
        """The number written in `text`; thousands may be set off by commas, spaces or underscores."""
        digits = text.translate({ord(mark): None for mark in ", _"})
        try:
            value = int(digits)
        except ValueError:
            raise ValueError(f"{self.name} must be {self.allowed}, got {text!r}.") from None
        return self.check(value)

    def check(self, value: int) -> int:
        if not self.low <= value <= self.high:
            raise ValueError(f"{self.name} must be {self.allowed}, got {value:,}.")
        return value

    @property
    def allowed(self) -> str:
        return f"a whole number from {self.low:,} to {self.high:,}"


LENGTH = Bounds("N", 16_384, 1, 2**20)
KEYS = Bounds("M", 16_384, 1, 2**20)
HEADS = Bounds("heads", 8, 1, 256)
HEAD_DIM = Bounds("head width", 64, 1, 1024)
BATCH = Bounds("batch", 1, 1, 65_536)


def choose(name: str, text: str, options: Collection[str]) -> str:
    """`text` if it is one of the options, or a ValueError that lists them."""
    if text not in options:
        raise ValueError(f"{name} must be one of {', '.join(options)}, got {text!r}.")
    return text


def method_named(text: str) -> AttentionMethod:
    return get_method(choose("method", text, METHODS))


def role_named(text: str) -> str:
    return choose("role", text, ROLES)


def dtype_named(text: str) -> str:
    return choose("dtype", text, DTYPES)


def parse_param(method: AttentionMethod, param: Param, text: str) -> Any:
    """The value of a method's parameter from its text, checked by the method's own rule."""
    return param.check(method.name, _read_as(param.default, text))


def param_value(method: AttentionMethod, param: Param, drawn: Any) -> Any:
    """The checked value of a widget; tuples come from a text box."""
    is_text = isinstance(drawn, str) and not isinstance(param.default, str)
    return parse_param(method, param, drawn) if is_text else param.check(method.name, drawn)


def as_text(value: Any) -> str:
    """What a text box shows for a value: 1, 4, 16 for a tuple."""
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _read_as(default: Any, text: str) -> Any:
    """`text` as the default's type, or unchanged where it cannot be: the parameter then says what it takes."""
    try:
        if isinstance(default, bool):
            return TRUTHS[text.strip().lower()]
        if isinstance(default, tuple):
            return tuple(int(part) for part in text.strip("() ").split(",") if part.strip())
        return type(default)(text)
    except (KeyError, ValueError):
        return text
