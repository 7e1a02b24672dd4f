"""What the Trade-offs page says and draws is what the points hold, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import numpy as np
import pytest

from attn_core.sources.spec import SourceSpec
from attn_core.store import Store
from attn_core.tradeoff.axes import AXES
from attn_core.tradeoff.qualify import answer
from dashboard import state
from dashboard.components.tradeoff_linked import linked
from dashboard.components.tradeoff_tabs import TABS
from dashboard.services import sweeps, tradeoffs
from dashboard.services import tradeoff_budget as budget
from dashboard.services import tradeoff_point as point
from dashboard.services import tradeoff_report as reports
from dashboard.services import tradeoff_verdict as verdicts
from dashboard.services.tradeoff_view import Shown, coverage, first_axes, first_lengths, shown
from dashboard.services.tradeoff_words import (
    alternative,
    counted,
    measured_on,
    nothing_drawn,
    standings,
)
from tests.dashboard.planted_tradeoffs import FLASH, RANKS, SOFTMAX, full, plant
from tests.tradeoff.handmade import LAPTOP, SERVER, cell, choice, fidelity

COMMAND = "python -m attn_core tradeoff --preset 60s"
DRAWN = SourceSpec("synthetic", "encoder", length=2048, structure="local", heads=8, seed=3)
READ = SourceSpec("corpus", "encoder", layer=1, length=2048, document=97)


@pytest.fixture
def store(tmp_path, monkeypatch) -> Store:
    monkeypatch.setenv("ATTN_CORE_HOME", str(tmp_path / "store"))
    monkeypatch.setattr(sweeps, "STUDIES", tmp_path / "no-studies")
    return Store()


@pytest.fixture(scope="module")
def planted(tmp_path_factory) -> Iterator[Shown]:
    """Two lengths of one machine, all of it drawn, beside a study of another machine. Looked at, never changed."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("planted")
        patch.setenv("ATTN_CORE_HOME", str(folder))
        patch.setattr(sweeps, "STUDIES", folder / "no-studies")
        store = Store()
        full(store, SERVER, command="python of the server")
        full(store, LAPTOP, command=COMMAND)
        yield look(store)


def look(store: Store, *lengths: int, x: str = "time_s", y: str = "output_error") -> Shown:
    """The newest setting."""
    found = tradeoffs.everything(store)
    setting = found.settings[0]
    return shown(found, setting, lengths or tuple(sorted(set(found.of(setting)["length"]))), x, y)


def at(planted: Shown, *lengths: int, x: str = "time_s", y: str = "output_error") -> Shown:
    return shown(planted.everything, planted.setting, lengths, x, y)


def asked(planted: Shown, length: int = 2048, **typed: float | None):
    return answer(planted.newest, budget.budget_of(length, typed))


# Words


def test_every_point_is_counted_once(planted):
    said = counted(planted)
    labels = list(planted.labels)
    assert f"10 points: {labels.count('front')} on the front" in said
    assert f"{labels.count('dominated')} beaten" in said and "not measured" not in said
    where = measured_on(planted)
    assert planted.setting.machine in where and planted.setting.sizes in where


def test_what_has_no_place_and_what_failed_is_counted_too(store):
    cells = [
        cell(FLASH, 2048, 0.01),
        cell(SOFTMAX, 2048, 0.02),
        cell(RANKS[0], 2048, None, outcome="oom"),
    ]
    plant(store, cells, [fidelity(FLASH, 2048, 1e-7)])
    said = counted(look(store))
    assert said.startswith("3 points: 1 on the front, 2 lack one of the two. Not measured: 1 oom.")
    assert "1 on the front (ringed)" in standings(look(store))


def test_what_did_not_run_is_on_no_front(store):
    plant(store, [cell(one, 2048, None, outcome="oom") for one in (FLASH, *RANKS)])
    found = look(store, x="flops", y="memory_bytes")
    assert set(found.labels) == {"unmeasured"} and not found.table["flops"].notna().any()
    assert nothing_drawn(found).startswith("Nothing that was tried")
    assert asked(found).note == "Tried at N = 2,048, and nothing could be timed."


def test_a_quantity_within_a_sentence_keeps_its_capitals():
    nouns = [AXES[name].noun for name in ("flops", "bleu", "top_k_recall", "time_s")]
    assert nouns == ["FLOPs", "BLEU", "top-8 recall", "time"]


def test_points_without_a_budget_are_on_no_line(planted):
    lines = linked(planted).points.set_index("label")["line"]
    assert lines["flash"].isna().all() and lines["low_rank rank=16"].notna().all()


