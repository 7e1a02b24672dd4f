"""Rank correlation against cases worked by hand, and the sentence against planted relations."""

from __future__ import annotations

import math
import re

import numpy as np
import pandas as pd
import pytest

from attn_core.tradeoff.points import points
from attn_core.tradeoff.trust import pairs, ranks, spearman, trust
from tests.tradeoff.handmade import cell, choice, fidelity, figure_z, judged, study


def test_equal_values_share_the_mean_of_their_places():
    assert ranks(np.array([10.0, 30.0, 30.0, 20.0])).tolist() == [1, 3.5, 3.5, 2]
    assert ranks(np.array([5.0, 5.0, 5.0])).tolist() == [2, 2, 2]


@pytest.mark.parametrize(
    ("left", "right", "rho"),
    [
        ([1, 2, 3], [10, 20, 30], 1.0),
        ([1, 2, 3], [3, 2, 1], -1.0),
        # 1 − 6 Σd² / (n (n² − 1)) without ties: differences 0, 1, 1.
        ([1, 2, 3], [1, 3, 2], 0.5),
        ([1, 2, 3, 4, 5], [2, 1, 4, 3, 5], 0.8),
        # Ranks 1, 2½, 2½, 4 and 1, 3, 2, 4: 4.5 / √(4.5 · 5).
        ([1, 2, 2, 3], [1, 3, 2, 4], 4.5 / math.sqrt(22.5)),
        # A monotone bend changes no rank.
        ([1, 2, 3, 4], [math.exp(n) for n in range(4)], 1.0),
    ],
)
def test_correlations_worked_by_hand(left: list[float], right: list[float], rho: float):
    assert spearman(left, right) == pytest.approx(rho)


def test_what_does_not_vary_has_no_correlation():
    assert math.isnan(spearman([1, 1, 1], [1, 2, 3]))


RANKS = (8, 16, 32, 64, 100, 200, 256, 300, 400, 512, 600, 700)


def table(scores: dict[int, float], length: int = 512, judged_at: int = 256) -> pd.DataFrame:
    """A choice for each rank, whose error falls with it; `scores` are the accuracies of its student."""
    chosen = {rank: choice("linformer", rank=rank) for rank in scores}
    cells = [cell(one, length, 0.1) for one in chosen.values()]
    near = [fidelity(one, length, 1 / rank) for rank, one in chosen.items()]
    rows = [
        row
        for rank, score in scores.items()
        for row in judged(chosen[rank].label, judged_at, token_accuracy=score)
    ]
    return points([study(cells, near), figure_z(rows, list(chosen.values()))])


def test_a_planted_order_is_found():
    found = trust(table({rank: math.log(rank) / 10 for rank in RANKS}, length=256))
    assert found.count == len(RANKS)
    assert found.rho == pytest.approx(-1.0)
    assert found.low is not None and found.high is not None and found.low <= found.high < 0
    assert (
        "a smaller output error goes with a higher token accuracy, so here the cheap metric"
        in (found.sentence)
    )
    assert "another length" not in found.sentence


def test_the_wrong_order_is_said_to_be_wrong():
    found = trust(table({rank: 1 / rank for rank in RANKS}))
    assert found.rho == pytest.approx(1.0)
    assert "wrong way round" in found.sentence
    assert "All errors were measured at another length" in found.sentence


def test_no_relation_is_said_to_be_none():
    scores = np.random.default_rng(4).permutation(len(RANKS)) / 20 + 0.1
    found = trust(table(dict(zip(RANKS, scores.tolist(), strict=True))))
    assert found.low is not None and found.high is not None
    assert found.low < 0 < found.high
    assert "is no evidence of token accuracy here" in found.sentence


def test_a_loose_order_is_no_reason_to_trust():
    noisy = [0.1, 0.4, 0.2, 0.15, 0.5, 0.3, 0.25, 0.6, 0.35, 0.8, 0.45, 0.55]
    found = trust(table(dict(zip(RANKS, noisy, strict=True))))
    assert found.high is not None and -0.5 < found.high < 0
    assert "many choices may rank differently" in found.sentence


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (0, "No choice has both output error and token accuracy"),
        (1, "Only 1 choice has both"),
        (2, "Only 2 choices have both"),
        (4, "so few can come in any order by chance"),
        (6, "The interval is rough with so few choices"),
    ],
)
def test_too_few_choices_are_said_to_be_too_few(count: int, said: str):
    found = trust(table({rank: rank / 1000 for rank in RANKS[:count]}))
    assert said in found.sentence
    assert found.count == count
    assert (found.rho is None) == (count < 3)


def test_all_alike_is_nothing_to_rank():
    found = trust(table(dict.fromkeys(RANKS, 0.5)))
    assert found.rho is None
    assert "nothing to rank" in found.sentence


