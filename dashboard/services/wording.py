"""Numbers in sensible digits with their units, and the sentences that are read off predictions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from attn_core import METHODS, AttentionMethod
from attn_core.amounts import size
from attn_core.environment import Environment
from dashboard.services.literal import literal
from dashboard.services.prediction import Answer, Question

# Two costs closer than this are called the same: counting is no finer.
SAME = 0.005
FEW = 3


def times(value: float) -> str:
    """A ratio above 1 as people say it: 1.4×, 17×, 1,024×."""
    return f"{value:,.0f}×" if value >= 9.95 else f"{value:.1f}×"


def share(part: float, whole: float) -> str:
    """How `part` relates to `whole`: 1/63 of, 87% of, 1.4×."""
    ratio = part / whole
    if ratio > 1:
        return times(ratio)
    if ratio > 0.6:
        return f"{ratio:.0%} of"
    return f"1/{1 / ratio:,.0f} of" if 1 / ratio >= 9.95 else f"1/{1 / ratio:.1f} of"


def same(part: float, whole: float) -> bool:
    return abs(part / whole - 1) < SAME


def compared_with(part: float, whole: float) -> str:
    """The same relation in the few words that fit under a number."""
    if same(part, whole):
        return "the same"
    return f"{times(part / whole)} less" if part > whole else f"{times(whole / part)} more"


def sentences(found: Answer, environment: Environment) -> str:
    """What the numbers say, in a paragraph."""
    return " ".join(
        part for part in (verdict(found), turning_point(found), fit(found, environment)) if part
    )


def verdict(found: Answer) -> str:
    """The chosen method beside exact attention at the chosen length."""
    length, chosen = found.question.length, found.chosen
    if chosen is None:
        return ""
    rivals = found.rivals
    relations = [
        *_relations([(one.method, chosen.flops, one.flops) for one in rivals], "FLOPs"),
        *_relations([(one.method, chosen.memory, one.memory) for one in rivals], "memory"),
    ]
    return f"At N = {length:,} {chosen.method.short_title} needs {listed(relations)}."


def _relations(rivals: Sequence[tuple[AttentionMethod, int, int]], noun: str) -> list[str]:
    """One phrase for every distinct relation, naming all the rivals it holds for."""
    titles: dict[str, list[str]] = {}
    for method, part, whole in rivals:
        phrase = (
            f"the same {noun} as" if same(part, whole) else f"{share(part, whole)} the {noun} of"
        )
        titles.setdefault(phrase, []).append(method.short_title)
    return [f"{phrase} {listed(names)}" for phrase, names in titles.items()]


def turning_point(found: Answer) -> str:
    """From which length on an approximation saves any work at all."""
    if found.chosen is None or found.chosen.method.family == "exact":
        return ""
    table = found.rows.pivot(index="N", columns="method", values="flops")
    rivals = [one.method.name for one in found.rivals]
    below = (table[found.chosen.method.name] < table[rivals].min(axis=1)).to_numpy()
    lengths = table.index.to_numpy()
    if below.all():
        return f"It needs fewer FLOPs than exact attention at every length from {lengths[0]:,} on."
    if not below[-1]:
        return f"It does not need fewer FLOPs than exact attention by N = {lengths[-1]:,}."
    start = lengths[np.flatnonzero(~below)[-1] + 1]
    return f"It needs fewer FLOPs than exact attention from about N = {start:,} on."


def fit(found: Answer, environment: Environment) -> str:
    """Whether inputs and predicted memory fit what this machine has: free memory, and each GPU's own."""
    places = [
        (f"the {size(gpu.total_memory)} of the {gpu.name}", gpu.total_memory)
        for gpu in environment.gpus
        if gpu.total_memory
    ]
    if environment.available_memory is not None:
        room = environment.available_memory
        places.insert(0, (f"the {size(room)} free on this machine", room))
    return " ".join(_fit_in(found, place, room) for place, room in places)


def _fit_in(found: Answer, place: str, room: int) -> str:
    inputs = found.question.input_bytes
    needs = {one.method.short_title: one.memory + inputs for one in found.predictions}
    too_big = [f"{name} (needs {size(need)})" for name, need in needs.items() if need > room]
    fitting = [name for name, need in needs.items() if need <= room]
    if not too_big:
        return f"With q, k and v, {'each' if len(needs) > 1 else 'it'} fits in {place}."
    verb = "does" if len(too_big) == 1 else "do"
    ending = f"; {listed(fitting)} {'does' if len(fitting) == 1 else 'do'}." if fitting else "."
    return f"With q, k and v, {listed(too_big)} {verb} not fit in {place}{ending}"


def setting(question: Question) -> str:
    """The sizes behind a figure, for its subtitle."""
    keys = f", M = {question.shape.keys:,}" if question.role == "cross" else ""
    params = "".join(f", {name} = {value}" for name, value in question.params.items())
    return (
        f"{question.method.title}{params} · {question.role}{keys}, batch {question.batch}, "
        f"{question.heads} heads of {question.head_dim}, {question.dtype} · counted, not measured"
    )


def refused(problem: ValueError) -> str:
    """What an engine has against a question, as a sentence on a page: a method by its title."""
    text = literal(str(problem).rstrip(".") + ".")
    name, colon, _ = text.partition(":")
    if colon and name in METHODS:
        return METHODS[name].short_title + text[len(name) :]
    return text[0].upper() + text[1:]


def listed(words: Sequence[str]) -> str:
    """a, b and c"""
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def lowered(name: str) -> str:
    """A name inside a sentence: token accuracy, validation CE; chrF and KL stay as they are."""
    return name if name[1:2].isupper() else name[:1].lower() + name[1:]


def some(words: Sequence[str]) -> str:
    """The first few by name, and how many more."""
    if len(words) <= FEW:
        return listed(words)
    return f"{', '.join(words[:FEW])} and {len(words) - FEW} more"
