"""Pooled maps and statistics agree with the whole matrix, and never hold it."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from attn_core import METHODS, Dims
from attn_core.contract import ROLES
from attn_core.matrix import TILE_ENTRIES, FactorView, MatrixView, ScoreView
from attn_core.patterns import Pattern
from attn_core.views import Metric, bin_edges, blocks, pooled, statistics, summary

ALL = slice(None)
CASES = [(name, role) for name in METHODS for role in ROLES if role in METHODS[name].roles]
# Small enough that every approximation really approximates at the lengths used here.
SMALL = {"rank": 6, "landmarks": 6, "features": 32, "window": 3, "stride": 4}
SMALL |= {"bucket": 8, "block": 4, "chunk": 8, "scales": (1, 4)}


def random(*shape: int, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(shape, dtype=torch.float64, generator=generator)


def view_of(name: str, role: str, queries: int = 45, padded: bool = False) -> MatrixView:
    keys = queries + 8 if role == "cross" else queries
    q, k = random(2, 3, queries, 8), random(2, 3, keys, 8, seed=1)
    params = {key: value for key, value in SMALL.items() if key in METHODS[name].defaults}
    op = METHODS[name].build(Dims(3, 8, queries, keys), **params)
    keep = torch.arange(keys) < torch.tensor([[keys], [keys - 7]]) if padded else None
    return op.view(q, k, keep, causal=role == "decoder")


class DenseView(MatrixView):
    """A matrix that is simply there, and remembers how many entries each read asked for."""

    def __init__(self, matrix: Tensor, signed: bool = False, row_sums_to_one: bool = True) -> None:
        super().__init__(matrix[..., :1], matrix[..., :1, :].transpose(-2, -1))
        self.matrix, self.signed, self.row_sums_to_one = matrix, signed, row_sums_to_one
        self.reads: list[int] = []

    def read(self, i: tuple[int, int], j: tuple[int, int]) -> Tensor:
        block = self.matrix[:, :, slice(*i), slice(*j)]
        self.reads.append(block.numel())
        return block


def uniform(*shape: int) -> DenseView:
    """As large as it likes: a uniform matrix takes the memory of one entry."""
    return DenseView(torch.full((1, 1, 1, 1), 1 / shape[-1]).expand(shape))


def pooled_by_hand(matrix: Tensor, size: int, reduce: str) -> Tensor:
    """Bin b of n entries covers b·n // bins up to (b+1)·n // bins; rows first, then columns."""
    for axis in (1, 2):
        span, bins = matrix.shape[axis], min(size, matrix.shape[axis])
        parts = [
            matrix.narrow(axis, b * span // bins, (b + 1) * span // bins - b * span // bins)
            for b in range(bins)
        ]
        folded = [p.mean(axis) if reduce == "mean" else p.amax(axis) for p in parts]
        matrix = torch.stack(folded, axis)
    return matrix


@pytest.mark.parametrize("block_entries", [6 * 7 * 7, 2**21])
@pytest.mark.parametrize("reduce", ["mean", "max"])
@pytest.mark.parametrize(("name", "role"), CASES)
def test_a_map_pools_the_dense_matrix(name, role, reduce, block_entries, monkeypatch):
    monkeypatch.setattr(blocks, "BLOCK_ENTRIES", block_entries)
    view = view_of(name, role)
    dense = view.block(ALL, ALL)[1, :, 3:, 5:44]
    for size in (1, 2, 13, 39, 64):
        picture = pooled(view, slice(3, None), slice(5, 44), size, reduce, batch=1)
        assert picture.dtype == torch.float32
        expected = pooled_by_hand(dense, size, reduce).float()
        torch.testing.assert_close(picture, expected, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("size", [1, 3, 10, 50, 64])
def test_pooling_factors_is_pooling_their_product(size, monkeypatch):
    left, right = random(2, 3, 50, 4), random(2, 3, 4, 37, seed=1)
    view, dense = FactorView(left, right), DenseView(left @ right)
    monkeypatch.setattr(view, "read", None)
    monkeypatch.setattr(blocks, "BLOCK_ENTRIES", 3 * 4 * 8)
    part = slice(2, 50), slice(1, 36), size
    for batch in (0, 1):
        torch.testing.assert_close(
            pooled(view, *part, batch=batch), pooled(dense, *part, batch=batch)
        )


@pytest.mark.parametrize("size", [1, 2, 5, 7, 16, 17, 18, 40])
@pytest.mark.parametrize("span", [1, 5, 17, 31])
def test_bins_partition_the_span_in_nearly_equal_widths(size, span):
    edges = bin_edges(4, 4 + span, size)
    widths = torch.tensor(edges).diff()
    assert (edges[0], edges[-1], len(widths)) == (4, 4 + span, min(size, span))
    assert widths.min() >= 1
    assert widths.max() - widths.min() <= 1


def test_the_maximum_of_negative_entries_is_negative():
    view = DenseView(-random(1, 1, 9, 9).abs() - 1, signed=True)
    torch.testing.assert_close(
        pooled(view, ALL, ALL, 2, "max"), pooled_by_hand(view.matrix[0], 2, "max").float()
    )


@pytest.mark.parametrize("reduce", ["mean", "max"])
def test_a_map_reads_blocks_of_bounded_size(reduce):
    view = uniform(2, 4, 3000, 9000)
    picture = pooled(view, ALL, ALL, 10, reduce)
    torch.testing.assert_close(picture, torch.full((4, 10, 10), 1 / 9000))
    assert max(view.reads) <= blocks.BLOCK_ENTRIES
    assert sum(view.reads) == 2 * 4 * 3000 * 9000


def band(length: int, reach: int) -> Pattern:
    return Pattern(
        length, length, lambda i, j: (i - j).abs() <= reach, lambda: torch.zeros(length)
    )


@pytest.mark.parametrize("reduce", ["mean", "max"])
def test_blocks_outside_a_static_pattern_are_not_read(reduce, monkeypatch):
    monkeypatch.setattr(blocks, "BLOCK_ENTRIES", 100)
    pattern = band(50, 3)
    view = DenseView(-random(1, 1, 50, 50).abs() * pattern.block(ALL, ALL), signed=True)
    view.pattern = pattern
    picture = pooled(view, ALL, ALL, 7, reduce)
    expected = pooled_by_hand(view.matrix[0], 7, reduce).float()
    torch.testing.assert_close(picture, expected)
    assert sum(view.reads) < 0.5 * 50 * 50


def test_a_pattern_that_depends_on_the_data_hides_nothing():
    pattern = band(20, 2)

    class PerHead:
        def block(self, rows: slice, cols: slice, device: object = None) -> Tensor:
            return pattern.block(rows, cols).expand(1, 2, -1, -1)

    view = DenseView(random(1, 2, 20, 20).abs() * pattern.block(ALL, ALL))
    view.pattern = PerHead()  # type: ignore[assignment]
    torch.testing.assert_close(
        pooled(view, ALL, ALL, 6), pooled_by_hand(view.matrix[0], 6, "mean").float()
    )


def test_the_future_of_a_causal_matrix_is_not_read(monkeypatch):
    monkeypatch.setattr(blocks, "BLOCK_ENTRIES", 100)
    view = DenseView(random(1, 1, 40, 40).abs().tril())
    view.causal = True
    picture = pooled(view, ALL, ALL, 9, "max")
    torch.testing.assert_close(picture, pooled_by_hand(view.matrix[0], 9, "max").float())
    assert sum(view.reads) < 0.7 * 40 * 40


def test_row_sums_of_exact_attention_are_read_in_tiles(monkeypatch):
    """A row of 65,536 keys for 512 queries and 8 heads would be a gigabyte."""
    q, k = random(1, 2, 700, 4), random(1, 2, 5000, 4, seed=1)
    view = ScoreView(q, k, 0.5)
    sizes, scores = [], view.scores
    monkeypatch.setattr(
        view,
        "scores",
        lambda i, j: sizes.append(2 * (i[1] - i[0]) * (j[1] - j[0])) or scores(i, j),
    )
    block = view.block(slice(0, 700), slice(7, 9))
    assert max(sizes) <= TILE_ENTRIES
    expected = (q @ k.transpose(-2, -1) * 0.5).softmax(-1)[..., 7:9]
    torch.testing.assert_close(block, expected)


def summarised(view: MatrixView, on_progress) -> object:
    return statistics(view, on_progress=on_progress)


def mapped(view: MatrixView, on_progress) -> object:
    return pooled(view, ALL, ALL, 5, on_progress=on_progress)


@pytest.fixture
def small_blocks(monkeypatch):
    monkeypatch.setattr(blocks, "BLOCK_ENTRIES", 100)
    monkeypatch.setattr(summary, "BLOCK_ENTRIES", 100)


WORK = [
    (mapped, lambda: DenseView(random(1, 1, 30, 30).abs())),
    (mapped, lambda: FactorView(random(1, 1, 30, 8), random(1, 1, 8, 30))),
    (summarised, lambda: DenseView(random(1, 1, 30, 30).abs())),
]


@pytest.mark.parametrize(("work", "make"), WORK)
def test_progress_never_goes_back_and_ends_complete(work, make, small_blocks):
    calls: list[tuple[int, int]] = []
    work(make(), lambda done, total: calls.append((done, total)))
    assert len(calls) > 3
    assert calls == sorted(calls)
    assert len({total for _, total in calls}) == 1
    assert calls[-1][0] == calls[-1][1]


@pytest.mark.parametrize(("work", "make"), [WORK[0], WORK[2]])
def test_an_exception_in_progress_stops_the_work(work, make, small_blocks):
    view = make()

    def cancel(done: int, total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        work(view, cancel)
    assert len(view.reads) == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"size": 0}, "size must be an integer of at least 1, got 0"),
        ({"size": True}, "size must be .* got True"),
        ({"size": 2.0}, "size must be .* got 2.0"),
        ({"reduce": "sum"}, "reduce must be one of 'mean', 'max', got 'sum'"),
        ({"batch": 2}, "batch must be an integer from 0 to 1, got 2"),
        ({"batch": -1}, "batch must be .* got -1"),
        ({"rows": slice(0, 8, 2)}, r"rows must be .* step 1, got slice\(0, 8, 2\)"),
        ({"rows": 3}, "rows must be a slice .* got 3"),
        ({"rows": slice("a", None)}, "rows must be a slice of integers"),
        ({"cols": slice(4, 4)}, r"cols must select something of 0 to 9, got slice\(4, 4"),
    ],
)
def test_a_bad_argument_is_named_with_what_is_allowed(arguments, message):
    good = {"rows": ALL, "cols": ALL, "size": 4}
    with pytest.raises(ValueError, match=message):
        pooled(DenseView(random(2, 1, 9, 9).abs()), **(good | arguments))


