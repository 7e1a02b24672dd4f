"""Verdicts of planted points: every fact that is said was planted, and a planted change changes the sentence."""

from __future__ import annotations

import math
from typing import Any

import pytest

from attn_core.timing.row import Row
from attn_core.tradeoff.crossing import crossings
from attn_core.tradeoff.points import points
from attn_core.tradeoff.stored import StoredRun
from attn_core.tradeoff.verdict import Verdict, verdict
from tests.tradeoff.handmade import (
    MACHINES,
    SERVER,
    cell,
    choice,
    fidelity,
    figure_z,
    judged,
    study,
)

FLASH, SOFTMAX = choice("flash"), choice("softmax")
NEAR, FAR = choice("nystromformer", landmarks=256), choice("low_rank", rank=8)
LENGTHS = (1024, 4096)
MB = 2**20
# Seconds at 4,096 and the power of the length by which they grow, then memory and error.
PLAN = {
    "flash": (FLASH, 0.100, 2, 10, 1e-7),
    "softmax": (SOFTMAX, 0.300, 2, 90, 2e-7),
    "near": (NEAR, 0.050, 1, 20, 0.04),
    "far": (FAR, 0.005, 1, 5, 0.4),
}


def cells(**changed: Any) -> tuple[list[Row], list[Row]]:
    """The plan, with seconds or error of a choice replaced: `near_s=0.2`."""
    timed, near = [], []
    for name, (chosen, seconds, power, size, error) in PLAN.items():
        at = changed.get(f"{name}_s", seconds)
        error = changed.get(f"{name}_error", error)
        for n in LENGTHS:
            took = at * (n / LENGTHS[-1]) ** power
            timed.append(cell(chosen, n, took, changed.get("noise", 0.01), memory=size * n * 256))
            near.append(fidelity(chosen, n, error, spread=changed.get("spread", 0.1)))
    return timed, near


def of(*runs: StoredRun) -> list[Verdict]:
    return verdict(points(runs), crossings(runs))


def planted(**changed: Any) -> Verdict:
    (found,) = of(study(*cells(**changed)))
    return found


def test_the_verdict_is_three_to_six_sentences_with_evidence_that_exists():
    found = planted()
    assert 3 <= len(found.sentences) <= 6
    assert found.length == 4096
    known = set(points([study(*cells())])["id"])
    for sentence in found.sentences:
        assert sentence.text.endswith(".")
        assert sentence.evidence["view"] in ("points", "crossings", "trust", "coverage")
        assert set(sentence.evidence["ids"]) <= known
        assert sentence.evidence["filter"]["environment_id"] == "laptop-id"


def test_a_verdict_is_about_the_lengths_that_are_asked_for():
    table = points([study(*cells())])
    for asked, about in (((LENGTHS[0],), LENGTHS[0]), (LENGTHS, 4096), ((99,), 4096)):
        (found,) = verdict(table, lengths=asked)
        assert found.length == about
        assert found.sentences[0].text.startswith(f"Fastest at N = {about:,}")


def test_the_fastest_at_each_error_is_said_and_the_machine_once_before_all():
    found = planted()
    first = found.sentences[0]
    where = f"{MACHINES['laptop-id']} · forward, encoder, batch 1, 8 × 64, float32 on cpu: "
    assert found.text.startswith(where + first.text)
    assert first.text == (
        "Fastest at N = 4,096: FlashAttention within 1% error (100 ms); "
        "Nyströmformer landmarks=256 within 5% error (50.0 ms, error 4.00%, 1.96 to 2.04× as fast as FlashAttention); "
        "Low-rank rank=8 within 50% error (5.00 ms, error 40.0%, 19.6 to 20.4× as fast as FlashAttention). "
        "Errors are those on synthetic local; of Nyströmformer landmarks=256 and Low-rank rank=8 no other source was "
        "measured."
    )
    assert first.evidence["axes"] == ["time_s", "output_error"]
    assert [one.split("/")[1] for one in first.evidence["ids"]] == [
        "flash @ 4096",
        "nystromformer landmarks=256 @ 4096",
        "low_rank rank=8 @ 4096",
    ]


def test_a_planted_change_changes_what_is_said():
    slower = planted(near_s=0.2).sentences[0].text
    assert "Nyströmformer" not in slower
    nearer = planted(far_error=0.009).sentences[0].text
    assert nearer.count(" ms") == 1
    assert "Low-rank rank=8 within 1% error (5.00 ms" in nearer
    assert "FlashAttention (" not in nearer
    # Surely within means the whole of the interval.
    wider = planted(near_error=0.049).sentences[0].text
    assert "Nyströmformer landmarks=256 within 20% error" in wider


