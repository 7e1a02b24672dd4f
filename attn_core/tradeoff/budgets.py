"""What a study varies of a method: the values of its budget at a length, and the order in which a study needs them.

A method declares its budget beside its parameters. Values are whole powers of two apart, or with one between each two
where that would be too few. None of them is refused, and none is so large that it stands for the whole matrix, unless
even the smallest does.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from attn_core.contract import AttentionMethod, Budget, Shape
from attn_core.methods import METHODS, get_method
from attn_core.timing.spec import Choice

LEAST_STEPS, MOST_STEPS = 2, 16


def ladder(method: str, length: int, steps: int, causal: bool = False) -> tuple[Choice, ...]:
    """From the smallest budget to the largest; a method without a budget has one choice."""
    definition = get_method(method)
    if definition.budget is None:
        return (Choice(method),)
    values = budget_values(definition, length, steps, causal)
    return tuple(Choice(method, {definition.budget.name: value}) for value in values)


def budget_values(
    method: AttentionMethod, length: int, steps: int, causal: bool = False
) -> list[int]:
    """Rising; at least one, however short the text is."""
    budget = method.budget
    assert budget is not None
    high = min(budget.high, length // 2)
    doubled = [step for step in _halves(budget, high) if step.bit_count() == 1]
    wanted = doubled if len(doubled) >= steps else _halves(budget, high)
    tried = [value if _taken(method, value) else value + 1 for value in wanted]
    values = [value for value in dict.fromkeys(tried) if _taken(method, value)]
    part = [
        value
        for value in values
        if not is_exact(Choice(method.name, {budget.name: value}), length, length, causal)
    ]
    # Where even the smallest sees everything, that one is enough.
    found = part or values[:1]
    also = [value for value in budget.also if _taken(method, value)]
    return sorted({*also, *found}) or [min(budget.low, length)]


def budget_value(choice: Choice) -> int | None:
    """The budget that a choice has, if its method has one."""
    budget = choice.definition.budget
    return None if budget is None else int(choice.params[budget.name])


def is_exact(choice: Choice, queries: int, keys: int, causal: bool) -> bool:
    """Whether it computes what exact attention does at this length: by its nature, or because its pattern is of
    single tokens and leaves none out."""
    method = choice.definition
    if method.draw_pattern is None:
        return method.family == "exact"
    return _whole(choice.method, tuple(choice.params.items()), queries, keys, causal)


def serving(role: str) -> tuple[str, ...]:
    """The methods that can play a role, in the catalogue's order."""
    return tuple(
        name
        for name, method in METHODS.items()
        if role in method.roles or (role == "encoder" and "cross" in method.roles)
    )


def _halves(budget: Budget, high: int) -> list[int]:
    """Powers of two times the lowest, and between each two of them half as much again."""
    steps: list[int] = []
    step = budget.low
    while step <= high:
        steps += [step, step * 3 // 2]
        step *= 2
    return [one for one in dict.fromkeys(steps) if one <= high]


def _taken(method: AttentionMethod, value: int) -> bool:
    assert method.budget is not None
    try:
        method.resolve({method.budget.name: value})
    except ValueError:
        return False
    return True


@lru_cache(maxsize=1024)
def _whole(
    method: str, params: tuple[tuple[str, Any], ...], queries: int, keys: int, causal: bool
) -> bool:
    shape = Shape(1, 1, queries, keys, 1, causal)
    pairs = queries * (queries + 1) // 2 if causal else queries * keys
    # A pattern that reaches everything through means has fewer scores than pairs.
    return get_method(method).cost(shape, **dict(params)).scores >= pairs
