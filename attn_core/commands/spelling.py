"""Methods and their parameters as text: `longformer`, `all`, `sparse`, `longformer(window=64)`,
and `longformer.window=64,multiscale.scales=1:4:16` beside them. What is written here is read back as it was."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from attn_core.contract import Param
from attn_core.methods import METHODS
from attn_core.timing.spec import Choice

ALL = "all"
TRUTHS = {"true": True, "false": False}
# A comma ends an item, but not inside the parentheses that hold a method's parameters.
ITEM_ENDS = re.compile(r",(?![^()]*\))")
WITH_PARAMS = re.compile(r"([^()]*)\(([^()]*)\)")

Settings = dict[str, dict[str, Any]]


def read_choices(methods: str, params: str = "") -> list[dict[str, Any]]:
    """The lines of a sweep, as its settings hold them; a ValueError names what is not understood."""
    items = [item.strip() for item in ITEM_ENDS.split(methods)]
    if twice := [item for item in items if items.count(item) > 1]:
        raise ValueError(f"methods: {twice[0]!r} is listed twice")
    listed = [entry for item in items for entry in _members(item)]
    names = list(dict.fromkeys(name for name, _ in listed))
    apart = _read_params(params, names)
    found = [{"method": name, "params": apart[name] | own} for name, own in listed]
    # `sparse,longformer` names longformer twice and means it once.
    return [entry for place, entry in enumerate(found) if entry not in found[:place]]


def write_choices(choices: Sequence[Choice]) -> tuple[str, str]:
    """The two texts that `read_choices` reads back: methods, and the parameters that are not the defaults."""
    names = [choice.method for choice in choices]
    methods, apart = [], []
    for choice in choices:
        usual = choice.definition.defaults
        changed = {n: written(v) for n, v in choice.params.items() if v != usual[n]}
        if names.count(choice.method) > 1 and changed:
            inside = ",".join(f"{name}={text}" for name, text in changed.items())
            methods.append(f"{choice.method}({inside})")
        else:
            methods.append(choice.method)
            apart += [f"{choice.method}.{name}={text}" for name, text in changed.items()]
    return ",".join(methods), ",".join(apart)


def written(value: Any) -> str:
    """A parameter's value as text; the numbers of a tuple are set off by colons."""
    if isinstance(value, (tuple, list)):
        return ":".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def read(param: Param, text: str) -> Any:
    """`text` as the parameter's type, or unchanged where it cannot be: the parameter then says what it takes."""
    try:
        if isinstance(param.default, bool):
            return TRUTHS[text.lower()]
        if isinstance(param.default, tuple):
            return tuple(int(part) for part in text.split(":"))
        return type(param.default)(text)
    except (KeyError, ValueError):
        return text


def _members(item: str) -> list[tuple[str, dict[str, Any]]]:
    """The methods that one item of the list stands for, each with the parameters written beside it."""
    found = WITH_PARAMS.fullmatch(item)
    name = found[1].strip() if found else item
    families: dict[str, list[str]] = {}
    for method in METHODS.values():
        families.setdefault(method.family, []).append(method.name)
    if name not in METHODS:
        groups = {ALL: list(METHODS)} | families
        if found or name not in groups:
            allowed = ", ".join([*METHODS, *groups])
            raise ValueError(f"method must be one of {allowed}, got {item!r}")
        return [(member, {}) for member in groups[name]]
    pairs = found[2].split(",") if found and found[2].strip() else []
    return [(name, dict(_assignment(name, *_halves(pair, "name=value")) for pair in pairs))]


def _read_params(text: str, methods: Sequence[str]) -> Mapping[str, dict[str, Any]]:
    """`longformer.window=64,…` by method."""
    values: Settings = {name: {} for name in methods}
    for item in filter(None, map(str.strip, text.split(","))):
        where, value = _halves(item, "method.name=value")
        method, dot, name = where.partition(".")
        if not dot or method not in values:
            allowed = ", ".join(methods)
            raise ValueError(f"params: {where!r} must be method.name of one of {allowed}")
        values[method] |= dict([_assignment(method, name, value)])
    return values


def _halves(item: str, form: str) -> tuple[str, str]:
    name, equals, value = item.partition("=")
    if not equals:
        raise ValueError(f"params: {item!r} must be written {form}")
    return name.strip(), value.strip().strip("'\"")


def _assignment(method: str, name: str, text: str) -> tuple[str, Any]:
    for param in METHODS[method].params:
        if param.name == name:
            return name, param.check(method, read(param, text))
    METHODS[method].resolve({name: text})  # refuses, and lists what it takes
    raise AssertionError(f"{method} took the unknown parameter {name}")