def test_a_chart_in_words_names_the_front_from_one_end_to_the_other(planted):
    said = alternative(at(planted, 2048))
    names = [f"low_rank rank={rank}" for rank in (16, 32)]
    places = [said.index(name) for name in names]
    assert places == sorted(places) and "at N = 2,048, 5 points" in said and "512" not in said


def test_the_first_view_has_the_points(planted):
    """Errors where there are any; a quality of a few trained models does not hide all others."""
    table = planted.whole
    assert first_axes(table) == ("time_s", "output_error")
    few = table.assign(output_error=np.nan, token_accuracy=[0.5, *[np.nan] * (len(table) - 1)])
    assert first_axes(few) == ("time_s", "memory_bytes")
    assert first_axes(few.assign(token_accuracy=0.5)) == ("time_s", "token_accuracy")


def test_of_one_choice_in_several_runs_the_newest_counts_everywhere_and_the_others_are_counted(
    store,
):
    old = full(store, lengths=(2048,))
    twice = [cell(FLASH, 2048, 0.003), cell(SOFTMAX, 2048, 0.004)]
    new = plant(store, twice, [fidelity(FLASH, 2048, 1e-7)])
    found = look(store)
    # The newer run of softmax has no error: the older one still says more.
    kept = {row["label"]: row["run_id"] for row in found.table.to_dict("records")}
    assert kept == {"flash": new, "softmax": old} | {one.label: old for one in RANKS}
    said = counted(found)
    stand = "2 on the front, 1 undecided within the measured noise, 2 beaten"
    assert said.startswith(f"5 points of 2 runs: {stand}.")
    assert said.endswith("2 older points of choices that a newer run has are left out.")
    assert found.setting.points == 5
    text = " ".join(one.text for one in verdicts.sentences(found))
    assert "flash within 1% error (3.00 ms)" in text and "Of 5 choices" in text
    offered = [one.point["run_id"] for one in asked(found).surely if one.name == "flash"]
    assert offered == [new]
    # Drawn too, an older one changes nothing, and stays a point of its run.
    both = shown(found.everything, found.setting, (2048,), "time_s", "output_error", True)
    assert counted(both).startswith(f"7 points of 2 runs: {stand}, 1 older and held")
    assert both.shares == found.shares
    older = point.reading(both.everything, of(both, "flash") | {"older": True})
    assert older.startswith("A newer run measured this choice too")


# Budget


def test_limits_are_typed_in_the_units_that_their_boxes_name(planted):
    typed = {"time_s": 40, "memory_bytes": 2, "output_error": 5, "flops": None}
    limits = {"time_s": 0.04, "memory_bytes": 2.0**21, "output_error": 0.05}
    assert dict(budget.budget_of(2048, typed).limits) == pytest.approx(limits)
    assert budget.LIMITS["time_s"].label == "Time, at most (ms)"
    assert budget.LIMITS["top_k_recall"].label == "Top-8 recall, at least (%)"
    for name, limit in budget.LIMITS.items():
        assert ("at most" in limit.label) == (AXES[name].better == "lower")
        with pytest.raises(ValueError, match=limit.axis.title):
            limit.span.parse("-1")


def test_a_limit_beyond_every_machine_is_refused_with_what_is_allowed():
    for value in (1e300, 0.0):
        with pytest.raises(
            ValueError, match=r"Time, at most \(ms\) must be .* to 1,000,000,000, got "
        ):
            budget.budget_of(2048, {"time_s": value})


def test_a_headline_says_how_sure_it_is(planted):
    assert "5 choices at N = 2,048" in budget.headline(asked(planted))
    assert budget.headline(asked(planted, output_error=1)).startswith("**2 choices surely within")
    # An interval of 0.4 ± 10% reaches beyond 42%.
    perhaps = budget.headline(asked(planted, output_error=42, time_s=2.1))
    assert perhaps.startswith("**Nothing is surely within") and "1 choice perhaps" in perhaps
    none = asked(planted, output_error=1, time_s=1)
    assert none.least is not None and none.least.words in budget.headline(none)
    assert "can be held against" in budget.headline(asked(planted, bleu=10))


