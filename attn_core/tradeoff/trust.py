"""Whether the cheap metric can be trusted: does the operator's error rank choices as the trained model's quality does?

Spearman's rank correlation over choices that have both, with a bootstrap interval over the choices. One quality length
at a time: longer texts are harder for all, and that alone would correlate.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from attn_core.methods import METHODS
from attn_core.timing.spec import Choice
from attn_core.timing.statistics import middle
from attn_core.tradeoff.axes import OPERATOR, QUALITY, axis
from attn_core.tradeoff.budgets import is_exact

if TYPE_CHECKING:
    from pandas import DataFrame

# Of fewer even a perfect order comes by chance more often than once in twenty times.
FEWEST = 5
# Below so many the interval itself is rough.
FEW = 10
# With a tenth of them the ends of an interval moved by 0.06 from seed to seed.
DRAWS = 10_000
# Ranked at a time.
ENTRIES = 1_000_000
# An interval that reaches below this leaves room for many swapped ranks.
LOOSE = 0.5


@dataclass(frozen=True)
class Pair:
    """One choice with both numbers: value, low, high. `id` is the point of the operator's; `length` is where its
    error was measured, `quality_length` where its student was judged, and `exact` that it had exact attention there."""

    id: str
    label: str
    method: str
    budget_value: float
    length: int
    quality_length: int
    quality_from: str
    operator: tuple[float, float, float]
    quality: tuple[float, float, float]
    exact: bool = False


@dataclass(frozen=True)
class Trust:
    """`rho` is None where it does not exist, its ends where too few draws have one. `sentence` says what follows."""

    operator: str
    quality: str
    pairs: tuple[Pair, ...] = field(default_factory=tuple)
    rho: float | None = None
    low: float | None = None
    high: float | None = None
    sentence: str = ""

    @property
    def count(self) -> int:
        return len(self.pairs)


def trust(
    frame: DataFrame,
    operator: str = "output_error",
    quality: str = "token_accuracy",
    quality_length: int | None = None,
    seed: int = 0,
) -> Trust:
    """Over all choices of the points; the quality length with most choices where none is named."""
    found = pairs(frame, operator, quality, quality_length)
    left, right = (
        np.array([getattr(one, side)[0] for one in found]) for side in ("operator", "quality")
    )
    rho = spearman(left, right) if len(found) > 2 else math.nan
    if math.isnan(rho):
        return Trust(operator, quality, found, sentence=_nothing(found, operator, quality))
    low, high = _interval(left, right, seed)
    sentence = _sentence(found, operator, quality, rho, low, high)
    return Trust(operator, quality, found, rho, low, high, sentence)


def pairs(
    frame: DataFrame, operator: str, quality: str, quality_length: int | None = None
) -> tuple[Pair, ...]:
    """Each choice once: its student's quality at the one length, and of its errors that measured nearest to there, the
    newest of those. What was lent to the point of that error is another matter: it may have been judged elsewhere."""
    _check(operator, OPERATOR)
    _check(quality, QUALITY)
    if not len(frame):
        return ()
    judged = _judged(frame, quality)
    erring: Any = frame[frame[operator].notna()]
    labels = set(erring["label"])
    counts = Counter(length for label, length in judged if label in labels)
    if quality_length is None:
        quality_length = max(counts, key=lambda length: (counts[length], -length), default=0)
    columns = [
        "id", "label", "method", "budget_value", "length", "role", "params",
        *(f"{operator}{end}" for end in ("", "_low", "_high")),
    ]  # fmt: skip
    nearest: dict[str, Pair] = {}
    exact: dict[str, bool] = {}
    has = np.array([(label, quality_length) in judged for label in erring["label"]], dtype=bool)
    known: Any = erring[has]
    for point_id, label, method, budget, length, role, params, *error in known[columns].itertuples(
        index=False, name=None
    ):
        origin, ends = judged[label, quality_length]
        value, low, high = map(float, error)
        if label not in exact:
            exact[label] = _exact(method, params, quality_length, role == "decoder")
        one = Pair(
            str(point_id), str(label), str(method), float(budget), int(length), quality_length, origin,
            operator=(value, low, high), quality=ends, exact=exact[label],
        )  # fmt: skip
        if label not in nearest or _apart(one) <= _apart(nearest[label]):
            nearest[label] = one
    return _once(list(nearest.values()))


Judged = dict[tuple[str, int], tuple[str, tuple[float, float, float]]]


def _judged(frame: DataFrame, quality: str) -> Judged:
    """By label and length: whose quality it is, and how good; the newest."""
    rows: Any = frame[frame[quality].notna()]
    columns = [
        "label",
        "quality_length",
        "quality_from",
        *(f"{quality}{end}" for end in ("", "_low", "_high")),
    ]
    found: Judged = {}
    for label, length, origin, *ends in rows[columns].itertuples(index=False, name=None):
        value, low, high = map(float, ends)
        found[str(label), int(length)] = (str(origin), (value, low, high))
    return found


def _exact(method: str, params: Mapping[str, Any], length: int, causal: bool) -> bool:
    """Whether its student had exact attention."""
    try:
        return is_exact(Choice(method, params), length, length, causal)
    except ValueError:  # of another version
        return False


def _once(found: Sequence[Pair]) -> tuple[Pair, ...]:
    """What is exact is one choice under several names: an exact method, before a budget that leaves nothing out."""
    exact = [one for one in found if one.exact]
    kept = min(
        exact, key=lambda one: (METHODS[one.method].family != "exact", one.label), default=None
    )
    return tuple(one for one in found if not one.exact or one is kept)


def spearman(left: Sequence[float] | np.ndarray, right: Sequence[float] | np.ndarray) -> float:
    """Correlation of average ranks; NaN where one side does not vary."""
    both = (np.asarray(side, dtype=float)[None] for side in (left, right))
    return float(_correlations(*both)[0])


def ranks(values: np.ndarray) -> np.ndarray:
    """Of each row, from 1; equal values share the mean of their places."""
    order = np.argsort(values, axis=-1, kind="stable")
    rising = np.take_along_axis(values, order, -1)
    place = np.arange(values.shape[-1])
    starts = np.ones(values.shape, dtype=bool)
    starts[..., 1:] = rising[..., 1:] != rising[..., :-1]
    ends = np.roll(starts, -1, -1)
    first = np.maximum.accumulate(np.where(starts, place, 0), -1)
    last = np.minimum.accumulate(np.where(ends, place, values.shape[-1])[..., ::-1], -1)[..., ::-1]
    found = np.empty(values.shape)
    np.put_along_axis(found, order, (first + last) / 2 + 1, -1)
    return found


def _correlations(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Of each row of one with that row of the other."""
    one, other = (ranks(side) for side in (left, right))
    one, other = (side - side.mean(-1, keepdims=True) for side in (one, other))
    size = np.sqrt((one**2).sum(-1) * (other**2).sum(-1))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(size > 0, (one * other).sum(-1) / size, math.nan)


