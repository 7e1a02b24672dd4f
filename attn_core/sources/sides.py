"""The matrices of a view, side by side: exact attention, a method, and what the one has more than the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from attn_core.matrix import MatrixView, ScoreView
from attn_core.sources.affordable import check_affordable
from attn_core.sources.source import Source
from attn_core.sources.view_spec import ViewSpec
from attn_core.views import DifferenceView

Side = Literal["exact", "method", "error"]
SIDES: tuple[Side, ...] = get_args(Side)


@dataclass(frozen=True, eq=False)
class Sides:
    """Views of the same shape. Without a method there is only the exact one."""

    exact: MatrixView
    method: MatrixView | None = None

    def side(self, name: str) -> MatrixView:
        if name not in SIDES:
            raise ValueError(f"side must be one of {', '.join(SIDES)}, got {name!r}")
        if name == "exact":
            return self.exact
        if self.method is None:
            raise ValueError(f"side {name} needs a method, the view names none; allowed: exact")
        return self.method if name == "method" else DifferenceView(self.method, self.exact)

    def one(self, head: int) -> Sides:
        """Of one head: reading it costs what one head costs, and what is found out about it stays known."""
        return Sides(self.exact.one(head), None if self.method is None else self.method.one(head))


def build_sides(spec: ViewSpec, source: Source) -> Sides:
    """All heads. A method that cannot serve here, or that would need too much, is a ValueError."""
    q, k = source.q, source.k
    exact = ScoreView(q, k, q.shape[3] ** -0.5, causal=source.causal)
    if spec.method is None:
        return Sides(exact)
    work_of(spec, source)
    op = source.operator(spec.method, **spec.params)
    return Sides(exact, op.view(q, k, causal=source.causal))


def work_of(spec: ViewSpec, source: Source) -> int:
    """The operations that building takes, as far as it is known before; a ValueError if it is too much."""
    if spec.method is None:
        return 0
    source.check(spec.method)
    return check_affordable(spec.method, spec.params, source.shape)
