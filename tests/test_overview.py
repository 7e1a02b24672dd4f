"""Coarse tiles read from an overview are those of the matrix, made in one pass over it."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from attn_core import METHODS
from attn_core.contract import ROLES
from attn_core.sources import Sides, SourceSpec, ViewSpec, build_sides, load_source
from attn_core.views import Grid, blocks, tile
from attn_core.views.overview import BASE, survey

LONG = [(name, min(METHODS[name].roles, key=ROLES.index)) for name in METHODS]


def sides_of(name: str | None, role: str, length: int, keys: int = 0) -> Sides:
    source = SourceSpec(kind="synthetic", role=role, length=length, keys=keys, head_dim=8)  # type: ignore[arg-type]
    return build_sides(ViewSpec(source, name), load_source(source)).one(0)


def same(sides: Sides, overview, side: str, level: int) -> None:
    for reduce in ("mean", "max"):
        for row in range(Grid(*sides.exact.shape).tiles(level)[0]):
            found = overview.tile(side, level, row, 0, reduce)
            expected = tile(sides.side(side), level, row, 0, reduce)  # type: ignore[arg-type]
            torch.testing.assert_close(found.values, expected.values, rtol=1e-4, atol=1e-8)
            assert found.values.dtype == torch.float32
            assert (found.masked is None) == (expected.masked is None)
            assert found.masked is None or torch.equal(found.masked, expected.masked)


@pytest.mark.parametrize(("name", "role"), LONG)
def test_every_side_of_every_method_is_pooled_truly(name, role):
    sides = sides_of(name, role, 2100)
    overview = survey(sides.exact, sides.method)
    for side in ("exact", "method", "error"):
        same(sides, overview, side, BASE)


def test_higher_levels_count_what_their_ragged_pixels_cover():
    sides = sides_of(None, "decoder", 4130)
    overview = survey(sides.exact, None)
    for level in range(BASE, Grid(4130, 4130).levels):
        same(sides, overview, "exact", level)


def test_queries_and_keys_may_differ_in_number():
    sides = sides_of("linformer", "cross", 300, keys=4100)
    overview = survey(sides.exact, sides.method)
    for level in range(BASE, Grid(300, 4100).levels):
        for side in ("exact", "method", "error"):
            same(sides, overview, side, level)


def test_a_level_is_kept_or_folded_from_the_next_one_below_that_is():
    sides = sides_of("linformer", "cross", 520, keys=8300)
    kept = survey(sides.exact, sides.method)
    levels = Grid(520, 8300).levels
    assert levels > BASE + 2
    sizes = [kept.arrays[f"exact max {level}"].shape for level in range(BASE + 1, levels)]
    assert sizes == [(17, 260), (9, 130)]
    fewer = {
        name: array for name, array in kept.arrays.items() if not name.endswith(f" {levels - 1}")
    }
    for overview in (kept, replace(kept, arrays=fewer)):
        for level in range(BASE, levels):
            for side in ("exact", "method", "error"):
                same(sides, overview, side, level)


def test_one_pass_reads_no_entry_twice(monkeypatch):
    monkeypatch.setattr(blocks, "BLOCK_ENTRIES", 2**18)
    sides = sides_of("performer", "encoder", 2100)
    read, entries = [], sides.exact.entries
    monkeypatch.setattr(
        sides.exact,
        "entries",
        lambda i, j, m: read.append((i[1] - i[0]) * (j[1] - j[0])) or entries(i, j, m),
    )
    survey(sides.exact, sides.method)
    assert sum(read) == 2100**2
    assert max(read) <= 2**18


def test_an_exception_of_progress_stops_the_pass(monkeypatch):
    monkeypatch.setattr(blocks, "BLOCK_ENTRIES", 2**18)

    def stop(done: int, total: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        survey(sides_of(None, "encoder", 2100).exact, None, stop)
