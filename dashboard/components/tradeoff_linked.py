"""The points as the linked views take them."""

from __future__ import annotations

from attn_core import METHODS
from attn_core.naming import called
from attn_core.tradeoff.axes import AXES
from dashboard.components.linked_points import Group, LinkedData, Quantity
from dashboard.figures.palette import mark
from dashboard.figures.tradeoff_scatter import line_keys
from dashboard.services.kept import kept_with_first
from dashboard.services.tradeoff_point import UNSTEADY
from dashboard.services.tradeoff_view import Part, Shown

TEXTS = {"run_name": "Run"}
UNITS = {"ratio": "×"}


def linked(shown: Shown) -> LinkedData:
    """With every quantity that any point has, and the two that are drawn."""
    names = [*shown.part.axes, shown.x.name, shown.y.name]
    return _linked(shown.part, tuple(dict.fromkeys(names)))


@kept_with_first()
def _linked(part: Part, names: tuple[str, ...]) -> LinkedData:
    """Other quantities across and up leave it as it is."""
    table, wanted = part.table, [axis for name, axis in AXES.items() if name in names]
    ends = [name for axis in wanted for name in (axis.name, axis.low, axis.high)]
    points = table[["id", "run_name", *ends]].assign(
        label=[called(one) for one in table["label"]],
        group=table["method"],
        line=[one or None for one in line_keys(table)],
        order=table["budget_value"],
        facet=table["length"].map(facet_name),
        time_s_remark=[UNSTEADY if one == "unstable" else "" for one in table["outcome"]],
    )
    quantities = [
        Quantity(one.name, one.title, UNITS.get(one.unit, one.unit), one.better, one.log)
        for one in wanted
    ]
    groups = [_group(name) for name in METHODS if name in set(table["method"])]
    return LinkedData(
        points, quantities, groups, [facet_name(length) for length in part.lengths], dict(TEXTS)
    )


def facet_name(length: int) -> str:
    return f"N = {length:,}"


def _group(name: str) -> Group:
    light, dark = mark(METHODS[name]), mark(METHODS[name], True)
    return Group(name, called(name), light.colour, dark.colour, light.shape)