def test_what_is_too_far_off_to_be_offered_is_counted_with_its_errors(store):
    ranks = zip(RANKS, (16.28, 0.9, 0.1), strict=True)
    plant(
        store,
        [cell(one, 2048, 0.01) for one in (FLASH, *RANKS)],
        [fidelity(one, 2048, error) for one, error in ranks] + [fidelity(FLASH, 2048, 1e-7)],
    )
    (said,) = [one for one in budget.remarks(asked(look(store))) if "left out" in one]
    assert said.startswith("2 choices left out, whose output errors are not surely within 50%: ")
    assert "90.0% (low_rank rank=32) to 1,628% (low_rank rank=16)" in said
    assert "2 choices at" in budget.headline(asked(look(store)))
    assert budget.headline(asked(look(store), 7)) == "**No choice at N = 7.**"


def test_what_could_not_be_judged_is_said(planted):
    assert "5 choices at this length lack" in " ".join(budget.remarks(asked(planted, bleu=10)))
    outside = asked(planted, 9000)
    assert "outside what was measured" in " ".join(budget.remarks(outside))
    between = asked(planted, 1000)
    assert "was not measured" in " ".join(budget.remarks(between)) and not between.surely
    alone = " ".join(budget.remarks(asked(planted, output_error=1, time_s=1)))
    assert "One limit alone: time ≤ 4.24 ms would admit flash." in alone


def test_a_quality_that_another_length_lends_is_said(planted):
    own = planted.newest.assign(
        token_accuracy=0.5, token_accuracy_low=0.4, token_accuracy_high=0.6
    )
    for judged, said in ((256.0, True), (2048.0, False)):
        lent = own.assign(quality_length=judged)
        remarks = " ".join(budget.remarks(answer(lent, budget.budget_of(2048, {}))))
        assert ("judged at N = 256, not at N = 2,048" in remarks) is said
        assert ("judged" in remarks) is said


def test_a_budget_is_first_asked_at_the_length_of_the_verdict(store):
    """At the longest of both lengths only one choice was measured."""
    full(store, lengths=(512, 2048))
    plant(store, [cell(FLASH, 4096, 0.02)], [fidelity(FLASH, 4096, 1e-7)])
    found = look(store)
    assert found.lengths == (512, 2048, 4096) and verdicts.length_of(found) == 2048
    assert "at N = 2,048" in verdicts.sentences(found)[0].text


def test_the_best_by_each_quantity_is_the_engines(planted):
    found = asked(planted)
    table = budget.best_table(found)
    for axis, best in found.best.items():
        (line,) = table[table["Best by"] == AXES[axis].title].to_dict("records")
        assert line["Choice"] == best.candidate.name
        assert (line["Not told apart from it"] == "–") == (not best.alike)
    assert set(table["Best by"]) == {AXES[name].title for name in found.best}


def test_what_is_within_comes_quickest_first_and_not_without_end(planted):
    found = asked(planted)
    table = budget.within_table(replace(found, perhaps=()))
    times = {one.name: one.interval("time_s")[0] for one in found.surely}
    assert list(table["Choice"]) == sorted(times, key=lambda name: times[name])
    many = budget.within_table(replace(found, perhaps=found.surely * 9))
    assert len(many) == budget.ROWS and set(many["Within"]) == {"surely"}
    assert "Token accuracy" not in table.columns


# One point


def of(planted: Shown, label: str, length: int = 2048) -> dict[str, Any]:
    table = planted.table
    return table[(table["label"] == label) & (table["length"] == length)].to_dict("records")[0]


def test_the_usual_source_named_or_not_is_one_table_and_an_unknown_one_is_as_good_as_none(planted):
    """All that is worked out of a table is kept for that table."""
    store, usual = Store(), planted.everything
    for source in (usual.source, "a dream"):
        assert tradeoffs.everything(store, source) is tradeoffs.everything(store)


def test_a_point_says_what_its_numbers_are_read_from(planted):
    said = point.reading(planted.everything, of(planted, "low_rank rank=32"))
    assert said.startswith(
        "The error is the median of 3 draws, of 256 sampled rows each and all heads;"
    )
    assert said.endswith("Memory was read once.")


def test_a_points_numbers_are_its_own_and_no_other(planted):
    one = of(planted, "low_rank rank=32")
    table = point.numbers(one)
    known = [axis for name, axis in AXES.items() if np.isfinite(one[name])]
    assert list(table["Quantity"]) == [axis.title for axis in known]
    lines = {line["Quantity"]: line for line in table.to_dict("records")}
    assert (
        lines["Time"]["Value"] == "4.10 ms" and lines["Time"]["Interval"] == "4.06 ms to 4.14 ms"
    )
    assert lines["Output error"]["Interval"] == "18.0% to 22.0%"
    assert len(point.samples(planted.everything, one)) == 9
    assert np.median(point.samples(planted.everything, one)) == pytest.approx(one["time_s"])


