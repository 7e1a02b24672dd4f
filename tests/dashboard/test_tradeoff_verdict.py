"""The verdict of the Trade-offs page: where each sentence leads, and what it counts."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from attn_core.store import Store
from attn_core.tradeoff.axes import AXES
from attn_core.tradeoff.verdict import Sentence
from dashboard import state
from dashboard.components.tradeoff_crossing_tab import in_words
from dashboard.components.tradeoff_tabs import TABS
from dashboard.figures.crossover_chart import FAINT, crossover_rows
from dashboard.services import tradeoff_point as service
from dashboard.services import tradeoff_verdict as verdicts
from dashboard.services import tradeoffs
from dashboard.services.tradeoff_crossings import crossings_shown
from dashboard.services.tradeoff_view import Shown, coverage, without_mark
from dashboard.services.tradeoff_words import nothing_drawn
from tests.dashboard.planted_tradeoffs import (
    FLASH,
    RANKS,
    SOFTMAX,
    full,
    look,
    of,
    plant,
)
from tests.tradeoff.handmade import SERVER, cell, fidelity


def test_what_was_measured_is_counted_by_length(store):
    cells = [cell(FLASH, 512, 0.01, memory=9), cell(SOFTMAX, 512, 0.02, outcome="unstable")]
    plant(store, [*cells, cell(FLASH, 2048, None, outcome="oom")], [fidelity(FLASH, 512, 1e-7)])
    assert coverage(look(store).part).to_numpy().tolist() == [
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
        named = verdicts.named_point(planted, sentence)
        assert named is None or named in set(planted.table["id"])


def test_a_sentence_opens_the_last_approximation_that_it_names(planted):
    fastest = next(one for one in verdicts.sentences(planted) if len(one.evidence["ids"]) > 1)
    flash, rank = of(planted, "flash")["id"], of(planted, RANKS[-1].label)["id"]
    assert flash in fastest.evidence["ids"] and verdicts.named_point(planted, fastest) != flash
    for ids, opened in (
        ([flash, rank], rank),
        ([rank, flash], rank),
        ([flash], flash),
        ([of(planted, RANKS[1].label)["id"], rank], rank),
        ([of(planted, "softmax")["id"], flash], of(planted, "softmax")["id"]),
    ):
        assert verdicts.named_point(planted, Sentence("", {"ids": ids})) == opened


def test_what_was_measured_on_another_machine_only_is_said_so(store):
    assert "Not measured: a GPU" in verdicts.sentences(_with_a_gpu(store, False))[-1].text
    said = verdicts.sentences(_with_a_gpu(store, True))[-1].text
    assert "a GPU (on another machine it was)" in said and "one of 2 machines" in said


def _with_a_gpu(store: Store, gpu: bool) -> Shown:
    if gpu:
        timed = cell(FLASH, 2048, 1e-4, environment=SERVER, device="cuda")
        plant(store, [timed], machine=SERVER)
    full(store)
    return look(store)


def test_a_sentence_with_foreign_evidence_shows_nothing(planted):
    strange = SimpleNamespace(evidence={"view": "nowhere", "axes": ["speed", "price"], "ids": []})
    assert verdicts.shows(strange) == {} and verdicts.named_point(planted, strange) is None


@pytest.mark.parametrize(
    "changes, expected",
    [
        ([{}], "One"),
        ([{}, {"sizes": "whole translators"}], "One · single operators"),
        ([{}, {"machine": "Two, 2 threads"}], "One"),
        ([{"sizes": "whole translators"}, {"origin": "recorded"}], "One · whole translators"),
        ([{}, {"sizes": "backward · encoder, batch 1"}], "One · forward"),
        ([{}, {"origin": "recorded"}], "One"),
        ([{}, {"machine": "One, 2 threads"}], "One · 4 threads"),
        ([{"name": "Monday"}, {"name": "Tuesday"}], "One · Monday"),
        ([{}, {"name": "Tuesday", "machine": "One, 4 threads · torch 3"}], "One"),
        ([{}, {"device": "cuda", "machine": "One, 4 threads · Two, 80 GiB · torch 3"}], "One"),
    ],
)
def test_a_setting_is_named_by_what_tells_it_from_others(changes, expected):
    usual = tradeoffs.Setting((1,), "One, 4 threads", "forward · encoder, batch 1", 1, 1, "here")
    several = [
        replace(usual, key=(at,), **{k: v for k, v in one.items() if k != "key"})
        for at, one in enumerate(changes)
    ]
    named = tradeoffs.titles(several)
    assert named[several[0].id] == expected and len(set(named.values())) == len(several)


def test_a_point_that_failed_says_why_and_speaks_of_no_map(store):
    lost = cell(SOFTMAX, 16_384, None, outcome="oom")
    plant(store, [lost, cell(FLASH, 16_384, 0.1)], [fidelity(FLASH, 16_384, 1e-7)])
    shown = look(store)
    said = service.reading(shown.everything, of(shown, "softmax", 16_384))
    assert "It ran out of memory: planted oom." in said
    flash = of(shown, "flash", 16_384)
    assert "the map opens" not in service.reading(shown.everything, flash)
    assert "Its attention map" not in service.links(shown.everything, flash)


def test_where_a_source_has_no_input_so_long_the_reason_is_said(store):
    refused = fidelity(FLASH, 2048, None, outcome="unsupported")
    plant(
        store,
        [cell(FLASH, 512, 0.01), cell(FLASH, 2048, 0.1)],
        [fidelity(FLASH, 512, 1e-7), refused],
    )
    shown = look(store, 2048)
    said = nothing_drawn(shown)
    assert "there is no error on synthetic local at N = 2,048 (planted unsupported)" in said
    assert "Choose another source or length." in said


def test_measured_costs_without_softmax_are_counted_beside_published_ones(store):
    cells = [cell(one, n, 0.1) for one in (FLASH, SOFTMAX) for n in (512, 2048)]
    plant(store, [*cells[:-1], cell(SOFTMAX, 2048, None, outcome="oom")])
    shown = look(store)
    assert without_mark(shown.everything, shown.setting, "time") == (
        "1 measured point has no mark: Softmax has no time at N = 2,048."
    )


def test_crossovers_of_what_errs_too_much_are_faint_and_say_so(planted):
    rows = crossover_rows(crossings_shown(planted.part))
    assert set(rows["strength"]) == {1.0}
    far = rows.assign(error=10.0)
    assert set(crossover_rows(far)["strength"]) == {FAINT}
    line = in_words(far)[0]
    assert line.endswith("; its error is up to 1,000%.")