def test_the_interval_holds_the_correlation_and_narrows_with_more_choices():
    generator = np.random.default_rng(0)
    widths = []
    for count in (10, 80):
        ids = np.arange(count)
        frame = pd.DataFrame(
            {
                "id": ids.astype(str), "label": ids.astype(str), "method": "linformer", "budget_value": 1.0,
                "length": 256, "quality_length": 256.0,
                "quality_from": "x", "role": "encoder", "params": [{}] * count,
                **{f"output_error{end}": ids + 1.0 for end in ("", "_low", "_high")},
                **{
                    f"token_accuracy{end}": score
                    for score in [-ids + generator.normal(0, count / 3, count)]
                    for end in ("", "_low", "_high")
                },
            }
        )  # fmt: skip
        found = trust(frame)
        assert found.rho is not None and found.low is not None and found.high is not None
        assert found.low < found.rho < found.high
        widths.append(found.high - found.low)
    assert widths[1] < widths[0] / 1.5


def test_each_choice_counts_once_with_the_length_nearest_to_its_students():
    one = choice("linformer", rank=8)
    cells = [cell(one, n, 0.1) for n in (256, 512, 4096)]
    near = [fidelity(one, n, n / 1e4) for n in (256, 512, 4096)]
    rows = judged(one.label, 256, token_accuracy=0.5) + judged(one.label, 512, token_accuracy=0.4)
    frame = points([study(cells, near), figure_z(rows, [one])])
    (found,) = pairs(frame, "output_error", "token_accuracy")
    assert (found.length, found.quality_length, found.quality[0]) == (256, 256, 0.5)
    (longer,) = pairs(frame, "output_error", "token_accuracy", 512)
    assert (longer.length, longer.quality[0]) == (512, 0.4)
    assert longer.quality_from.endswith("N = 512")
    assert pairs(frame, "output_error", "token_accuracy", 333) == ()


def test_only_an_operators_axis_predicts_and_only_quality_is_predicted():
    for names in (("time_s", "bleu"), ("output_error", "time_s")):
        with pytest.raises(ValueError, match=re.escape("trust: axis must be one of")):
            trust(points([]), *names)
    assert trust(points([])).sentence.startswith("No choice has both")


def test_exact_methods_are_one_choice():
    """They are as near and as good as each other: two of them would be an agreement that nobody measured."""
    exact = [choice("flash"), choice("softmax")]
    cells = [cell(one, 256, 0.1) for one in exact]
    near = [fidelity(one, 256, 1e-7) for one in exact]
    rows = judged("flash", 256, "teacher", token_accuracy=0.9)
    found = trust(points([study(cells, near), figure_z(rows, [])]))
    assert [pair.label for pair in found.pairs] == ["flash"]


def test_a_choice_that_is_exact_where_its_student_was_judged_is_not_another_one():
    """Its error at another length is not that of what the student was trained with."""
    exact, whole = choice("flash"), choice("bigbird", window=1)
    cells = [cell(one, n, 0.1) for one in (exact, whole) for n in (256, 2048)]
    near = [fidelity(exact, 256, 1e-7), fidelity(exact, 2048, 1e-7)]
    near += [fidelity(whole, 256, 1e-7), fidelity(whole, 2048, 0.4)]
    rows = judged("flash", 256, "teacher", token_accuracy=0.9)
    rows += judged(whole.label, 256, token_accuracy=0.8)
    found = trust(points([study(cells, near), figure_z(rows, [whole])]))
    assert [(pair.label, pair.length) for pair in found.pairs] == [("flash", 256)]


def test_what_the_choices_measured_at_the_students_own_length_say_is_said_apart():
    """Over all the order is mixed up by one that was measured elsewhere."""
    ones = [choice("linformer", rank=rank) for rank in (8, 16, 32, 64, 128, 256)]
    lengths = [256] * 5 + [2048]
    errors = (0.5, 0.4, 0.3, 0.2, 0.1, 0.6)
    cells = [cell(one, n, 0.1) for one, n in zip(ones, lengths, strict=True)]
    near = [fidelity(*each) for each in zip(ones, lengths, errors, strict=True)]
    rows = [
        row for step, one in enumerate(ones) for row in judged(one.label, 256, token_accuracy=0.1 * step)
    ]  # fmt: skip
    found = trust(points([study(cells, near), figure_z(rows, ones)]))
    assert found.rho is not None and found.rho > -0.5
    assert found.sentence.endswith(
        "1 of the 6 errors was measured at another length than the student was judged at; "
        "over the other 5 choices it is −1.00."
    )


def test_the_error_is_that_nearest_to_the_judged_length_whatever_quality_its_point_was_lent():
    """At 512 another student was judged, so that only that one's quality is lent there."""
    one, other = choice("linformer", rank=8), choice("linformer", rank=16)
    cells = [cell(each, n, 0.1) for each in (one, other) for n in (512, 2048)]
    near = [fidelity(each, n, n / 1e4) for each in (one, other) for n in (512, 2048)]
    rows = [row for each in (one, other) for row in judged(each.label, 256, token_accuracy=0.5)]
    rows += judged("flash", 512, "teacher", token_accuracy=0.9)
    frame = points([study(cells, near), figure_z(rows, [one, other])])
    own = frame["label"].isin([one.label, other.label]) & (frame["role"] == "encoder")
    assert frame.loc[own & (frame["length"] == 512), "token_accuracy"].isna().all()
    found = pairs(frame, "output_error", "token_accuracy")
    assert [(pair.length, pair.quality_length) for pair in found] == [(512, 256)] * 2