def test_an_unsteady_time_is_called_so_wherever_it_stands(store):
    plant(store, [cell(FLASH, 2048, 0.01), cell(SOFTMAX, 2048, 0.02, outcome="unstable")])
    found = look(store, y="memory_bytes")
    values = {name: point.numbers(of(found, name))["Value"][0] for name in ("flash", "softmax")}
    assert values == {"flash": "10.0 ms", "softmax": "20.0 ms, unsteady"}
    said = point.reading(found.everything, of(found, "softmax"))
    assert said.startswith("The time is unsteady: planted unstable.")
    assert list(linked(found).points["time_s_remark"]) == ["", "unsteady"]
    (table,) = reports.report(found).sections[-1].tables
    assert table.rows[1][table.columns.index("Time")].endswith("), unsteady")


@pytest.mark.parametrize("spec", [DRAWN, READ], ids=["drawn", "read"])
def test_a_map_is_of_the_very_input_whose_error_was_measured(store, spec):
    chosen = choice("longformer", window=64)
    errors = [fidelity(one, 2048, 0.1) | {"source": spec.to_json()} for one in (chosen, FLASH)]
    plant(store, [cell(chosen, 2048, 0.01), cell(FLASH, 2048, 0.02)], errors)
    found = look(store)
    pages = point.links(found.everything, of(found, "longformer window=64"))
    asked = dict(parse_qsl(urlsplit(pages["Its attention map"]).query))
    assert urlsplit(pages["Its attention map"]).path == "matrices"
    assert asked[state.X_METHODS] == "longformer"
    assert asked[state.look_param_key("x", "longformer", "window")] == "64"
    assert asked[state.LOOK_KIND] == spec.kind and asked[state.LOOK_ROLE] == spec.role
    if spec is DRAWN:
        said = (
            state.LOOK_STRUCTURE,
            state.LOOK_LENGTH,
            state.LOOK_SEED,
            state.LOOK_HEADS,
            state.LOOK_HEAD_DIM,
        )
        assert [asked[name] for name in said] == ["local", "2048", "3", "8", str(spec.head_dim)]
    else:
        said = (state.LOOK_DOCUMENT, state.LOOK_TOKENS, state.LOOK_LAYER, state.LOOK_MODEL)
        assert [asked[name] for name in said] == ["97", "2048", "1", spec.model]
    # Exact attention is on that page anyway, beside every method.
    exact = of(found, "flash")
    pages = point.links(found.everything, exact)
    assert "Its attention map" not in pages
    assert state.X_METHODS not in dict(parse_qsl(urlsplit(pages["The exact map"]).query))
    assert "no approximation to compare" in point.about_map(found.everything, exact)
    assert not point.about_map(found.everything, of(found, "longformer window=64"))


def test_a_point_without_an_input_has_no_map(planted):
    one = of(planted, "low_rank rank=32")
    assert list(point.links(planted.everything, one)) == ["Its run"]
    assert point.about_map(planted.everything, one).startswith("No attention map: its error was")


HOSTILE = '../x?a=b&c="<script>#ä 1'


@pytest.mark.parametrize("kind", ["sweep", "figure-z", "tradeoff"])
def test_no_name_leaves_its_place_in_an_address(planted, kind):
    one = of(planted, "flash") | {"run_id": HOSTILE, "kind": kind}
    for address in point.links(planted.everything, one).values():
        assert not set('<>" #') & set(address) and ".." not in urlsplit(address).path
        ((name, value),) = parse_qsl(urlsplit(address).query)
        assert name in (state.RUN, state.RUNS_CHOSEN) and value == HOSTILE


# Verdict


def test_what_was_measured_is_counted_by_length(store):
    cells = [cell(FLASH, 512, 0.01, memory=9), cell(SOFTMAX, 512, 0.02, outcome="unstable")]
    plant(store, [*cells, cell(FLASH, 2048, None, outcome="oom")], [fidelity(FLASH, 512, 1e-7)])
    assert coverage(look(store)).to_numpy().tolist() == [
        ["512", 2, 2, 1, 1, 1, 0],
        ["2,048", 1, 0, 0, 0, 0, 0],
    ]


def test_every_sentence_leads_to_something_that_the_page_can_show(planted):
    said = verdicts.sentences(planted)
    assert len(said) >= 3
    for sentence in said:
        wanted = verdicts.shows(sentence)
        assert {wanted.get(state.D_X, "time_s"), wanted.get(state.D_Y, "time_s")} <= set(AXES)
        assert wanted.get(state.D_TAB, "Front") in TABS
        assert set(wanted.get(state.D_AT, ())) <= {str(length) for length in planted.lengths}
        named = verdicts.named_point(sentence)
        assert named is None or named in set(planted.table["id"])


