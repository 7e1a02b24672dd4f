"""Sentences and numbers say what was computed, in digits and units that mean something."""

import dataclasses

import pytest

from attn_core import METHODS, Cost, get_method
from attn_core.environment import Gpu, describe
from dashboard.services import wording
from dashboard.services.prediction import Question, answer

GIB = 2**30
HERE = dataclasses.replace(describe(), available_memory=8 * GIB, gpus=())


@pytest.fixture
def cheap(monkeypatch) -> Question:
    """A made-up method that needs 1,000 FLOPs a token and 8 KiB a token."""
    count = lambda shape: Cost(1000 * shape.queries, 0, 8192 * shape.queries)  # noqa: E731
    method = dataclasses.replace(
        get_method("softmax"), name="cheap", title="Cheap", family="kernel", count=count
    )
    exact = {name: m for name, m in METHODS.items() if m.family == "exact"}
    monkeypatch.setattr("dashboard.services.prediction.METHODS", {**exact, "cheap": method})
    return Question(method, 16_384)


@pytest.mark.parametrize(
    ("part", "whole", "under", "within"),
    [(1, 63, "63× more", "1/63 of"), (1, 2.5, "2.5× more", "1/2.5 of"), (3, 2, "1.5× less", "1.5×"),
     (80, 100, "1.2× more", "80% of"), (1000, 1001, "the same", "100% of"), (1, 1024, "1,024× more",
     "1/1,024 of")],
)  # fmt: skip
def test_a_ratio_reads_the_same_in_both_places(part, whole, under, within):
    assert wording.compared_with(part, whole) == under
    assert wording.share(part, whole) == within


def test_the_verdict_names_the_length_and_every_rival(cheap):
    text = wording.verdict(answer(cheap))
    # 4·8·N²·64 = 550 GFLOP against 16.4 MFLOP; 16 GiB and 32.5 MiB against 128 MiB.
    assert text == (
        "At N = 16,384 Cheap needs 1/33,554 of the FLOPs of Softmax and FlashAttention, 1/128 of the memory "
        "of Softmax and 3.9× the memory of FlashAttention."
    )


def test_equal_costs_are_called_the_same():
    text = wording.verdict(answer(Question(get_method("flash"), 1024)))
    assert "the same FLOPs as Softmax" in text


def test_a_saving_from_the_first_length_on_is_said_so(cheap):
    assert "at every length from 512 on" in wording.turning_point(answer(cheap))


@pytest.mark.parametrize(
    ("fixed", "words"),
    [(4 * 8 * 64 * 3000**2, "from about N = 4,096 on"), (10**30, "does not need fewer")],
)
def test_the_length_where_saving_begins_is_read_off_the_rows(cheap, monkeypatch, fixed, words):
    costly = dataclasses.replace(cheap.method, count=lambda shape: Cost(fixed, 0, 1))
    monkeypatch.setitem(METHODS, "cheap", costly)
    question = dataclasses.replace(cheap, method=costly)
    assert words in wording.turning_point(answer(question))


def test_what_does_not_fit_is_named_with_its_need():
    found = answer(Question(get_method("flash"), 16_384))
    text = wording.fit(found, HERE)
    assert "Softmax (needs 16.1 GiB) does not fit in the 8.00 GiB free on this machine" in text
    assert text.endswith("; FlashAttention does.")


def test_what_fits_is_said_to_fit():
    found = answer(Question(get_method("flash"), 512))
    assert wording.fit(found, HERE) == (
        "With q, k and v, each fits in the 8.00 GiB free on this machine."
    )


def test_each_gpu_is_asked_too():
    found = answer(Question(get_method("flash"), 16_384))
    there = dataclasses.replace(HERE, gpus=(Gpu("NVIDIA H200", 140 * GIB),))
    assert "each fits in the 140 GiB of the NVIDIA H200" in wording.fit(found, there)


def test_unknown_memory_says_nothing_about_fitting():
    unknown = dataclasses.replace(HERE, available_memory=None)
    assert wording.fit(answer(Question(get_method("flash"), 512)), unknown) == ""


def test_a_setting_names_everything_that_shapes_the_numbers():
    question = Question(get_method("softmax"), 512, "cross", keys=2048, batch=2, dtype="bfloat16")
    text = wording.setting(question)
    for part in ("Softmax", "cross", "M = 2,048", "batch 2", "8 heads of 64", "bfloat16"):
        assert part in text
    assert "not measured" in text
