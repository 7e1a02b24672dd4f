"""Recall counts the strongest keys that a method finds too."""

from __future__ import annotations

import pytest
import torch

from attn_core.fidelity import compare, comparison
from attn_core.fidelity.rows import top_k_recall
from tests.fidelity.given import (
    Fixed,
    dense_softmax,
    inputs,
    per_head,
    random,
    value,
)


def recall(
    exact: list[float], found: list[float], count: int, **masks: list[bool] | None
) -> float:
    shaped = {
        key: None if mask is None else torch.tensor([[[mask]]]) for key, mask in masks.items()
    }
    wide = torch.tensor([[[exact]]]).double(), torch.tensor([[[found]]]).double()
    masked = shaped.get("allowed"), shaped.get("reachable")
    return top_k_recall(*wide, *masked, (count,)).item()


def test_recall_counts_the_largest_keys_that_are_found():
    assert recall([4, 3, 2, 1], [9, 1, 8, 0], 2) == 0.5
    assert recall([4, 3, 2, 1], [0, 0.1, 0.2, 0.3], 1) == 0
    assert recall([4, 3, 2, 1], [-3, -2, -4, -5], 2) == 1


def test_recall_looks_at_allowed_keys_only():
    allowed = [True, True, True, False]
    assert recall([4, 3, 2, 0], [3, 2, 1, 9], 2, allowed=allowed) == 1
    assert recall([4, 3, 2, 0], [1, 2, 3, 9], 3, allowed=allowed) == 1
    # A row with two allowed keys cannot be asked for three.
    assert recall([4, 3, 0, 0], [2, 1, 9, 9], 3, allowed=[True, True, False, False]) == 1


def test_of_fewer_keys_than_are_asked_for_all_are():
    assert recall([4, 3, 2, 1], [9, 1, 8, 0], 8) == 1
    assert recall([4, 3, 2, 1], [0, 3, 2, 1], 8, reachable=[False, True, True, True]) == 0.75


def test_recall_never_finds_a_key_outside_the_pattern():
    reachable = [False, True, True, True]
    assert recall([4, 3, 2, 1], [0, 3, 2, 1], 2, reachable=reachable) == 0.5
    assert recall([4, 3, 2, 1], [0, 3, 2, 1], 4, reachable=reachable) == 0.75


def test_recall_gives_an_approximation_that_cannot_tell_keys_apart_only_what_chance_would():
    assert recall([4, 3, 2, 1], [1, 1, 1, 1], 1) == 0.25
    assert recall([4, 3, 2, 1], [2, 1, 1, 1], 2) == pytest.approx(2 / 3)


def test_recall_accepts_any_choice_among_exact_ties():
    assert recall([1, 1, 1, 1], [1, 2, 3, 4], 2) == 1
    assert recall([1, 1, 1, 1], [1, 1, 1, 1], 2) == 1


def test_recall_of_a_matrix_is_the_mean_over_its_rows(monkeypatch):
    monkeypatch.setattr(comparison, "STRIP_ENTRIES", 6 * 40 * 7)
    q, k, v = inputs()
    approximate = random(2, 3, 40, 40, seed=5).softmax(-1)
    report = compare(Fixed(approximate), q, k, v, top_k=(1, 5, 64))
    assert report.top_k == (1, 5, 40)
    exact = dense_softmax(q, k, None, False)
    for column, count in enumerate(report.top_k):
        sides = [
            torch.zeros_like(exact).scatter(-1, matrix.topk(count).indices, 1.0)
            for matrix in (exact, approximate)
        ]
        hits = (sides[0] * sides[1]).sum(-1) / count
        torch.testing.assert_close(value(report.top_k_recall)[:, column], per_head(hits).mean(1))