def test_the_noise_keeps_from_naming_a_winner():
    text = planted(near_s=0.0995).sentences[0].text
    assert "(99.5 ms, error 4.00%, not told apart in time from FlashAttention" in text
    tie = choice("linformer", rank=8)
    timed, near = cells()
    timed += [cell(tie, n, 0.00501 * n / 4096) for n in LENGTHS]
    near += [fidelity(tie, n, 0.4) for n in LENGTHS]
    (found,) = of(study(timed, near))
    assert "as fast within the noise: Linformer rank=8" in found.sentences[0].text


def test_the_front_and_what_is_undecided():
    sure = planted().sentences[1]
    assert sure.text == (
        "Of 4 choices with both a time and an error 3 are on the front for sure, 1 is beaten, and the measured "
        "noise leaves none undecided."
    )
    assert len(sure.evidence["ids"]) == 3
    blurred = planted(near_s=0.100, noise=0.1).sentences[1].text
    assert "1 stays undecided at the measured noise: Nyströmformer landmarks=256" in blurred
    # The nearest first, whichever was measured first.
    open_still = planted(near_s=0.1, far_s=0.1, near_error=0.5, noise=0.3).sentences[1].text
    assert "Low-rank rank=8 and Nyströmformer landmarks=256" in open_still


def test_all_approximations_beaten_is_said_so():
    text = planted(near_s=0.2, far_s=0.4).sentences[1].text
    assert text == (
        "No approximation is on the front of time and output error at N = 4,096: FlashAttention beats all of them."
    )


def test_what_flash_does_and_from_where_an_approximation_pays_off():
    found = planted().sentences[2]
    assert found.text.startswith(
        "FlashAttention, which is exact, is 2.94 to 3.06× as fast as Softmax at N = 4,096. "
    )
    # 0.05 · n/4096 = 0.1 · (n/4096)²: at 2,048.
    assert (
        "Of what keeps an error of 20% at N = 4,096, Nyströmformer landmarks=256 is faster from about N = 2,048, "
        "somewhere between the measured 1,024 and 4,096." in found.text
    )
    assert "Low-rank" not in found.text
    assert found.evidence["view"] == "crossings"
    assert found.evidence["filter"]["against"] == "flash"
    later = planted(near_s=0.08).sentences[2].text
    assert "from about N = 3,277, somewhere between the measured 1,024 and 4,096" in later
    never = planted(near_s=0.2).sentences[2].text
    assert "1 is not faster up to N = 4,096" in never
    always = planted(near_s=0.01).sentences[2].text
    assert "Nyströmformer landmarks=256 is faster at all of N = 1,024 to 4,096" in always
    worse = planted(flash_s=0.4).sentences[2].text
    assert "1.31 to 1.36× slower than Softmax" in worse


def test_where_nothing_keeps_the_error_it_says_so_and_nothing_of_timings():
    said = planted(near_error=0.7).sentences[2].text
    assert said.endswith("No approximation surely keeps an error of 20% at N = 4,096.")
    assert "was timed beside it" not in said


def test_without_errors_speed_is_all_that_is_said():
    timed, _ = cells()
    (found,) = of(study(timed))
    assert (
        "Low-rank rank=8 is the fastest with 5.00 ms, 19.6 to 20.4× as fast as FlashAttention"
        in found.sentences[0].text
    )
    assert "how far it is from exact attention was not measured" in found.text
    assert "In time alone, whatever the error, Low-rank rank=8 is faster" in found.text
    assert "the distance from exact attention" in found.sentences[-1].text


@pytest.mark.parametrize(
    ("seconds", "faster"),
    [
        (0.05, "2 of 2 approximate choices are faster"),
        (0.0995, "1 of 2 approximate choices is faster"),
    ],
)
def test_one_length_leaves_crossings_unknown(seconds: float, faster: str):
    timed, near = ([r for r in rows if r["queries"] == 4096] for rows in cells(near_s=seconds))
    (found,) = of(study(timed, near))
    assert faster in found.text
    assert "faster than it beyond the noise, and with one length nothing is known" in found.text
    assert "any length but N = 4,096" in found.text


def test_memory_is_compared_with_flash():
    text = planted().sentences[3].text
    assert text == (
        "Least memory at N = 4,096 needs Low-rank rank=8: 5.00 MiB, error 40.0%; FlashAttention needs 10.0 MiB, "
        "less than 1 of 2 approximate choices."
    )


