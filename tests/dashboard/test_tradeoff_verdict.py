"""The verdict of the Trade-offs page: where each sentence leads, and what it counts."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from attn_core.store import Store
from attn_core.tradeoff.axes import AXES
from attn_core.tradeoff.verdict import Sentence
from dashboard import state
from dashboard.components.tradeoff_tabs import TABS
from dashboard.services import tradeoff_verdict as verdicts
from dashboard.services import tradeoffs
from dashboard.services.tradeoff_view import Shown, coverage
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