def _interval(left: np.ndarray, right: np.ndarray, seed: int) -> tuple[float | None, float | None]:
    """Of choices drawn again; draws in which one side does not vary say nothing."""
    generator, count = np.random.default_rng(seed), len(left)
    strip = max(1, ENTRIES // count)
    parts = []
    for start in range(0, DRAWS, strip):
        drawn = generator.integers(0, count, size=(min(strip, DRAWS - start), count))
        parts.append(_correlations(left[drawn], right[drawn]))
    found = np.concatenate(parts)
    found = found[~np.isnan(found)]
    return middle(found) if len(found) > DRAWS / 2 else (None, None)


def _nothing(found: Sequence[Pair], operator: str, quality: str) -> str:
    names = f"{axis(operator).noun} and {axis(quality).noun}"
    if not found:
        return (
            f"No choice has both {names}: train students of the same methods and parameters in a Figure Z, and "
            "measure their fidelity in a study."
        )
    if len(found) < 3:
        return f"Only {len(found)} {_choices(len(found))} both {names}: too few to rank."
    return f"{len(found)} choices have both {names}, but one of the two is the same for all: there is nothing to rank."


def _sentence(
    found: Sequence[Pair],
    operator: str,
    quality: str,
    rho: float,
    low: float | None,
    high: float | None,
) -> str:
    count, error, score = len(found), axis(operator).noun, axis(quality).noun
    interval = (
        "" if low is None or high is None else f" (95% interval {_signed(low)} to {_signed(high)})"
    )
    said = f"Over {count} choices {error} and {score} have a rank correlation of {_signed(rho)}{interval}"
    lower = axis(operator).better == "lower"
    better = f"a {'smaller' if lower else 'larger'} {error}"
    if count < FEWEST:
        words = "so few can come in any order by chance, and nothing follows"
    elif low is None or high is None or low <= 0 <= high:
        words = f"that may be none at all, so {error} is no evidence of {score} here"
    elif (rho > 0) == lower:
        words = f"the wrong way round, {better} goes with a lower {score} here"
    elif min(abs(low), abs(high)) < LOOSE:
        words = (
            f"{better} tends to go with a higher {score}, but many choices may rank differently"
        )
    else:
        words = f"{better} goes with a higher {score}, so here the cheap metric ranks choices as training does"
    rough = " The interval is rough with so few choices." if FEWEST <= count < FEW else ""
    return f"{said}: {words}.{rough}{_elsewhere(found)}"


def _elsewhere(found: Sequence[Pair]) -> str:
    """Longer texts have other errors: what those alone say that were measured where their student was judged."""
    own = [one for one in found if one.length == one.quality_length]
    count = len(found) - len(own)
    if not count:
        return ""
    of = "All errors were"
    if own:
        of = f"{count} of the {len(found)} errors {'was' if count == 1 else 'were'}"
    said = f" {of} measured at another length than the student was judged at"
    if len(own) < FEWEST:
        return f"{said}."
    rho = spearman(*([getattr(one, side)[0] for one in own] for side in ("operator", "quality")))
    if math.isnan(rho):
        return f"{said}."
    return f"{said}; over the other {len(own)} choices it is {_signed(rho)}."


def _check(name: str, allowed: Sequence[str]) -> None:
    if name not in allowed:
        raise ValueError(f"trust: axis must be one of {', '.join(allowed)}, got {name!r}")


def _signed(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")


def _choices(count: int) -> str:
    return "choice has" if count == 1 else "choices have"


def _apart(one: Pair) -> float:
    return abs(math.log(one.length / one.quality_length))
