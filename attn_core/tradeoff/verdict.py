"""Three to six sentences about each machine and setting, generated from the points, each with its evidence. What they
hold for is said once, by the setting.

A verdict says which choice is fastest at which error, what stays open at the measured noise, what exact attention
without its matrix does already, from which length an approximation pays off, and what was not measured. Nothing is
said that no point shows, and machines are never mixed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from attn_core.naming import called
from attn_core.tradeoff.axes import OPERATOR, QUALITY
from attn_core.tradeoff.payoff import against_flash
from attn_core.tradeoff.points import WHOLE_MODEL
from attn_core.tradeoff.scene import Scene, Sentence, has, scene, some
from attn_core.tradeoff.sentences import FAILED, fastest, memory, on_the_front
from attn_core.tradeoff.settings import Setting, settings
from attn_core.tradeoff.trust import trust

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["Sentence", "Verdict", "verdict"]

EMPTY = Sentence(
    "Nothing was measured yet, so there is nothing to say: run a study.", {"view": "coverage"}
)


@dataclass(frozen=True)
class Verdict:
    """`setting` is None where nothing was measured; `length` is the one that most of it is about."""

    setting: Setting | None
    length: int | None
    sentences: tuple[Sentence, ...]

    @property
    def text(self) -> str:
        """All of it, after the machine and the work that it holds for."""
        where = [f"{self.setting.title}:"] if self.setting else []
        return " ".join([*where, *(one.text for one in self.sentences)])


def verdict(
    frame: DataFrame,
    crossings: DataFrame | None = None,
    everything: DataFrame | None = None,
    lengths: Collection[int] = (),
) -> list[Verdict]:
    """One for each machine and setting, the one with most points first. `crossings` are those of the same runs;
    where `frame` is a part, `everything` is the whole, without which it cannot be said what was not measured. It is
    about the lengths that are asked for, where there are points."""
    everything = frame if everything is None else everything
    operators: Any = frame[frame["role"] != WHOLE_MODEL]
    found = settings(operators)
    if not found:
        return [Verdict(None, None, (_models_only(frame) if len(frame) else EMPTY,))]
    machines: Any = everything[everything["role"] != WHOLE_MODEL]["environment_id"]
    count = int(machines.nunique())
    return [
        _verdict(scene(setting, part, lengths), crossings, everything, count)
        for setting, part in found
    ]


def _verdict(
    one: Scene, crossings: DataFrame | None, everything: DataFrame, machines: int
) -> Verdict:
    said = [
        fastest(one),
        on_the_front(one),
        against_flash(one, crossings),
        memory(one),
        _quality(one),
        _not_measured(one, everything, machines),
    ]
    return Verdict(
        one.setting, one.length, tuple(sentence for sentence in said if sentence is not None)
    )


def _quality(one: Scene) -> Sentence | None:
    """Whether the errors above say anything of trained models."""
    if not has(one.frame, "token_accuracy") or not has(one.frame, "output_error"):
        return None
    found = trust(one.frame)
    evidence = one.evidence("trust", [found.operator, found.quality])
    return Sentence(found.sentence, evidence | {"ids": [pair.id for pair in found.pairs]})


def _not_measured(one: Scene, everything: DataFrame, machines: int) -> Sentence:
    """What a reader may miss, and would otherwise take for granted."""
    frame = one.frame
    lengths = sorted({int(n) for n in frame["length"]})
    known = {"device": set(everything["device"]), "pass": set(everything["pass"])}
    missing = []
    if "cuda" not in known["device"]:
        missing.append("a GPU")
    if len(lengths) == 1:
        missing.append(f"any length but N = {lengths[0]:,}")
    else:
        missing.append(f"lengths below N = {lengths[0]:,} or above {lengths[-1]:,}")
    if "forward+backward" not in known["pass"]:
        missing.append("the backward pass")
    if not any(has(frame, name) for name in OPERATOR):
        missing.append("the distance from exact attention")
    if not any(has(frame, name) for name in QUALITY):
        missing.append("the quality of trained models with these methods")
    text = f"Not measured: {_listed(missing)}."
    text += _failures(frame) + _unsteady(one) + _of_several_runs(one)
    if machines > 1:
        text += f" This holds for one of {machines} machines (recorded studies count apart); each has a verdict."
    return Sentence(text, one.evidence("coverage"))


def _failures(frame: DataFrame) -> str:
    """What was tried and has no time; who has none anywhere is named."""
    lost: Any = frame[frame["outcome"].isin(FAILED)]
    if not len(lost):
        return ""
    outcomes = Counter(zip(lost["outcome"], lost["label"], strict=True))
    first = [outcome for outcome, _ in Counter(lost["outcome"]).most_common()]
    parts = []
    for outcome in first:
        names = some([called(label) for kind, label in outcomes if kind == outcome])
        parts.append(f"{names} ({FAILED[outcome]})")
    return f" Without a time at {len(lost)} of {len(frame)} points: {'; '.join(parts)}."


def _unsteady(one: Scene) -> str:
    """Times that varied more than asked for, at the length that most is said of."""
    shaky = [point["label"] for point in one.here if point["outcome"] == "unstable"]
    if not shaky:
        return ""
    return f" Unsteady {one.at}, so that another run may differ: {len(shaky)} of {len(one.here)} times."


def _of_several_runs(one: Scene) -> str:
    """What the intervals of a run do not cover."""
    runs = len({point["run_id"] for point in one.here})
    if runs < 2:
        return ""
    return f" Times {one.at} are of {runs} runs: between runs a machine may change by more than any interval says."


def _models_only(frame: DataFrame) -> Sentence:
    """Figure Z runs alone have whole models, which no operator can be compared with."""
    text = (
        f"Only whole models of Figure Z runs were measured ({len(frame)}): what single operators cost and how far they "
        "are from exact attention is not known."
    )
    return Sentence(
        text, {"view": "points", "axes": [], "filter": {"role": WHOLE_MODEL}, "ids": []}
    )


def _listed(parts: Sequence[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
