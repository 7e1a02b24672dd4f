"""Three to six sentences about each machine and setting, generated from the points, each with its evidence. What they
hold for is said once, by the setting.

A verdict says which choice is fastest at which error, what stays open at the measured noise, what exact attention
without its matrix does already, from which length an approximation pays off, and what was not measured. Nothing is
said that no point shows, and machines are never mixed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from attn_core.methods import METHODS
from attn_core.naming import called
from attn_core.tradeoff.axes import OPERATOR, QUALITY, amount
from attn_core.tradeoff.drift import USUAL
from attn_core.tradeoff.payoff import against_flash
from attn_core.tradeoff.points import WHOLE_MODEL
from attn_core.tradeoff.scene import Scene, Sentence, count_words, has, scene, some
from attn_core.tradeoff.sentences import FAILED, fastest, memory, on_the_front
from attn_core.tradeoff.settings import Setting, settings
from attn_core.tradeoff.trust import FEWEST, Trust, trust

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
    asked: Mapping[str, Collection[str]] = MappingProxyType({}),
) -> list[Verdict]:
    """One for each machine and setting, the one with most points first. `crossings` are those of the same runs;
    where `frame` is a part, `everything` is the whole, without which it cannot be said what was not measured. It is
    about the lengths that are asked for, where there are points. `asked` are by run the methods that it was to
    measure."""
    everything = frame if everything is None else everything
    operators: Any = frame[frame["role"] != WHOLE_MODEL]
    found = settings(operators)
    if not found:
        return [Verdict(None, None, (_models_only(frame) if len(frame) else EMPTY,))]
    machines: Any = everything[everything["role"] != WHOLE_MODEL]["environment_id"]
    count = int(machines.nunique())
    return [
        _verdict(scene(setting, part, lengths), crossings, everything, count, asked)
        for setting, part in found
    ]


def _verdict(
    one: Scene,
    crossings: DataFrame | None,
    everything: DataFrame,
    machines: int,
    asked: Mapping[str, Collection[str]],
) -> Verdict:
    found = _trusted(one)
    said = [
        fastest(one),
        on_the_front(one),
        against_flash(one, crossings),
        memory(one),
        _quality(one, found),
        _not_measured(one, found, everything, machines, asked),
    ]
    return Verdict(
        one.setting, one.length, tuple(sentence for sentence in said if sentence is not None)
    )


def _trusted(one: Scene) -> Trust | None:
    if not has(one.frame, "token_accuracy") or not has(one.frame, "output_error"):
        return None
    return trust(one.frame)


def _quality(one: Scene, found: Trust | None) -> Sentence | None:
    """Whether the errors above say anything of trained models; of too few choices nothing is said here."""
    if found is None or found.count < FEWEST:
        return None
    evidence = one.evidence("trust", [found.operator, found.quality])
    return Sentence(found.sentence, evidence | {"ids": [pair.id for pair in found.pairs]})


def _not_measured(
    one: Scene,
    found: Trust | None,
    everything: DataFrame,
    machines: int,
    asked: Mapping[str, Collection[str]],
) -> Sentence:
    """What a reader may miss, and would otherwise take for granted."""
    frame = one.frame
    lengths = sorted({int(n) for n in frame["length"]})
    wanted = {name for run in set(frame["run_id"]) for name in asked.get(run, ())}
    missing = [called(name) for name in METHODS if name in wanted - set(frame["method"])]
    missing += _lacking(one, everything, "device", "cuda", "a GPU")
    if len(lengths) == 1:
        missing.append(f"any length but N = {lengths[0]:,}")
    else:
        missing.append(f"lengths below N = {lengths[0]:,} or above {lengths[-1]:,}")
    missing += _lacking(one, everything, "pass", "forward+backward", "the backward pass")
    missing += _without_error(frame)
    if not any(has(frame, name) for name in QUALITY):
        missing.append("the quality of trained models with these methods")
    elif found is not None and found.count < FEWEST:
        count = count_words(found.count, "choice has", "choices have")
        missing.append(f"whether errors predict trained quality ({count} both)")
    text = f"Not measured: {_listed(missing)}."
    text += _failures(frame) + _unsteady(one) + _of_several_runs(one)
    if machines > 1:
        text += (
            f" This holds for one of {machines} machines, where recorded runs count as machines of their own; "
            "each has a verdict."
        )
    return Sentence(text, one.evidence("coverage"))


def _lacking(
    one: Scene, everything: DataFrame, column: str, value: str, words: str
) -> Sequence[str]:
    """What no point of this machine is of, and whether one of another machine is."""
    there: Any = everything[everything[column] == value]["environment_id"]
    if (there == one.setting.filter["environment_id"]).any():
        return []
    return [f"{words} (on another machine it was)" if len(there) else words]


def _without_error(frame: DataFrame) -> Sequence[str]:
    """Lengths at which no error is known on the source that is looked at, though there are times."""
    known: Any = frame[frame[list(OPERATOR)].notna().any(axis=1)]
    timed: Any = frame[frame["time_s"].notna()]
    if not len(known):
        return ["the distance from exact attention"]
    lacking = sorted({int(n) for n in timed["length"]} - {int(n) for n in known["length"]})
    source = known["source_key"].iloc[-1]
    return [f"errors on {source} at N = {_listed([f'{n:,}' for n in lacking])}"] if lacking else []


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
        lengths = sorted({int(n) for n in lost[lost["outcome"] == outcome]["length"]})
        at = some([f"{n:,}" for n in lengths])
        parts.append(f"{names} ({FAILED[outcome]} at N = {at})")
    return f" Without a time at {len(lost)} of {len(frame)} points: {'; '.join(parts)}."


def _unsteady(one: Scene) -> str:
    """Times that varied more than asked for, at the length that most is said of."""
    shaky = [point["label"] for point in one.here if point["outcome"] == "unstable"]
    if not shaky:
        return ""
    return f" Unsteady {one.at}, so that another run may differ: {len(shaky)} of {len(one.here)} times."


def _of_several_runs(one: Scene) -> str:
    """What the intervals of a run do not cover; and if an exact method tells, by how much the machine changed."""
    runs = {point["run_id"] for point in one.here}
    if len(runs) < 2:
        return ""
    text = f" Times {one.at} are of {len(runs)} runs: between runs a machine may change by more than any interval says"
    times: dict[str, list[float]] = {}
    for point in one.exact:
        if point["run_id"] in runs:
            times.setdefault(point["label"], []).append(point["time_s"])
    label = max(times, key=lambda name: max(times[name]) / min(times[name]), default="")
    if label and max(times[label]) > USUAL * min(times[label]):
        ends = (amount("time_s", end(times[label])) for end in (min, max))
        text += ", and this one did: {} took {} to {}".format(called(label), *ends)
    return f"{text}."


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
