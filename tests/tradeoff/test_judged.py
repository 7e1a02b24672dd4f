"""What a Figure Z judged is measured by a study too, whether a front needs it or not."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from attn_core.environment import describe
from attn_core.store import Store
from attn_core.timing.events import RowReady
from attn_core.tradeoff import judged as module
from attn_core.tradeoff.judged import judged, of_grid
from attn_core.tradeoff.plan import grid
from attn_core.tradeoff.study import run_study
from tests.stored_figure_z import store_figure_z
from tests.tradeoff.planted import SMALL, PlantedMeasuring

SPEC = replace(SMALL, lengths=(512, 2048))
LONGFORMER, LINFORMER = "longformer window=16", "linformer rank=256"


def measured(known: dict[str, int]) -> list[str]:
    events = []
    run_study(SPEC, emit=events.append, measuring=PlantedMeasuring().measuring(), judged=known)
    return [one.key for one in events if isinstance(one, RowReady) and one.kind == "cell"]


def test_they_are_measured_once_at_the_length_nearest_to_where_they_were_judged():
    usual = measured({})
    needless = [point for point in grid(SPEC, describe()) if point.key not in usual]
    wanted, keys = {}, set()
    for judged_at, length in ((256, 512), (4096, 2048)):
        label = next(
            p.choice.label for p in needless if p.length == length and p.choice.label not in wanted
        )
        wanted[label] = judged_at
        keys.add(f"{label} @ {length}")
    found = measured(wanted)
    assert keys < set(found) and set(found) - keys == set(usual)
    assert len(found) == len(set(found))


def test_what_is_cheap_comes_before_the_fronts_and_the_rest_after_them():
    points = grid(SPEC, describe())
    wanted = {LONGFORMER: 512, LINFORMER: 2048}
    cheap, rest = of_grid(wanted, points, 0.0)
    assert not cheap and [one.choice.label for one in rest] == sorted(
        wanted, key=lambda label: next(p.seconds for p in points if p.choice.label == label)
    )
    one, other = rest
    assert of_grid(wanted, points, one.seconds) == ([one], [other])
    assert of_grid(wanted, points, math.inf) == (rest, [])
    assert of_grid({"performer": 512, "gone x=1": 512}, points, math.inf) == ([], [])


def test_the_labels_are_those_that_were_judged_here_and_in_what_is_shipped(
    store, monkeypatch, tmp_path
):
    shipped = judged(store)
    assert "linformer rank=16" in shipped and set(shipped.values()) == {256}
    monkeypatch.setattr(module, "SHIPPED", tmp_path)
    assert judged(store) == {}
    store_figure_z(store)
    assert judged(store) and len(set(judged(store).values())) == 1


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "store")