def test_what_was_not_measured_is_said():
    text = planted().sentences[-1].text
    assert text == (
        "Not measured: a GPU, lengths below N = 1,024 or above 4,096, the backward pass and the quality of trained "
        "models with these methods."
    )
    timed, near = cells()
    more = {"device": "cuda", "pass": "forward+backward"}
    both = of(study([*timed, cell(FLASH, 4096, 0.001, **more)], near))
    assert "a GPU" not in both[0].text
    assert "the backward pass" not in both[0].text
    # Of another machine nothing follows for this one.
    apart = of(study([*timed, cell(FLASH, 4096, 0.001, environment=SERVER, **more)], near))
    assert "a GPU (on another machine it was)" in apart[0].text
    assert "the backward pass (on another machine it was)" in apart[0].text


def test_methods_that_a_study_was_asked_for_and_never_reached_are_named():
    run = study(*cells())
    table, asked = points([run]), {run.run_id: ["flash", "reformer", "bigbird"]}
    (found,) = verdict(table, crossings([run]), asked=asked)
    assert found.sentences[-1].text.startswith("Not measured: Reformer, BigBird, a GPU")
    (other,) = verdict(table, crossings([run]), asked={"another run": ["reformer"]})
    assert "Reformer" not in other.sentences[-1].text


def test_what_failed_is_named():
    timed, near = cells()
    lost = [cell(choice("ssd"), n, None, outcome="unsupported") for n in LENGTHS]
    lost += [cell(choice("reformer"), 4096, None, outcome="oom")]
    (found,) = of(study([*timed, *lost], near))
    assert (
        "Without a time at 3 of 11 points: State-space dual (is not supported at N = 1,024 and 4,096); "
        "Reformer (ran out of memory at N = 4,096)." in found.text
    )


def test_machines_are_never_mixed():
    timed, near = cells()
    fast = [cell(FAR, 4096, 1e-6, environment=SERVER), cell(FLASH, 4096, 0.9, environment=SERVER)]
    first, second = of(study([*timed, *fast], near))
    assert MACHINES["laptop-id"] in first.text and MACHINES[SERVER] not in first.text
    assert "5.00 ms" in first.text and "1.00 µs" not in first.text
    assert MACHINES[SERVER] in second.text
    assert "1.00 µs" in second.text
    assert "one of 2 machines" in first.sentences[-1].text


def test_nothing_one_point_one_method_and_only_failures():
    (empty,) = of()
    assert empty.setting is None
    assert empty.text.startswith("Nothing was measured yet")
    (single,) = of(study([cell(FLASH, 512, 0.1)]))
    assert (
        "Only FlashAttention was timed at N = 512: 100 ms, with nothing to compare it with"
        in single.text
    )
    one_method = [choice("linformer", rank=r) for r in (8, 32)]
    (alone,) = of(study([cell(one, 512, 0.01 * k) for k, one in enumerate(one_method, 1)]))
    assert "Linformer rank=8 is the fastest" in alone.text
    assert (
        "FlashAttention was not timed at N = 512, so nothing says whether an approximation pays off"
        in alone.text
    )
    (lost,) = of(
        study([cell(FLASH, 512, None, outcome="oom"), cell(FAR, 512, None, outcome="oom")])
    )
    assert "None of 2 points has a time: 2 ran out of memory" in lost.text
    (untimed,) = of(study([], [fidelity(FAR, 512, 0.5)]))
    assert "None of 1 point has a time: 1 was not timed" in untimed.text
    for found in (empty, single, alone, lost, untimed):
        assert "nan" not in found.text


def test_only_figure_z_is_said_to_be_whole_models():
    rows = judged("flash", 256, token_accuracy=0.9, forward_s=0.1)
    (found,) = of(figure_z(rows, [FLASH]))
    assert found.text.startswith("Only whole models of Figure Z runs were measured (1)")
    assert found.setting is None


def test_quality_answers_whether_the_error_can_be_trusted():
    ranks = (8, 16, 32, 64, 100, 256, 300, 400, 512, 600)
    several = {rank: choice("linformer", rank=rank) for rank in ranks}
    timed = [cell(one, 256, 0.001 * rank) for rank, one in several.items()]
    near = [fidelity(one, 256, 1 / rank) for rank, one in several.items()]
    rows = [
        r
        for k, one in several.items()
        for r in judged(one.label, 256, token_accuracy=math.log(k) / 9)
    ]
    found = of(study(timed, near), figure_z(rows, list(several.values())))[0]
    (said,) = [one for one in found.sentences if one.evidence["view"] == "trust"]
    assert "rank correlation of −1.00" in said.text
    assert said.evidence["axes"] == ["output_error", "token_accuracy"]
    assert len(said.evidence["ids"]) == len(ranks)
    assert "quality of trained models" not in found.sentences[-1].text


