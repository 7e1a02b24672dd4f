"""The report says what the page says, and how to repeat it."""

from __future__ import annotations

from attn_core.naming import called
from dashboard.report import to_pdf
from dashboard.services import tradeoff_report as reports
from dashboard.services import tradeoff_verdict as verdicts
from tests.dashboard.planted_tradeoffs import (
    COMMAND,
    FLASH,
    RANKS,
    at,
    full,
    look,
    plant,
)
from tests.paper import dense, words_of
from tests.tradeoff.handmade import LAPTOP, SERVER, cell, choice


def test_a_report_says_the_verdict_the_machine_and_how_to_repeat_it(planted):
    found = reports.report(planted)
    parts = {one.title: one for one in found.sections}
    assert parts["Verdict"].paragraphs == [one.text for one in verdicts.sentences(planted)]
    assert dict(found.facts)["Machine"] == f"Planted {LAPTOP}"
    assert dict(found.facts)["Lengths"] == "512, 2,048" and found.commands == [COMMAND]
    assert {"The front", "Crossovers", "Every point"} <= set(parts)
    # No choice has a quality.
    assert "Does operator error predict task quality?" not in parts


def test_a_report_says_what_the_newest_study_left_unmeasured(planted):
    left = "Newest study: 5 points measured; the time is up."
    (verdict, *_) = reports.report(planted, left).sections
    assert verdict.paragraphs[-1] == left
    assert dense(left) in dense(words_of(to_pdf(reports.report(planted, left))))


def test_a_paper_has_every_sentence_every_point_and_every_command(planted):
    paper = dense(words_of(to_pdf(reports.report(planted))))
    said = verdicts.sentences(planted)
    assert len(said) >= 3
    for sentence in said:
        assert dense(sentence.text) in paper
    (table,) = reports.report(planted).sections[-1].tables
    assert len(table.rows) == len(planted.table)
    for row in table.rows:
        assert dense("".join(row)) in paper
    assert dense(COMMAND) in paper and dense(f"Planted {LAPTOP}") in paper
    assert SERVER not in paper and dense("python of the server") not in paper


def test_a_report_names_and_repeats_every_run_that_it_is_read_from(store):
    """Crossovers come from the one with several lengths, the points from the other."""
    several = full(store, lengths=(512, 2048), command="measure several")
    own = full(store, lengths=(8192,), command="measure one")
    found = reports.report(look(store, 8192))
    assert found.made.endswith("from 5 points of 1 run")
    assert found.commands == ["measure several", "measure one"]
    assert several != own and "Crossovers" in {one.title for one in found.sections}


def test_a_report_has_the_points_that_are_shown_and_no_others(planted):
    found = reports.report(at(planted, 2048))
    assert SERVER not in str(found) and "512" not in dict(found.facts)["Lengths"]
    (table,) = next(one for one in found.sections if one.title == "Every point").tables
    lines = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    expected = planted.table[planted.table["length"] == 2048].sort_values("time_s")
    assert [line["Choice"] for line in lines] == [called(one) for one in expected["label"]]
    assert lines[0]["Time"] == "2.05 ms (2.03–2.07)" and not table.left_out
    assert {line["Stands"] for line in lines} <= {"front", "beaten", "undecided"}
    # The length is a column only where there are several.
    assert "N" not in table.columns and "at N = 2,048" in table.title
    (both,) = reports.report(planted).sections[-1].tables
    assert {row[both.columns.index("N")] for row in both.rows} == {"512", "2,048"}
    for figure in (one for section in found.sections for one in section.figures):
        assert figure.footer == f"Planted {LAPTOP}"


def test_a_report_leaves_out_what_was_not_measured(store):
    plant(store, [cell(FLASH, 2048, 0.01), cell(RANKS[0], 2048, None, outcome="oom")])
    found = reports.report(look(store))
    titles = [one.title for one in found.sections]
    assert titles == ["Verdict", "The front", "Every point"] and found.commands == []
    (table,) = found.sections[-1].tables
    assert found.made.endswith("from 2 points of 1 run")
    stands = {row[0]: row[1] for row in table.rows}
    assert stands == {"FlashAttention": "unmeasured", "Low-rank rank=16": "oom"}
    assert "Output error" not in table.columns
    assert dict(found.facts)["Errors on"].startswith("no source")


def test_a_long_table_says_how_much_it_leaves_out(store):
    many = [choice("low_rank", rank=rank) for rank in range(2, 72)]
    plant(store, [cell(one, 2048, 0.001 * at) for at, one in enumerate(many, 1)])
    (table,) = reports.report(look(store)).sections[-1].tables
    assert len(table.rows) == reports.ROWS and table.left_out == 10


def test_a_paper_is_made_where_no_point_has_both_quantities_and_says_so(store):
    full(store, lengths=(2048,))
    shown = look(store, x="time_s", y="bleu")
    assert not shown.drawn
    found = reports.report(shown)
    front = next(one for one in found.sections if one.title == "The front")
    assert not front.figures and "No point has both quantities" in front.paragraphs[1]
    assert dense("No point has both quantities") in dense(words_of(to_pdf(found)))
