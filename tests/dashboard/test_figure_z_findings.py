"""What a Figure Z says: its sentences repeat the numbers of its rows, and how sure they are."""

import pytest

from attn_core.amounts import digits
from dashboard.figures.figure_z import charts
from dashboard.services import figure_z
from dashboard.services import figure_z_findings as f
from dashboard.services.figure_z_captions import key_to_marks, setting_line, shown_line
from dashboard.services.figure_z_objections import OBJECTIONS
from dashboard.services.figure_z_progress import progress_words
from dashboard.services.figure_z_reading import reading
from dashboard.services.figure_z_samples import compared, marked, numbers
from dashboard.services.figure_z_views import View, parts
from tests.dashboard import planted_figure_z as planted
from tests.dashboard.test_figure_z_figures import marks


def read(rows=None, settings=None) -> figure_z.Results:
    return figure_z.read(
        "x", "planted", "here", settings or planted.SETTINGS, {}, rows or planted.rows(1)
    )


def only(**kinds) -> figure_z.Results:
    return read({kind: [] for kind in planted.rows()} | kinds)


@pytest.fixture(scope="module")
def found() -> figure_z.Results:
    return read()


def test_the_share_that_is_kept_is_that_of_the_rows(found):
    share = planted.accuracy("longformer", 1024) / planted.teacher_accuracy(1024)
    plain = f"({100 * planted.accuracy('longformer', 1024):.1f}% of {100 * planted.teacher_accuracy(1024):.1f}%)"
    assert (
        f"Longformer keeps {100 * share:.1f}% of the teacher's token accuracy {plain}"
        in f.kept(found, "token_accuracy")
    )
    least = planted.accuracy("kernelized", 1024) / planted.teacher_accuracy(1024)
    value = 100 * planted.accuracy("kernelized", 1024)
    assert f"Kernelized {100 * least:.1f}% ({value:.1f}%), the least" in f.kept(
        found, "token_accuracy"
    )
    assert f.kept(found, "token_accuracy").startswith("At ×4 (N = 1,024)")


def test_overlapping_intervals_are_named_and_only_those(found):
    assert (
        f.overlaps(found, "token_accuracy") == "The intervals of Performer and Kernelized overlap."
    )
    rows = [
        planted.cell(m, "distilled", "bleu", 256, v, low=v - 1, high=v + 1)
        for m, v in (("performer", 50.0), ("longformer", 60.0))
    ]
    assert (
        f.overlaps(only(cell=rows), "bleu")
        == "No two approximations' intervals overlap at N = 256."
    )


def test_what_is_refused_and_what_does_not_fit_is_said_apart(found):
    assert f.missing(found) == [
        "Linformer refuses 512 and 1,024 tokens.",
        "FlashAttention does not fit in memory at 1,024 tokens (training step).",
    ]


def test_one_seed_is_admitted(found):
    assert f.certainty(found).startswith("One seed: the intervals cover the test sentences")
    assert f.certainty(read(planted.rows(3))).startswith("3 seeds")
    bare = [planted.cell("flash", "teacher", "bleu", 256, 60.0)]
    assert (
        f.certainty(only(cell=bare))
        == "One seed and no intervals: small differences may be chance."
    )


def test_who_cannot_be_told_from_chance_far_back_is_named_with_rate_and_count(found):
    assert f.far_back(found) == (
        "With the evidence 128–255 tokens back, Longformer cannot be told from chance: 50.0% right, n = 400."
    )


def probes(correct: int, total: int, low: int = 129, high: int | None = 256, **more) -> dict:
    row = next(iter(planted.agreement_rows()))
    counts = {
        "correct": correct,
        "total": total,
        "value": correct / total,
        "low": 0.0,
        "high": 1.0,
    }
    return row | counts | {"distance_low": low, "distance_high": high} | more


def test_probes_are_counted_together_before_anybody_is_said_to_guess():
    both = [probes(200, 200), probes(1, 2, evidence="target"), probes(1, 2, length=512)]
    assert f.far_back(only(agreement=both)) == ""
    seeds = [probes(11, 15, seed=0), probes(14, 15, seed=1)]
    assert f.far_back(only(agreement=seeds)) == ""
    guessing = [probes(8, 15, seed=0, high=None), probes(7, 15, seed=1, high=None)]
    assert f.far_back(only(agreement=guessing)).startswith(
        "With the evidence 129 or more tokens back, FlashAttention cannot be told from chance: 50.0% right, n = 30"
    )


