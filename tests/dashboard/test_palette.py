"""One mark per method, told apart by colour, in greyscale, and by marker and dash where colour fails."""

import dataclasses
from itertools import combinations

import pytest

from attn_core import METHODS
from dashboard.figures.palette import FAMILY_COLOURS, SLOTS, mark

BACKGROUNDS = {False: "#ffffff", True: "#15171b"}
PAIRS = list(combinations(METHODS.values(), 2))
SIBLINGS = [(one, other) for one, other in PAIRS if one.family == other.family]


def luminance(colour: str) -> float:
    """WCAG relative luminance, 0 black to 1 white."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    dim, bright = sorted((luminance(one), luminance(other)))
    return (bright + 0.05) / (dim + 0.05)


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_a_line_stands_out_from_the_page(method, dark):
    assert contrast(mark(method, dark).colour, BACKGROUNDS[dark]) >= 2.5


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{pair[0].name}-{pair[1].name}")
def test_two_methods_never_share_a_colour(pair, dark):
    assert mark(pair[0], dark).colour != mark(pair[1], dark).colour


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{pair[0].name}-{pair[1].name}")
def test_two_methods_differ_without_colour(pair):
    one, other = (mark(method) for method in pair)
    assert (one.shape, one.dash) != (other.shape, other.dash)


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("pair", SIBLINGS, ids=lambda pair: f"{pair[0].name}-{pair[1].name}")
def test_methods_of_a_family_differ_in_greyscale(pair, dark):
    one, other = (mark(method, dark) for method in pair)
    assert contrast(one.colour, other.colour) >= 1.15
    assert one.shape != other.shape


def test_exact_attention_has_markers_of_its_own():
    exact = {mark(m).shape for m in METHODS.values() if m.family == "exact"}
    others = {mark(m).shape for m in METHODS.values() if m.family != "exact"}
    assert not exact & others


@pytest.mark.parametrize("family", FAMILY_COLOURS)
def test_an_unlisted_method_takes_a_free_colour_of_its_family(family):
    known = [m for m in METHODS.values() if m.family == family and m.name in SLOTS]
    example = next(iter(METHODS.values()))
    newcomer = dataclasses.replace(example, name="newcomer", family=family)
    drawn = mark(newcomer)
    assert drawn == mark(newcomer)
    assert drawn.colour in {light for light, _ in FAMILY_COLOURS[family]}
    assert drawn.colour not in {mark(method).colour for method in known}
