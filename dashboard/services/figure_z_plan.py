"""What a Figure Z run will take, and what its methods cannot do, said before it starts. No streamlit here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import torch

from attn_core import Dims
from attn_core.amounts import size
from attn_core.contract import ROLES
from attn_core.environment import Environment
from attn_core.naming import called
from attn_core.timing.spec import Choice
from dashboard.figures.amounts import duration
from dashboard.services.figure_z_data import share_used
from dashboard.services.wording import listed

if TYPE_CHECKING:
    from attn_core.training.spec import FigureZSpec

STAND_IN = "flash"


@dataclass(frozen=True)
class Outlook:
    """Seconds and bytes as estimated, and a sentence for everything that will not be as asked."""

    seconds: float
    peak_bytes: float
    caveats: tuple[str, ...]

    @property
    def line(self) -> str:
        memory = f", at most {size(self.peak_bytes)}" if self.peak_bytes else ""
        return f"about {duration(self.seconds)}{memory}"


def outlook(spec: FigureZSpec, environment: Environment) -> Outlook:
    seconds, peak = estimated(spec, environment)
    room = environment.available_memory
    caveats = [*filter(None, [share_used(spec)]), *missing_roles(spec), *refusals(spec)]
    if spec.device == "cpu" and room is not None and peak > room:
        caveats.append(f"It needs about {size(peak)}, and {size(room)} are free on this machine.")
    return Outlook(seconds, peak, tuple(caveats))


def estimated(spec: FigureZSpec, environment: Environment) -> tuple[float, float]:
    from attn_core.training.estimate import estimate

    return estimate(spec, environment)


def missing_roles(spec: FigureZSpec) -> list[str]:
    """Where exact attention stands in; in the article's protocol every role that is exchanged is an encoder's."""
    if spec.protocol == "article":
        return []
    found: dict[tuple[str, ...], list[str]] = {}
    for choice in spec.methods:
        lacking = tuple(role for role in ROLES if role not in choice.definition.roles)
        if lacking:
            found.setdefault(lacking, []).append(called(choice.label))
    return [
        f"{listed(labels)} {'has' if len(labels) == 1 else 'have'} no {' or '.join(roles)} form: "
        f"{called(STAND_IN)} stands in there."
        for roles, labels in found.items()
    ]


def refusals(spec: FigureZSpec) -> list[str]:
    """Which methods refuse lengths beyond the trained one."""
    beyond = [f"{length:,}" for length in spec.lengths if length > spec.length]
    labels = [called(choice.label) for choice in spec.methods if stays_at(choice, spec.length)]
    if not beyond or not labels:
        return []
    verb = "refuses" if len(labels) == 1 else "refuse"
    return [f"{listed(labels)} {verb} {listed(beyond)} tokens: made for {spec.length:,}."]


def stays_at(choice: Choice, length: int) -> bool:
    """Whether a method made for `length` refuses one more token: asked of the method itself, where it may."""
    if choice.definition.extends == "any":
        return False
    params = tuple(sorted((k, v) for k, v in choice.params.items()))
    return _refuses(choice.method, params, length)


@lru_cache(maxsize=64)
def _refuses(method: str, params: Sequence[tuple[str, object]], length: int) -> bool:
    choice = Choice(method, dict(params))
    given: dict[str, Any] = dict(params)
    given.pop("seed", None)
    op = choice.definition.build(Dims(1, 2, length, length), **given)
    one_more = torch.zeros(1, 1, length + 1, 2)
    try:
        with torch.no_grad():
            op(one_more, one_more, one_more)
    except ValueError:
        return True
    return False