def test_a_class_of_few_probes_says_nothing_of_anybody():
    few = [probes(1, 3), probes(20, 40, low=65, high=128)]
    assert f.far_back(only(agreement=few)).startswith("With the evidence 65–128 tokens back")
    assert f.far_back(only(agreement=[probes(1, 3)])) == ""


def test_the_fastest_is_told_from_the_next_only_where_the_spread_allows(found):
    assert "which the spread does not tell from Longformer's" in f.fastest(found)
    rows = [
        planted.cell(m, "distilled", "forward_s", 256, v, low=v * 0.99, high=v * 1.01)
        for m, v in (("flash", 0.004), ("performer", 0.001))
    ]
    assert f.fastest(only(cell=rows)) == (
        "At N = 256 Performer is the fastest, 1.00 ms a forward pass: 4.00× as fast as FlashAttention."
    )


def test_training_and_the_floor_are_said_with_their_numbers(found):
    assert (
        "Distilling takes Linformer from 31.0% to 88.1%, the smallest change of all."
        in f.training(found, "token_accuracy")
    )
    assert f.floor(found, "token_accuracy") == (
        "Without any attention it is 52.0% at N = 256, and the weakest approximation, Linformer (88.1%), is above that."
    )


def test_a_floor_that_the_weakest_method_hardly_passes_is_said_to_be_so():
    rows = [
        planted.cell(m, s, "token_accuracy", n, v, low=v - 0.01, high=v + 0.01)
        for m, s, n, v in (
            ("performer", "distilled", 256, 0.59), ("kernelized", "distilled", 256, 0.47),
            ("identity", "identity", 256, 0.43), ("performer", "distilled", 1024, 0.443),
            ("kernelized", "distilled", 1024, 0.48), ("identity", "identity", 1024, 0.436),
        )
    ]  # fmt: skip
    assert f.floor(only(cell=rows), "token_accuracy") == (
        "Without any attention it is 43.0% at N = 256, and the weakest approximation, Kernelized (47.0%), is above "
        "that; 43.6% at N = 1,024, which the intervals do not tell from Performer (weakest: 44.3%)."
    )
    bare = [row | {"low": None, "high": None} for row in rows[:3]]
    bare[1] |= {"value": 0.40}
    assert "Kernelized (40.0%), is not above that, without intervals." in f.floor(
        only(cell=bare), "token_accuracy"
    )


@pytest.mark.parametrize(("after", "words"), [(0.688, "do not tell it"), (0.5, "brings nothing")])
def test_a_fall_within_the_interval_is_not_called_nothing(after, words):
    rows = [
        planted.cell(
            "longformer", student, "agreement_accuracy", 256, v, low=v - 0.08, high=v + 0.08
        )
        for student, v in (("drop-in", 0.697), ("distilled", after))
    ]
    said = f.training(only(cell=rows), "agreement_accuracy")
    assert words in said
    assert said.count(".") == 4


def test_the_article_is_told_beside_its_published_numbers_and_never_as_better():
    found = read(planted.article_rows(), planted.ARTICLE)
    words = f.sentences(found, "published_quality")
    assert "Softmax 10.9 here, 11.5 published" in words
    assert f"Kernelized random_features=32 {digits(0.9 + 0.11 / 20)} here, 1.02 published" in words
    assert "refuses 256 tokens" in words
    assert not any(number in words for number in ("1000", "1,000"))
    assert "better" not in words
    assert set(OBJECTIONS) == {"quality", "generalization", "speed"}


def test_one_line_says_which_run_is_shown_and_where_it_comes_from():
    rows, machine = planted.article_rows(), {"line": "a machine"}
    one = planted.ARTICLE | {"layers": 1, "heads": 1}
    mine = figure_z.read("x", "night", "here", one, machine, rows, "2026-11-21T13:10:29+00:00")
    said = shown_line(mine)
    assert said.startswith(
        "Shown: **night** · article (small) · N = 128 · shipped corpus · 1 seed · 2"
    )
    assert "Nov 2026" in said
    assert said.endswith("Measured on a machine.")
    assert ", 1 layer, 1 head ·" in setting_line(mine)
    theirs = figure_z.read("x", "night", "recorded", one, machine, rows)
    assert shown_line(theirs).endswith("Recorded on a machine, not on yours.")