def test_a_time_is_held_against_the_exact_one_of_its_own_run():
    """The machine of the other run was busy: eight times as slow for everything."""
    timed, near = cells()
    busy = [
        {**row, **{k: 8 * row[k] for k in row if k.endswith("_s") and row[k]}} for row in timed
    ]
    exact = ("flash", "softmax")
    other = study(
        *([row for row in rows if row["method"] in exact] for rows in (busy, near)), run_id="busy"
    )
    (found,) = of(study(timed, near), other)
    assert "error 4.00%, 1.96 to 2.04× as fast as FlashAttention" in found.sentences[0].text
    assert "2.94 to 3.06× as fast as Softmax" in found.sentences[2].text
    assert "Times at N = 4,096 are of 2 runs" in found.sentences[-1].text
    (alone,) = of(study(timed, near))
    assert "runs" not in alone.sentences[-1].text
    assert "this one did: FlashAttention took 100 ms to 800 ms" in found.sentences[-1].text
    calm = study(
        *([row for row in rows if row["method"] in exact] for rows in (timed, near)), run_id="calm"
    )
    (steady,) = of(study(timed, near), calm)
    assert (
        "of 2 runs" in steady.sentences[-1].text
        and "this one did" not in steady.sentences[-1].text
    )


def test_a_winner_that_is_none_on_another_source_is_named():
    timed, near = cells()
    errors = {row["label"]: 0.7 if row["method"] == "nystromformer" else 1e-7 for row in near}
    other = [
        {**row, "source_key": "gaussian", "output_error": errors[row["label"]]}
        for row in near[:-2]
    ]
    (found,) = of(study(timed, near + other))
    said = "Errors are those on synthetic local; Nyströmformer landmarks=256 has 70.0% on gaussian"
    assert said in found.sentences[0].text
    assert found.sentences[0].text.count(" on gaussian") == 1


def test_an_error_of_another_source_is_not_called_unmeasured():
    timed, near = cells()
    other = fidelity(SOFTMAX, 512, 1e-7, "gaussian")
    (found,) = verdict(points([study(timed, [*near, other])], "gaussian"))
    said = "its error was not measured on this source, it is 40.0% on synthetic local"
    assert said in found.sentences[0].text


def test_the_length_is_that_of_the_newest_run():
    timed, near = cells()
    short = [row for row in timed if row["queries"] == LENGTHS[0]]
    (found,) = of(study(timed, near), study(short, near[::2], run_id="newer"))
    assert found.length == LENGTHS[0]


def test_unsteady_times_are_counted():
    timed, near = cells()
    shaky = [{**row, "outcome": "unstable"} if row["method"] == "flash" else row for row in timed]
    (found,) = of(study(shaky, near))
    assert (
        "Unsteady at N = 4,096, so that another run may differ: 1 of 4 times."
        in found.sentences[-1].text
    )
    assert "Unsteady" not in planted().sentences[-1].text


def test_what_is_nearly_as_far_off_as_zeros_is_not_offered():
    """An output of zeros has an error of 100%, and takes no time."""
    found = planted(far_error=0.9)
    assert "Low-rank" not in found.sentences[0].text
    timed, near = cells(far_error=16.0, near_error=2.0)
    inexact = [one for one in timed if one["method"] not in ("flash", "softmax")]
    (found,) = of(study(inexact, near))
    assert found.sentences[0].text == (
        "No choice at N = 4,096 is surely within 50% error; nearest is Nyströmformer landmarks=256 (50.0 ms, error "
        "200%). Zeros have an error of 100%."
    )


def test_the_newest_of_a_choice_measured_twice_counts():
    timed, near = cells()
    again = study(
        [cell(FAR, 4096, 0.004)], [fidelity(FAR, 4096, 0.4)], run_id="20260105-000000-zzzzz"
    )
    (found,) = of(study(timed, near), again)
    assert "Low-rank rank=8 within 50% error (4.00 ms" in found.text
    assert "Of 4 choices" in found.text


@pytest.mark.parametrize("noise", [0.001, 0.05, 0.3])
def test_no_verdict_has_more_than_six_sentences_or_a_number_that_is_none(noise: float):
    found = planted(noise=noise, spread=noise)
    assert 3 <= len(found.sentences) <= 6
    assert "nan" not in found.text
    assert "None" not in found.text


def test_lengths_that_a_source_does_not_reach_are_named():
    timed, near = cells()
    near = [row for row in near if row["queries"] != 4096]
    assert "errors on synthetic local at N = 4,096" in of(study(timed, near))[0].text