def statistics_by_hand(matrix: Tensor, first: int = 0) -> dict[str, list]:
    """Of one head (r, M), with Python's own arithmetic, row `first` of the matrix on top."""
    found: dict[str, list] = {"entropy": [], "sink": [], "top": []}
    distances: dict[int, list[float]] = {}
    negative = total = 0.0
    for i, row in enumerate(matrix.tolist(), start=first):
        size = sum(map(abs, row))
        for j, weight in enumerate(row):
            distances.setdefault(abs(i - j), []).append(weight)
            negative += max(0.0, -weight)
        total += size
        if size:
            found["entropy"].append(-sum(w / size * math.log(w / size) for w in row if w > 0))
            ordered = sorted(map(abs, row), reverse=True)
            found["top"].append([sum(ordered[:k]) / size for k in (1, 8, 64) if k <= len(row)])
            found["sink"].append([row[0], sum(row[:4])])
    found["distance"] = [[d, sum(w) / len(w), len(w)] for d, w in sorted(distances.items())]
    found["negative"] = [negative / total]
    return found


@pytest.mark.parametrize(("rows", "padded"), [(ALL, False), (ALL, True), (slice(20, 41), True)])
@pytest.mark.parametrize(("name", "role"), CASES)
def test_statistics_agree_with_the_dense_matrix(name, role, rows, padded, monkeypatch):
    monkeypatch.setattr(summary, "BLOCK_ENTRIES", 6 * 80 * 4)
    view = view_of(name, role, queries=70, padded=padded)
    found = statistics(view, rows, batch=1)
    dense = view.block(ALL, ALL)[1, :, rows]
    for head in range(3):
        expected = statistics_by_hand(dense[head], first=rows.start or 0)
        close(found.sink_mass, head, torch.tensor(expected["sink"]).double().mean(0))
        close(found.top_mass, head, torch.tensor(expected["top"]).double().mean(0))
        close(found.negative_mass, head, torch.tensor(expected["negative"][0]).double())
        distance, weight, pairs = torch.tensor(expected["distance"]).double().T
        close(found.distance_profile, (head, distance.long()), weight)
        assert torch.equal(found.distance_pairs[distance.long()], pairs.long())
        if found.entropy.defined:
            close(found.entropy, head, torch.tensor(expected["entropy"]).double().mean())
    assert found.distance_pairs.sum() == dense[0].numel()
    assert found.entropy.defined == (view.row_sums_to_one and not view.signed)


