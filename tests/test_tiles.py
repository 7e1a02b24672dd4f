"""Tiles put side by side are the whole matrix, pooled; and they say where nothing may interact."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from attn_core import METHODS, Dims
from attn_core.contract import ROLES
from attn_core.matrix import FactorView, MatrixView
from attn_core.views import DifferenceView, Grid, pooled, tile

ALL = slice(None)
CASES = [(name, role) for name in METHODS for role in ROLES if role in METHODS[name].roles]
LONG = [(name, min(METHODS[name].roles, key=ROLES.index)) for name in METHODS]
SMALL = {"rank": 6, "landmarks": 6, "features": 32, "window": 3, "stride": 7}
SMALL |= {"bucket": 8, "block": 4, "scales": (1, 4), "conv": 5}


def view_of(name: str, role: str, queries: int, keys: int, heads: int = 2) -> MatrixView:
    generator = torch.Generator().manual_seed(0)
    q = torch.randn(1, heads, queries, 8, generator=generator)
    k = torch.randn(1, heads, keys, 8, generator=generator)
    params = {key: value for key, value in SMALL.items() if key in METHODS[name].defaults}
    op = METHODS[name].build(Dims(heads, 8, queries, keys), **params)
    return op.view(q, k, causal=role == "decoder")


def pooled_by_hand(matrix: Tensor, level: int, reduce: str) -> Tensor:
    """Blocks of 2^level × 2^level, ragged at the end; rows first, then columns."""
    for axis in (0, 1):
        parts = matrix.split(2**level, axis)
        matrix = torch.stack(
            [p.mean(axis) if reduce == "mean" else p.amax(axis) for p in parts], axis
        )
    return matrix


def stitched(view: MatrixView, level: int, reduce: str, head: int = 0) -> tuple[Tensor, Tensor]:
    rows, cols = Grid(*view.shape).tiles(level)
    found = [
        [tile(view, level, r, c, reduce, head=head) for c in range(cols)] for r in range(rows)
    ]  # type: ignore[arg-type]
    masks = [
        [
            torch.zeros(t.values.shape, dtype=torch.bool) if t.masked is None else t.masked
            for t in line
        ]
        for line in found
    ]
    assert all(max(t.values.shape) <= 256 for line in found for t in line)
    values = torch.cat([torch.cat([t.values for t in line], 1) for line in found], 0)
    return values, torch.cat([torch.cat(line, 1) for line in masks], 0)


@pytest.mark.parametrize(("name", "role"), LONG)
def test_tiles_side_by_side_pool_a_long_matrix(name, role):
    view = view_of(name, role, 2048, 2048, heads=1)
    dense = view.block(ALL, ALL)[0, 0].double()
    for level in (0, 1, 3):
        for reduce in ("mean", "max"):
            values, _ = stitched(view, level, reduce)
            expected = pooled_by_hand(dense, level, reduce).float()
            torch.testing.assert_close(values, expected, rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize(("name", "role"), CASES)
def test_the_last_pixels_cover_what_is_left(name, role):
    for queries, keys in ((1000, 1000), (257, 257), (1, 1)):
        keys = keys + 300 if role == "cross" else keys
        view = view_of(name, role, queries, keys)
        dense = view.block(ALL, ALL)[0, 1].double()
        grid = Grid(queries, keys)
        for level in range(grid.levels):
            for reduce in ("mean", "max"):
                values, _ = stitched(view, level, reduce, head=1)
                assert values.shape == grid.pixels(level)
                expected = pooled_by_hand(dense, level, reduce).float()
                torch.testing.assert_close(values, expected, rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize(("name", "role"), CASES)
def test_a_pixel_is_masked_when_none_of_its_pairs_may_interact(name, role):
    queries, keys = (300, 420) if role == "cross" else (333, 333)
    view = view_of(name, role, queries, keys)
    may = torch.ones(queries, keys, dtype=torch.bool)
    if view.pattern is not None:
        may = view.pattern.block(ALL, ALL).expand(1, 2, -1, -1)[0, 1]
    elif role == "decoder":
        may = may.tril()
    for level in (0, 1):
        _, masked = stitched(view, level, "max", head=1)
        assert torch.equal(~masked, pooled_by_hand(may.double(), level, "max") > 0)
        assert torch.equal(stitched(view, level, "mean", head=1)[1], masked)


@pytest.mark.parametrize("reduce", ["mean", "max"])
@pytest.mark.parametrize(("name", "role"), CASES)
def test_a_difference_is_the_method_less_exact_attention(name, role, reduce):
    queries, keys = (300, 420) if role == "cross" else (333, 333)
    method, exact = (view_of(one, role, queries, keys) for one in (name, "softmax"))
    if role == "decoder" and name == "softmax":
        method = view_of("flash", role, queries, keys)
    view = DifferenceView(method, exact)
    dense = (method.block(ALL, ALL) - exact.block(ALL, ALL))[0, 1].double()
    for level in range(2):
        values, masked = stitched(view, level, reduce, head=1)
        expected = pooled_by_hand(dense, level, reduce).float()
        torch.testing.assert_close(values, expected, rtol=1e-4, atol=1e-6)
        # What the method leaves out and exact attention has is an error, not masked.
        only_future = (
            torch.ones(queries, keys).tril() if role == "decoder" else torch.ones(queries, keys)
        )
        assert torch.equal(~masked, pooled_by_hand(only_future, level, "max") > 0)
    map_ = pooled(view, ALL, ALL, 7, reduce)
    torch.testing.assert_close(
        map_[1, 0, 0], pooled_corner(dense, 7, reduce), atol=1e-6, rtol=1e-4
    )


def pooled_corner(dense: Tensor, size: int, reduce: str) -> Tensor:
    corner = dense[: dense.shape[0] // size, : dense.shape[1] // size]
    return (corner.mean() if reduce == "mean" else corner.amax()).float()


def test_differences_of_matrices_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="alike in batch, heads and shape"):
        DifferenceView(view_of("softmax", "encoder", 9, 9), view_of("softmax", "cross", 9, 8))


@pytest.mark.parametrize("padded", [False, True])
@pytest.mark.parametrize(("name", "role"), CASES)
def test_one_head_is_that_head_of_that_sequence(name, role, padded):
    queries, keys = (20, 27) if role == "cross" else (37, 37)
    q, k = torch.randn(2, 3, queries, 8), torch.randn(2, 3, keys, 8)
    params = {key: value for key, value in SMALL.items() if key in METHODS[name].defaults}
    op = METHODS[name].build(Dims(3, 8, queries, keys), **params)
    keep = torch.arange(keys) < torch.tensor([[keys - 9], [keys - 5]]) if padded else None
    view = op.view(q, k, keep, causal=role == "decoder")
    for batch, head in ((0, 2), (1, 1)):
        one = view.one(head, batch)
        expected = view.block(ALL, ALL)[batch, head]
        assert torch.equal(one.block(ALL, ALL)[0, 0], expected)
        assert type(one) is type(view)
        mask = one.allowed((0, queries), (0, keys))
        assert mask is None or not expected[~mask.expand(1, 1, queries, keys)[0, 0]].any()
        assert not padded or mask is not None


def test_row_sums_found_for_one_head_are_not_taken_for_another():
    view = view_of("softmax", "encoder", 40, 40)
    view.one(0).block(ALL, ALL)
    dense = view_of("softmax", "encoder", 40, 40).block(ALL, ALL)
    torch.testing.assert_close(view.one(1).block(ALL, ALL)[0, 0], dense[0, 1])


def test_means_of_a_product_are_made_of_its_factors(monkeypatch):
    view = FactorView(torch.rand(1, 1, 70_000, 2), torch.rand(1, 1, 2, 70_000))
    monkeypatch.setattr(view, "read", None)
    level = Grid(*view.shape).levels - 1
    assert tile(view, level, 0, 0).values.shape == (137, 137)


def test_no_tile_reads_more_than_it_covers(monkeypatch):
    view = view_of("longformer", "encoder", 2048, 2048, heads=1)
    read, entries = [], view.entries
    monkeypatch.setattr(view, "entries", lambda i, j, m: read.append((i, j)) or entries(i, j, m))
    tile(view, 1, 0, 1, "max")
    assert all(i[1] <= 512 and j[0] >= 512 and j[1] <= 1024 for i, j in read)


@pytest.mark.parametrize(
    ("shape", "levels"),
    [((1, 1), 1), ((256, 256), 1), ((257, 2), 2), ((3, 513), 3), ((65_536,) * 2, 9)],
)
def test_the_highest_level_is_one_tile(shape, levels):
    grid = Grid(*shape)
    assert grid.levels == levels
    assert grid.tiles(levels - 1) == (1, 1)
    assert levels == 1 or grid.tiles(levels - 2) != (1, 1)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ((2, 0, 0), "level must be a whole number from 0 to 1, got 2"),
        ((-1, 0, 0), "level must be"),
        ((0, 2, 0), "row must be a whole number from 0 to 1, got 2"),
        ((0, 0, True), "col must be .* got True"),
        ((0.0, 0, 0), "level must be .* got 0.0"),
    ],
)
def test_a_tile_that_is_not_there_is_named(asked, said):
    with pytest.raises(ValueError, match=said):
        tile(view_of("softmax", "encoder", 300, 300), *asked)


def test_bad_heads_and_poolings_are_named():
    view = view_of("softmax", "encoder", 30, 30)
    with pytest.raises(ValueError, match="head must be an integer from 0 to 1, got 2"):
        tile(view, 0, 0, 0, head=2)
    with pytest.raises(ValueError, match="reduce must be one of mean, max, got 'sum'"):
        tile(view, 0, 0, 0, "sum")  # type: ignore[arg-type]