def test_half_a_run_has_sentences_too():
    assert f.sentences(only(curve=list(planted.curve_rows(1))[:2]), "token_accuracy") == ""
    teacher = [planted.cell("flash", "teacher", "token_accuracy", 256, 0.9)]
    assert f.sentences(only(cell=teacher), "token_accuracy").startswith(
        "The teacher's token accuracy is 90.0%"
    )


def test_the_key_names_only_marks_that_occur(found):
    words = key_to_marks(parts(found, View("token_accuracy", "forward_s", None)))
    assert "Stars" not in words
    assert "– refused" in words
    assert "Hollow" in words


def test_differing_words_are_marked_in_the_text():
    assert marked("elle était rouge", "il était rouge") == "<ins>il</ins> était rouge"
    assert marked("et le chat", "et chat") == "et <del>le</del> chat"
    assert marked("a b", "a b") == "a b"
    assert marked("a", "") == "<del>a</del>"


def test_text_of_strangers_is_never_markup(found):
    rows = list(planted.sample_rows())[:1]
    evil = [rows[0] | {"text": "<script>x</script>", "source": "<b>s</b>", "method": "<i>m</i>"}]
    html = compared(only(sample=evil).samples, 0)
    assert "<script>" not in html
    assert "&lt;b&gt;s&lt;/b&gt;" in html
    assert "<i>" not in html
    assert numbers(found.samples) == [0, 1]


def test_progress_says_stage_method_step_rate_and_what_is_left(found):
    words = progress_words({"done": 3, "total": 12, "seconds_left": 65}, found.curves)
    assert words == (
        "Longformer: distilling logits · step 120 of 120 · 41.2 k tokens/s · 3 of 12 parts · about 1 min 5 s left"
    )
    assert progress_words({}, only().curves) == "Starting."


def falling(ratios: bool = True) -> figure_z.Results:
    """The teacher falls from 95.5% to 60.1%; what starts low has little to lose."""
    table = {
        ("flash", "teacher"): (0.955, 0.601), ("kernelized", "distilled"): (0.476, 0.454),
        ("longformer", "distilled"): (0.924, 0.6), ("identity", "identity"): (0.435, 0.437),
    }  # fmt: skip
    rows = [
        planted.cell(m, s, "token_accuracy", n, v)
        for (m, s), values in table.items()
        for n, v in zip((256, 1024), values, strict=True)
    ]
    if ratios:
        wide = {"low": 1.4, "high": 1.6, "message": "token accuracy"}
        rows.append(planted.cell("kernelized", "distilled", "generalization", 1024, 1.51, **wide))
    return only(cell=rows)


def test_ratios_above_one_are_read_against_the_teacher_and_the_control():
    assert reading(falling(), "token_accuracy") == (
        "The teacher itself keeps 62.9% of its token accuracy at ×4 (60.1%); a ratio above 1 means falling less from "
        "a lower start. The best ratio, 1.51 of Kernelized, stands for 45.4%; no attention at all has 1.60 with 43.7%."
    )
    assert reading(falling(ratios=False), "token_accuracy").endswith(
        "Ratios of token accuracy have no intervals."
    )
    assert reading(read(planted.article_rows(), planted.ARTICLE), "published_quality") == ""


def test_the_ratio_panel_draws_the_teacher_itself_and_the_control():
    looked = parts(falling(), View("token_accuracy", "forward_s", None))
    (chart,) = charts(looked, "generalization")
    shown = {
        (row["series"], row["queries"]): row["value"]
        for one in marks(chart)
        for row in one["rows"]
        if row.get("outcome") == "ok"
    }
    assert shown["teacher itself", 1024.0] == pytest.approx(0.601 / 0.955)
    assert shown["identity", 1024.0] == pytest.approx((0.437 / 0.435) / (0.601 / 0.955))
