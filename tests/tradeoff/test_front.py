"""Fronts held against a well-kept library, against the definition pair by pair, and against planted noise."""

from __future__ import annotations

import tracemalloc

import moocore
import numpy as np
import pytest

from attn_core.tradeoff.front import front, front_of, nondominated
from attn_core.tradeoff.points import points
from tests.tradeoff.handmade import cell, choice, fidelity, study

BETTER = {1: ["lower"], 2: ["lower", "higher"], 3: ["lower", "higher", "lower"]}
BETTER[4] = [*BETTER[3], "higher"]


def maximise(d: int) -> list[bool]:
    return [one == "higher" for one in BETTER[d]]


def clouds(d: int, seed: int) -> np.ndarray:
    """Random points, some on a coarse grid so that coordinates tie, some there twice."""
    generator = np.random.default_rng(seed)
    points = generator.normal(size=(60, d))
    tied = generator.integers(0, 4, size=(60, d)).astype(float)
    found = np.concatenate([points, tied, points[:10], tied[:10]])
    return found[generator.permutation(len(found))]


def by_definition(
    values: np.ndarray, low: np.ndarray, high: np.ndarray, d: int, same: np.ndarray
) -> list[str]:
    """Pair by pair, as the words say it."""
    sign = np.where(maximise(d), -1.0, 1.0)
    ends = np.stack([low * sign, high * sign])
    best, worst = ends.min(axis=0), ends.max(axis=0)

    def beats(one: np.ndarray, other: np.ndarray) -> bool:
        return bool((one <= other).all() and (one < other).any())

    labels = []
    for i in range(len(values)):
        if np.isnan(values[i]).any():
            labels.append("unmeasured")
            continue
        rivals = [
            j for j in range(len(values)) if same[j] != same[i] and not np.isnan(values[j]).any()
        ]
        if any(beats(worst[j], best[i]) for j in rivals):
            labels.append("dominated")
        else:
            possible = any(beats(best[j], worst[i]) for j in rivals)
            labels.append("undecided" if possible else "front")
    return labels


@pytest.mark.parametrize("d", [1, 2, 3, 4])
@pytest.mark.parametrize("seed", range(5))
def test_without_noise_the_front_is_the_librarys(d: int, seed: int):
    points = clouds(d, seed)
    expected = moocore.is_nondominated(points, maximise=maximise(d), keep_weakly=True)
    assert (nondominated(points, BETTER[d]) == expected).all()
    labels = front(points, points, points, BETTER[d])
    assert ((labels == "front") == expected).all()
    assert set(labels) <= {"front", "dominated"}


@pytest.mark.parametrize("d", [2, 3])
def test_rows_with_a_missing_axis_take_no_part(d: int):
    points = clouds(d, 7)
    holes = points.copy()
    gone = np.random.default_rng(1).permutation(len(points))[:40]
    holes[gone, np.arange(40) % d] = np.nan
    # Such a row would beat everything if it took part.
    holes[gone[0]] = np.where(maximise(d), 99.0, -99.0)
    holes[gone[0], 0] = np.nan
    known = ~np.isnan(holes).any(axis=1)
    expected = moocore.is_nondominated(holes[known], maximise=maximise(d), keep_weakly=True)
    labels = front(holes, holes, holes, BETTER[d])
    assert (labels[~known] == "unmeasured").all()
    assert ((labels[known] == "front") == expected).all()
    assert not nondominated(holes, BETTER[d])[~known].any()


@pytest.mark.parametrize("d", [1, 2, 3, 4])
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("repeated", [False, True])
def test_labels_under_noise_are_those_of_the_definition(d: int, seed: int, repeated: bool):
    generator = np.random.default_rng(seed)
    values = clouds(d, seed)
    values[3, 0] = np.nan
    widths = generator.choice([0.0, 0.1, 1.0], size=(2, *values.shape))
    low, high = values - widths[0], values + widths[1]
    same = generator.integers(0, 25, len(values)) if repeated else np.arange(len(values))
    labels = front(values, low, high, BETTER[d], same)
    assert labels.tolist() == by_definition(values, low, high, d, same)
    assert {"front", "dominated", "undecided", "unmeasured"} >= set(labels)


def test_equal_points_are_on_the_front_together():
    twice = np.array([[1.0, 1.0], [1.0, 1.0], [2.0, 2.0]])
    labels = front(twice, twice, twice, ["lower", "lower"])
    assert labels.tolist() == ["front", "front", "dominated"]


def test_planted_noise_decides_what_is_undecided():
    # The second is a tenth slower at the same error: told apart at 2% noise, not at 20%.
    values = np.array([[1.0, 0.5], [1.1, 0.5], [3.0, 0.1]])
    for noise, label in ((0.02, "dominated"), (0.2, "undecided")):
        low, high = values.copy(), values.copy()
        low[:, 0] *= 1 - noise
        high[:, 0] *= 1 + noise
        found = front(values, low, high, ["lower", "lower"])
        assert found.tolist() == ["front" if noise < 0.1 else "undecided", label, "front"]


