"""Feature maps of a source: what is asked, checked, and the numbers of the operator that answers. No streamlit here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from attn_core import METHODS
from attn_core.fidelity.kernel_estimate import FeatureOp, log_kernels, square_norms
from attn_core.kernels.features import log_features
from attn_core.matrix import MatrixView
from attn_core.methods.kernelized import Kernelized
from attn_core.methods.performer import Performer
from attn_core.sources import Source, evenly
from dashboard.services.kept import Kept
from dashboard.services.shown import Given

MAPS = ("performer", "kernelized")
MOST_SETTING = 4_096
# Features of all keys and heads that are held: 256 MiB.
MOST_ELEMENTS = 2**26
# Beyond, the output is not made only to be compared.
MOST_COMPARED = 2**24
# Rows of a picture and features beside each other, evenly spaced.
ROWS, FEATURES = 32, 40
# Rows of what is said in words, which need not be drawn.
COUNTED = 128


@dataclass(frozen=True)
class Asked:
    """One feature map on one head of a source."""

    source: Source
    head: int
    method: str
    params: tuple[tuple[str, Any], ...]

    @property
    def key(self) -> tuple[Any, ...]:
        return self.source.spec, self.method, self.params

    @property
    def settings(self) -> dict[str, Any]:
        return dict(self.params)

    @property
    def given(self) -> Given:
        return METHODS[self.method], self.settings

    @property
    def width(self) -> int:
        """How many features a token has."""
        named = "features" if self.method == "performer" else "random_features"
        return self.settings[named] or self.source.q.shape[3]

    @property
    def estimates(self) -> bool:
        """Whether products of features estimate exp(q·k/√d); the others are kernels of their own."""
        return self.method == "performer" and self.settings["kernel"] == "softmax"

    @property
    def title(self) -> str:
        if self.method == "performer":
            return "FAVOR+" if self.estimates else "Performer, ReLU kernel"
        return f"Kernelized, {self.settings['feature_map']}"


@dataclass(frozen=True, eq=False)
class Built:
    """The operator, its matrix, and how far matrix times values is from its output (None where not compared)."""

    op: FeatureOp
    view: MatrixView
    difference: float | None


@dataclass(frozen=True, eq=False)
class Pairs:
    """Queries × keys of one head, by logarithm in fp64. `shift` is added to estimates of kernels that are only alike
    up to a factor; `seen` is false where a pair is masked."""

    rows: list[int]
    columns: list[int]
    exact: np.ndarray
    estimate: np.ndarray
    squares: np.ndarray
    seen: np.ndarray
    shift: float

    @property
    def ratio(self) -> np.ndarray:
        """Estimate over exact kernel of the pairs that are seen."""
        with np.errstate(over="ignore"):
            return np.exp((self.estimate - self.exact)[self.seen])


def ask(source: Source, head: int, method: str, drawn: Mapping[str, Any]) -> Asked:
    """A ValueError says in one sentence what cannot be had."""
    definition = source.check(method)
    asked = Asked(source, head, method, tuple(sorted(definition.resolve(drawn).items())))
    check_sizes(method, asked.settings)
    tokens = source.heads * max(source.queries, source.keys)
    if tokens * asked.width > MOST_ELEMENTS:
        raise ValueError(
            f"{asked.width:,} features of {tokens:,} tokens, over all heads, are more than the {MOST_ELEMENTS:,} "
            "numbers held here; choose fewer features or a shorter source"
        )
    return asked


def check_sizes(method: str, params: Mapping[str, Any]) -> None:
    """No setting may ask for more memory than a page has to give."""
    for name, value in params.items():
        if type(value) is int and name != "seed" and value > MOST_SETTING:
            raise ValueError(f"{method}: {name} is at most {MOST_SETTING:,} here, got {value:,}")


def built(asked: Asked) -> Built:
    return _built.get(asked.key, lambda: _build(asked))


def _build(asked: Asked) -> Built:
    source = asked.source
    op = source.operator(asked.method, **asked.settings)
    assert isinstance(op, Performer | Kernelized)
    with torch.no_grad():
        view = op.view(source.q, source.k, causal=source.causal)
        difference = None
        size = source.heads * source.queries * max(source.keys, asked.width)
        if size <= MOST_COMPARED:
            ours = view.block(slice(None), slice(None)) @ source.v
            difference = float(
                (ours - op(source.q, source.k, source.v, causal=source.causal)).abs().max()
            )
    return Built(op, view, difference)


def exact_view(source: Source) -> MatrixView:
    """Exact attention, whose rows' sums are kept as they are found."""
    return _exact.get(
        source.spec,
        lambda: source.operator("softmax").view(source.q, source.k, causal=source.causal),
    )


def pairs(asked: Asked, rows: list[int] | None = None, columns: list[int] | None = None) -> Pairs:
    """Of the rows and columns given, or of evenly spaced ones."""
    source = asked.source
    rows = evenly(source.queries, ROWS) if rows is None else rows
    columns = evenly(source.keys, ROWS) if columns is None else columns
    q, k = source.q[0, asked.head, rows], source.k[0, asked.head, columns]
    op = built(asked).op
    found, exact = (x.numpy() for x in log_kernels(op, q, k))
    seen = np.ones(exact.shape, dtype=bool)
    if source.causal:
        seen = np.asarray(columns)[None, :] <= np.asarray(rows)[:, None]
    shift = 0.0 if asked.estimates else _total(exact[seen]) - _total(found[seen])
    squares = square_norms(q, k, op.scale).numpy()
    return Pairs(rows, columns, exact, found, squares, seen, shift if np.isfinite(shift) else 0.0)


def counted_pairs(asked: Asked) -> Pairs:
    """As many as a sentence may rest on: all of a short source."""
    source = asked.source
    return pairs(asked, evenly(source.queries, COUNTED), evenly(source.keys, COUNTED))


def _total(logs: np.ndarray) -> float:
    return float(np.logaddexp.reduce(logs)) if logs.size else 0.0


def feature_logs(asked: Asked, side: str, rows: list[int]) -> tuple[np.ndarray, list[int]]:
    """log φ of queries or keys at these places, and which features are shown."""
    source = asked.source
    x = (source.q if side == "q" else source.k)[0, asked.head, rows]
    which = evenly(asked.width, FEATURES)
    with torch.no_grad():
        return log_features(built(asked).op.features(x)).numpy()[:, which], which


def shown_rows(length: int, pin: int) -> list[int]:
    """Evenly spaced places, and the pinned one."""
    return sorted({*evenly(length, ROWS), pin})


def directions(asked: Asked) -> torch.Tensor | None:
    """ω (d, m), or None where the map draws none."""
    op = built(asked).op
    return op.omega if isinstance(op, Performer) else op.projection


def _weight(found: Built) -> int:
    factors = found.view.factors()
    if factors is None:
        return MOST_ELEMENTS
    return sum(x.numel() * x.element_size() for x in factors)


_built: Kept[Built] = Kept(6, _weight, 2**30)
_exact: Kept[MatrixView] = Kept(4)
