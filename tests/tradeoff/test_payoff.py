"""From where an approximation pays off: who is faster than flash, whether it still keeps its error there, and who was
timed at one length alone."""

from __future__ import annotations

import pytest

from attn_core.tradeoff.crossing import crossings
from attn_core.tradeoff.points import points
from attn_core.tradeoff.verdict import verdict
from tests.tradeoff.handmade import cell, fidelity, study
from tests.tradeoff.test_verdict import FLASH, NEAR, SOFTMAX, cells, of


@pytest.mark.parametrize(
    ("errors", "said"),
    [
        ({1024: 0.1, 2048: 0.1, 4096: 0.1}, "is faster from about"),
        ({1024: 0.1, 2048: 0.1, 4096: 0.9}, "is faster, but errs more at longer lengths"),
        ({1024: 0.1, 2048: 0.9, 4096: 0.9}, "is faster only where the error is larger"),
        ({1024: 0.9, 2048: 0.9}, "No approximation surely keeps an error of 20%"),
        # The source reaches no further.
        ({1024: 0.1}, "is faster from about"),
    ],
)
def test_who_is_faster_is_held_against_its_errors_there(errors, said):
    times = {1024: (0.02, 0.01), 2048: (0.02, 0.04), 4096: (0.02, 0.16)}
    timed = [cell(one, n, times[n][at]) for n in times for at, one in enumerate((NEAR, FLASH))]
    near = [fidelity(FLASH, n, 1e-7) for n in times]
    near += [fidelity(NEAR, n, error) for n, error in errors.items()]
    run = study(timed, near)
    (found,) = verdict(points([run]), crossings([run]), lengths=(1024,))
    assert said in next(one.text for one in found.sentences if "which is exact" in one.text)


def test_choices_timed_at_one_length_alone_are_counted():
    timed, near = cells()
    timed = [row for row in timed if (row["label"], row["queries"]) != (NEAR.label, 1024)]
    (found,) = of(study(timed, near))
    said = next(one.text for one in found.sentences if "which is exact" in one.text)
    assert "1 choice was timed beside it at N = 4,096 alone, and is faster" in said


def test_what_ran_out_of_memory_is_named_with_its_length():
    timed, near = cells()
    timed = [row for row in timed if (row["label"], row["queries"]) != ("softmax", 4096)]
    timed.append(cell(SOFTMAX, 4096, None, outcome="oom"))
    text = of(study(timed, near))[0].text
    assert (
        "FlashAttention, which is exact, is the one to beat at N = 4,096, where Softmax ran out of memory"
        in text
    )
    assert "Softmax (ran out of memory at N = 4,096)" in text
