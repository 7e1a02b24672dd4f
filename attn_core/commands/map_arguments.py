"""The arguments of `map`: from the command line to a view, a side, and how it is pooled."""

from __future__ import annotations

import argparse
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from attn_core.commands.spelling import read_choices
from attn_core.commands.sweep_arguments import number, whole
from attn_core.contract import ROLES
from attn_core.methods import METHODS, get_method
from attn_core.views.bins import Reduce

if TYPE_CHECKING:
    from attn_core.sources import ViewSpec

EPILOG = (
    "The file holds (heads, rows, columns) in float32, as numpy.load reads it. Without --kind the numbers are drawn, "
    "unless a text, a document, a model or a layer is named. Ctrl-C stops and writes nothing."
)
LARGEST_SIZE = 8_192
PART = re.compile(r"(-?\d{1,9})?:(-?\d{1,9})?")
# Options that go into the source as they are, with the words that explain them.
WHOLE = {
    "length": "queries, and keys; of a text or document, how many tokens of it",
    "keys": "keys of drawn numbers in the role cross (default: as many as queries)",
    "heads": "heads of drawn numbers (default 1)",
    "head-dim": "width of drawn heads (default 64)",
    "seed": "of drawn numbers (default 0)",
    "document": "number of a document of the shipped corpus",
    "layer": "layer of the model, from 0",
}
TEXTS = {
    "text": "an English sentence of your own",
    "french": "its translation, for the roles decoder and cross",
    "model": "shipped, or a run's model as RUN/FILE (default shipped)",
}
INSIDE = ("document", "layer", "model")


@dataclass(frozen=True)
class MapAsked:
    spec: ViewSpec
    side: str
    reduce: Reduce
    size: int

    @property
    def words(self) -> str:
        method = self.spec.method or "exact attention"
        return {"exact": "exact attention", "error": f"{method} − exact attention"}.get(
            self.side, method
        )


def add_arguments(verb: argparse.ArgumentParser) -> None:
    """What was not given stays None: the source's own defaults hold."""
    add = verb.add_argument
    add("--method", metavar="NAME", help="the method whose matrix is drawn")
    add("--params", metavar="M.P=V,…", help="its settings, as performer.features=128")
    add("--side", metavar="NAME", help="exact, method, or error: method − exact")
    add("--kind", metavar="NAME", help="where queries and keys come from: corpus, text, synthetic")
    add("--structure", metavar="NAME", help="of drawn numbers: gaussian, clustered, local, sinks")
    add("--spread", type=number, metavar="X", help="standard deviation of drawn scores")
    add("--role", choices=ROLES, help="where the attention sits (default encoder)")
    for name, words in WHOLE.items():
        add(f"--{name}", type=whole, metavar="N", help=words)
    for name, words in TEXTS.items():
        add(f"--{name}", metavar="TEXT", help=words)
    add("--size", type=whole, default=512, metavar="N", help="pixels a side (default 512)")
    add("--reduce", choices=("mean", "max"), default="mean", help="of each pixel's entries")
    add("--rows", default=":", metavar="A:B", help="part of the queries (default all)")
    add("--cols", default=":", metavar="A:B", help="part of the keys (default all)")
    add("--out", required=True, metavar="FILE", help="the .npy file to write")


def read(options: argparse.Namespace) -> MapAsked:
    # Here, not above: the other verbs need no tokenizers.
    from attn_core.sources import SIDES, SourceSpec, ViewSpec

    if not 1 <= options.size <= LARGEST_SIZE:
        raise ValueError(f"--size must be from 1 to {LARGEST_SIZE:,}, got {options.size}")
    for name in ("rows", "cols"):
        if not PART.fullmatch(getattr(options, name)):
            raise ValueError(f"--{name} must be written A:B, got {getattr(options, name)!r}")
    side = options.side or ("method" if options.method else "exact")
    if side not in SIDES:
        raise ValueError(f"--side must be one of {', '.join(SIDES)}, got {side!r}")
    if side != "exact" and options.method is None:
        raise ValueError(f"--side {side} needs --method: one of {', '.join(METHODS)}")
    if options.method is None and options.side is None:
        raise ValueError(f"--method is needed, or --side exact; methods: {', '.join(METHODS)}")
    source = SourceSpec(**_source(options))
    spec = ViewSpec(source, options.method, _params(options.method, options.params or ""))
    return MapAsked(spec, side, options.reduce, options.size)


def part(flag: str, text: str, length: int) -> slice:
    """A:B within the length, where either may be left out; numbers below zero count from the end."""
    found = PART.fullmatch(text)
    assert found is not None
    start, stop, _ = slice(*(None if one is None else int(one) for one in found.groups())).indices(
        length
    )
    if start >= stop:
        raise ValueError(f"{flag} must select something of 0 to {length}, got {text!r}")
    return slice(start, stop)


def _source(options: argparse.Namespace) -> dict[str, Any]:
    names = [*WHOLE, *TEXTS, "structure", "spread", "role"]
    fields = [name.replace("-", "_") for name in names]
    found = {name: getattr(options, name) for name in fields if getattr(options, name) is not None}
    inside = any(name in found for name in INSIDE)
    usual = "text" if "text" in found else "corpus" if inside else "synthetic"
    kind = options.kind or usual
    if kind == "synthetic" and "length" not in found:
        raise ValueError("--length is needed for drawn numbers, as 4096")
    return {"kind": kind, **found}


def _params(method: str | None, text: str) -> dict[str, Any]:
    """`performer.features=128`; the method's name may be left out, as there is only one."""
    if method is None:
        if text:
            raise ValueError("--params needs --method")
        return {}
    get_method(method)
    items = [item.strip() for item in text.split(",") if item.strip()]
    named = [item if "." in item.partition("=")[0] else f"{method}.{item}" for item in items]
    return read_choices(method, ",".join(named))[0]["params"]