def close(metric: Metric, index, expected: Tensor) -> None:
    assert metric.value is not None
    torch.testing.assert_close(metric.value[index], expected, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize(("queries", "keys"), [(9, 4), (4, 9), (1, 6), (6, 1), (1, 1)])
def test_distances_are_counted_in_matrices_that_are_not_square(queries, keys):
    view = DenseView(random(1, 2, queries, keys).softmax(-1))
    found = statistics(view)
    i, j = torch.arange(queries)[:, None], torch.arange(keys)
    pairs = torch.bincount((i - j).abs().flatten(), minlength=max(queries, keys))
    assert torch.equal(found.distance_pairs, pairs)
    assert found.row_entropy.value is not None
    assert found.row_entropy.value.shape == (2, queries)
    assert pooled(view, ALL, ALL, 3).shape == (2, min(queries, 3), min(keys, 3))


def test_rows_with_nothing_to_attend_to_are_counted_and_left_out():
    full = random(1, 2, 6, 6).softmax(-1)
    holed = full.clone()
    holed[0, 1, [2, 5]] = 0
    found, reference = (
        statistics(DenseView(holed)),
        statistics(DenseView(full[:, :, [0, 1, 3, 4]])),
    )
    assert found.empty_rows.tolist() == [0, 2]
    close(found.entropy, 1, reference.entropy.value[1])
    close(found.sink_mass, 1, reference.sink_mass.value[1])
    close(found.top_mass, 1, reference.top_mass.value[1])


def test_entropy_is_that_of_rows_scaled_to_sum_to_one():
    """Half precision leaves rows a little off one; that says nothing about how sharp they are."""
    matrix = random(1, 2, 6, 6).softmax(-1)
    off = statistics(DenseView(0.98 * matrix)).row_entropy
    close(off, ALL, torch.special.entr(matrix[0]).sum(-1))


def test_a_head_without_any_weight_makes_means_undefined_and_is_named():
    matrix = random(1, 3, 5, 5).softmax(-1)
    matrix[0, 1] = 0
    found = statistics(DenseView(matrix))
    for metric in (found.entropy, found.sink_mass, found.top_mass, found.negative_mass):
        assert "in head 1" in metric.reason
    assert found.distance_profile.defined


@pytest.mark.parametrize(
    ("signed", "sums_to_one", "reason"), [(True, True, "negative"), (False, False, "sum to one")]
)
def test_entropy_of_rows_that_are_not_distributions_says_why_not(signed, sums_to_one, reason):
    matrix = random(1, 1, 5, 5) if signed else random(1, 1, 5, 5).abs()
    found = statistics(DenseView(matrix, signed, sums_to_one))
    for metric in (found.entropy, found.row_entropy):
        assert not metric.defined
        assert reason in metric.reason
    assert found.top_mass.defined


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_matrix_that_is_not_finite_yields_no_numbers(value):
    matrix = random(1, 1, 5, 5).softmax(-1)
    matrix[0, 0, 3, 2] = value
    found = statistics(DenseView(matrix))
    for metric in (found.entropy, found.row_entropy, found.distance_profile, found.top_mass):
        assert "not finite" in metric.reason


def test_statistics_read_strips_of_bounded_size():
    view = uniform(1, 4, 2000, 5000)
    statistics(view)
    assert max(view.reads) <= summary.BLOCK_ENTRIES
    tall = uniform(1, 1, 20_000, 1)
    statistics(tall)
    assert max(tall.reads) <= 64


def test_a_metric_has_a_value_or_a_reason():
    with pytest.raises(ValueError, match="either a value or a reason"):
        Metric(None, "nats")
    with pytest.raises(ValueError, match="either a value or a reason"):
        Metric(torch.ones(1), "nats", "because")