def test_what_was_measured_on_another_machine_is_not_called_unmeasured(store):
    assert "Not measured: a GPU" in verdicts.sentences(_with_a_gpu(store, False))[-1].text
    said = verdicts.sentences(_with_a_gpu(store, True))[-1].text
    assert "a GPU" not in said and "one of 2 machines" in said


def _with_a_gpu(store: Store, gpu: bool) -> Shown:
    if gpu:
        timed = cell(FLASH, 2048, 1e-4, environment=SERVER, device="cuda")
        plant(store, [timed], machine=SERVER)
    full(store)
    return look(store)


def test_a_sentence_with_foreign_evidence_shows_nothing():
    strange = SimpleNamespace(evidence={"view": "nowhere", "axes": ["speed", "price"], "ids": []})
    assert verdicts.shows(strange) == {} and verdicts.named_point(strange) is None


@pytest.mark.parametrize(
    "changes, expected",
    [
        ([{}], "One"),
        ([{}, {"sizes": "whole translators"}], "One · single operators"),
        ([{}, {"machine": "Two, 2 threads"}], "One"),
        ([{}, {"sizes": "backward · encoder, batch 1"}], "One · forward"),
        ([{}, {"recorded": True}], "One"),
        ([{}, {"machine": "One, 2 threads", "key": (2,)}], "One · 4 threads"),
    ],
)
def test_a_setting_is_named_by_what_tells_it_from_others(changes, expected):
    usual = tradeoffs.Setting((1,), "One, 4 threads", "forward · encoder, batch 1", 1, 1, False)
    several = [
        replace(usual, key=(at,), **{k: v for k, v in one.items() if k != "key"})
        for at, one in enumerate(changes)
    ]
    named = tradeoffs.titles(several)
    assert named[several[0].id] == expected and len(set(named.values())) == len(several)


# Report


def test_a_report_says_the_verdict_the_machine_and_how_to_repeat_it(planted):
    found = reports.report(planted)
    parts = {one.title: one for one in found.sections}
    assert parts["Verdict"].paragraphs == [one.text for one in verdicts.sentences(planted)]
    assert dict(found.facts)["Machine"] == f"Planted {LAPTOP}"
    assert dict(found.facts)["Lengths"] == "512, 2,048" and found.commands == [COMMAND]
    assert {"The front", "Crossovers", "Every point"} <= set(parts)
    # No choice has a quality.
    assert "Does operator error predict task quality?" not in parts


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
    assert [line["Choice"] for line in lines] == list(expected["label"])
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
    assert stands == {"flash": "unmeasured", "low_rank rank=16": "oom"}
    assert "Output error" not in table.columns
    assert dict(found.facts)["Errors on"].startswith("no source")


def test_a_long_table_says_how_much_it_leaves_out(store):
    many = [choice("low_rank", rank=rank) for rank in range(2, 72)]
    plant(store, [cell(one, 2048, 0.001 * at) for at, one in enumerate(many, 1)])
    (table,) = reports.report(look(store)).sections[-1].tables
    assert len(table.rows) == reports.ROWS and table.left_out == 10


def test_the_first_length_is_the_one_that_the_verdict_is_about(store):
    # Measured twice, a shorter length has more points and no more choices.
    for _ in range(3):
        full(store, lengths=(512,))
    full(store, lengths=(2048,))
    found = look(store)
    assert first_lengths(found.whole, "time_s", "output_error") == [2048]
    assert "at N = 2,048" in verdicts.sentences(found)[0].text


def test_a_shown_view_is_found_again_by_what_it_is_of(planted):
    assert at(planted, 2048) is at(planted, 2048)
    other = replace(planted.setting, machine="another")
    assert shown(planted.everything, other, (2048,), "time_s", "output_error") is not at(
        planted, 2048
    )


@pytest.mark.parametrize(
    "origin, ended, why, more",
    [
        ("here", "done", "limit", True),
        ("here", "done", "settled", False),
        ("here", "cancelled", None, True),
        ("here", "running", None, False),
        ("imported", "done", "limit", False),
    ],
)
def test_a_study_goes_on_where_its_time_was_up_and_not_where_nothing_is_uncertain(
    origin, ended, why, more
):
    run: Any = SimpleNamespace(origin=origin, state=ended)
    job: Any = SimpleNamespace(progress={"why": why} if why else {})
    assert tradeoffs.can_resume(run, job) == more