def test_a_label_that_is_sure_holds_wherever_the_truth_lies():
    generator = np.random.default_rng(5)
    values = generator.normal(size=(40, 2))
    half = generator.uniform(0, 0.3, size=values.shape)
    labels = front(values, values - half, values + half, ["lower", "lower"])
    assert {"front", "dominated", "undecided"} == set(labels)
    for _ in range(200):
        truth = values + half * generator.uniform(-1, 1, size=values.shape)
        mask = nondominated(truth, ["lower", "lower"])
        assert mask[labels == "front"].all()
        assert not mask[labels == "dominated"].any()


def test_a_choice_does_not_beat_itself_measured_again():
    values = np.array([[1.0, 1.0], [1.01, 1.0]])
    half = np.array([[0.1, 0.0], [0.1, 0.0]])
    again = front(values, values - half, values + half, ["lower", "lower"], np.array(["a", "a"]))
    assert again.tolist() == ["front", "front"]
    other = front(values, values - half, values + half, ["lower", "lower"], np.array(["a", "b"]))
    assert other.tolist() == ["undecided", "undecided"]


def test_a_missing_end_is_the_value_itself():
    values = np.array([[1.0, 2.0], [2.0, 1.0]])
    nothing = np.full_like(values, np.nan)
    assert front(values, nothing, nothing, ["lower", "lower"]).tolist() == ["front", "front"]


@pytest.mark.parametrize("slower", ["flash", "softmax"])
def test_no_exact_method_beats_another_by_its_rounding_errors(slower: str):
    """The slower one rounds better, and is beaten all the same."""
    times, errors = {"low_rank": 0.5}, {"low_rank": 0.2}
    for name in ("flash", "softmax"):
        times[name], errors[name] = (2.0, 1e-7) if name == slower else (1.0, 3e-7)
    timed = [cell(choice(name), 512, seconds) for name, seconds in times.items()]
    near = [fidelity(choice(name), 512, error) for name, error in errors.items()]
    table = points([study(timed, near)])
    labels = dict(zip(table["method"], front_of(table, ["time_s", "output_error"]), strict=True))
    assert labels.pop(slower) == "dominated"
    assert set(labels.values()) == {"front"} and len(labels) == 2


def test_a_pattern_that_leaves_nothing_out_is_exact_and_beats_nothing_by_rounding():
    """BigBird's four blocks of 256 tokens see each other: slower than flash, it is beaten. At 512 it errs."""
    whole = choice("bigbird", window=1)
    flash = choice("flash")
    rows = [cell(flash, n, 0.1) for n in (256, 512)] + [cell(whole, n, 0.2) for n in (256, 512)]
    near = [fidelity(flash, n, 3e-7) for n in (256, 512)]
    near += [fidelity(whole, 256, 2e-7), fidelity(whole, 512, 0.1)]
    table = points([study(rows, near)])
    assert dict(zip(table["id"].str.split("/").str[1], table["exact"], strict=True)) == {
        "flash @ 256": True, "flash @ 512": True,
        "bigbird window=1 @ 256": True, "bigbird window=1 @ 512": False,
    }  # fmt: skip
    labels = front_of(table, ["time_s", "output_error"])
    assert labels[table["length"] == 256].tolist() == ["front", "dominated"]


@pytest.mark.parametrize("d", [1, 2, 3])
@pytest.mark.parametrize("seed", range(20))
def test_infinite_values_are_values(d: int, seed: int):
    """One that is infinite in one axis is beaten like any other."""
    generator = np.random.default_rng(seed)
    values = generator.choice([0.0, 1.0, 2.0, np.inf, -np.inf], size=(6, d))
    same = np.arange(6)
    found = front(values, values, values, BETTER[d], same)
    assert found.tolist() == by_definition(values, values, values, d, same)


def test_no_points_have_no_labels():
    assert front(*[np.zeros((0, 2))] * 3, ["lower", "lower"]).tolist() == []
    nothing = np.full((2, 2), np.nan)
    assert front(nothing, nothing, nothing, ["lower", "lower"]).tolist() == ["unmeasured"] * 2


@pytest.mark.parametrize(
    ("values", "better", "said"),
    [
        (np.zeros((3, 2)), ["lower"], "shape \\(3, 2\\) and 1 directions"),
        (np.zeros((3, 2)), ["lower", "upper"], "lower or higher, got 'upper'"),
        (np.zeros(3), ["lower"], "shape \\(3,\\)"),
    ],
)
def test_what_is_no_set_of_points_is_refused(values: np.ndarray, better: list, said: str):
    with pytest.raises(ValueError, match=said):
        front(values, values, values, better)


@pytest.mark.parametrize("d", [2, 3])
def test_many_points_need_no_table_of_all_pairs(d: int):
    # All on the front: the hardest case. A table of all pairs would be 400 MB.
    points = np.random.default_rng(0).uniform(1, 2, size=(20_000, d))
    points[:, -1] = -points[:, :-1].sum(axis=1)
    if d == 3:
        points = points[:4_000]
    values = points * np.where(maximise(d), -1.0, 1.0)
    tracemalloc.start()
    labels = front(values, values, values, BETTER[d])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (labels == "front").all()
    assert peak < 60e6, f"{peak / 1e6:.0f} MB"
