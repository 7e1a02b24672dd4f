"""A method's budget: the setting that buys closeness with time, its steps, and what each step is predicted to take.
No streamlit here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from attn_core import AttentionMethod, Param, Shape
from attn_core.contract import Value
from attn_core.environment import Environment
from attn_core.sources import Source, TooLarge, ViewSpec, build_sides, check_affordable
from attn_core.store import Store
from attn_core.timing.preflight import LEAST_CALL_S, TIMES_THE_FLOOR
from attn_core.timing.roofline import Rates, floor, guessed
from attn_core.timing.spec import Choice, SweepSpec
from dashboard.services.kept import Kept
from dashboard.services.matrix_rows import read_rows
from dashboard.services.sweeps import earlier_rates

MOST_STEP = 4_096
MOST_ROUNDS = 8
# Entries of one head that are read for one point of the curve.
CURVE_READ = 2**19
# Pairs up to which a curve is worked out while one waits: every step needs views of its own.
MOST_CURVED = 2**24


def budget(method: AttentionMethod) -> Param | None:
    wanted = method.budget and method.budget.name
    return next((param for param in method.params if param.name == wanted), None)


def ladder(
    method: AttentionMethod, source: Source, params: Mapping[str, Any], also: Value | None = None
) -> list[int]:
    """The budget's steps, doubling up to the length, as far as there is time and memory for looking; with the value
    that is asked for."""
    param = budget(method)
    if param is None:
        return []
    most = min(MOST_STEP, max(source.queries, source.keys))
    if param.name == "rounds":
        steps = range(1, MOST_ROUNDS + 1)
    else:
        steps = [2**power for power in range(13) if 2**power <= most]
    wanted = {*steps, param.default, *([] if also is None else [also])}
    # BigBird's window is odd: a step that is refused moves up by one.
    moved = (step if _allowed(method, param, params, step) else int(step) + 1 for step in wanted)  # pyright: ignore[reportArgumentType]
    found = {int(step) for step in moved if _allowed(method, param, params, step)}  # pyright: ignore[reportArgumentType]
    shape = source.shape
    return sorted(
        s for s in found if s == also or _affordable(method, {**params, param.name: s}, shape)
    )


def _affordable(method: AttentionMethod, params: Mapping[str, Any], shape: Shape) -> bool:
    try:
        check_affordable(method.name, params, shape)
    except TooLarge:
        return False
    return True


def _allowed(method: AttentionMethod, param: Param, params: Mapping[str, Any], step: Any) -> bool:
    try:
        method.resolve({**params, param.name: step})
    except ValueError:
        return False
    return True


def rates(environment: Environment, store: Store | None = None) -> tuple[Rates, bool]:
    """This machine's, and whether a sweep measured them."""
    spec = SweepSpec((Choice("flash"),), (128,))
    measured = None if store is None else earlier_rates(store, spec)
    return measured or guessed(spec, environment.threads), measured is not None


def predicted(
    method: AttentionMethod, params: Mapping[str, Any], shape: Shape, at: Rates
) -> float:
    """Seconds of one forward pass over all heads, by the same rule as the forecast of a sweep."""
    cost = method.cost(shape, **params)
    return max(LEAST_CALL_S, TIMES_THE_FLOOR * floor(cost, "forward", at))


def curve(
    source: Source, head: int, method: AttentionMethod, params: Mapping[str, Any], at: Rates
) -> pd.DataFrame:
    """For each step of the budget: the matrix's relative error, the output's, and the predicted time."""
    param = budget(method)
    if param is None:
        return pd.DataFrame()
    rows = []
    for step in ladder(method, source, params):
        try:
            spec = ViewSpec(source.spec, method.name, {**params, param.name: step})
            sides = build_sides(spec, source).one(head)
        except ValueError:  # what this step refuses has no point on the curve
            continue
        assert sides.method is not None
        read = read_rows(sides.exact, sides.method, source.v[0, head], most=CURVE_READ, brief=True)
        assert read.apart is not None
        rows.append(
            {
                "budget": step,
                "matrix error": float(np.sqrt(read.apart.error.sum() / read.apart.norm.sum())),
                "output error": float(
                    np.sqrt((read.apart.delta_z**2).sum() / (read.apart.z**2).sum())
                ),
                "seconds": predicted(method, spec.params, source.shape, at),
                "rows": read.words,
            }
        )
    return pd.DataFrame(rows)


def kept_curve(
    source: Source, head: int, method: AttentionMethod, params: Mapping[str, Any], at: Rates
) -> pd.DataFrame:
    """The curve, worked out once for the settings beside the budget."""
    param = budget(method)
    others = {name: value for name, value in params.items() if param and name != param.name}
    key = (source.spec.id, head, method.name, tuple(others.items()), at)
    return _curves.get(key, lambda: curve(source, head, method, params, at))


_curves: Kept[pd.DataFrame] = Kept(16)
