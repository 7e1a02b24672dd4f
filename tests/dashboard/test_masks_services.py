"""Every number of the Masks page is the engine's: pairs, parts, costs, layers and lost mass."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest
import torch

from attn_core import Shape, get_method
from attn_core.fidelity import compare
from attn_core.methods.reformer import BucketPattern
from attn_core.sources import Source, SourceSpec
from dashboard.figures.pattern_map import PatternData, nice_ticks, pattern_cells
from dashboard.services import mask_form as form
from dashboard.services import mask_lost as losses
from dashboard.services import mask_reach as reach
from dashboard.services import mask_words as words
from dashboard.services.first_settings import first_settings
from dashboard.services.masks import Mask, mask
from dashboard.services.sources import source_of

ALL = slice(None)
ENCODER = SourceSpec(length=40)
DECODER = SourceSpec(role="decoder", length=40)


def choice(name: str, label: str = "A", **params: Any) -> form.Choice:
    small = first_settings(name)
    return form.Choice(label, get_method(name), get_method(name).resolve({**small, **params}))


def made(name: str, spec: SourceSpec = ENCODER, padding: int = 0, head: int = 0, **params) -> Mask:
    source = source_of(spec)
    layout = form.Layout(source.queries, padding, source.causal)
    return mask(choice(name, **params), layout, source, head)


def dense(name: str, source: Source, padding: int = 0, head: int = 0) -> torch.Tensor:
    """What the method's own matrix lets through for real tokens, from its view of all heads."""
    picked, length = choice(name), source.queries
    keep = (torch.arange(length) < length - padding)[None]
    op = source.operator(name, **picked.params)
    pattern = op.view(source.q, source.k, keep, source.causal).pattern
    if pattern is None:
        whole = torch.ones(length, length, dtype=torch.bool)
        block = whole.tril() if source.causal else whole
    else:
        block = pattern.block(ALL, ALL)
    block = block[0, head] if block.dim() == 4 else block
    return block & keep & keep.T


@pytest.mark.parametrize("spec", [ENCODER, DECODER], ids=["encoder", "decoder"])
@pytest.mark.parametrize("name", form.PATTERNS)
def test_the_map_and_the_words_are_the_methods_own_pattern(name, spec):
    if name == "bigbird" and spec.role == "decoder":
        with pytest.raises(ValueError, match="decoder role"):
            made(name, spec)
        return
    source = source_of(spec)
    for padding, head in ((0, 0), (7, 2)):
        found, allowed = made(name, spec, padding, head), dense(name, source, padding, head)
        data = PatternData(found.shares(64), 40, 40 - padding, source.causal)
        table = pattern_cells(data)
        assert (table["allowed"].to_numpy().reshape(40, 40) == allowed.numpy()).all()
        assert words.density(found) == pytest.approx(float(allowed.double().mean()))
        said = [
            [words.why(found, i, j).startswith("allowed") for j in range(40)] for i in range(40)
        ]
        assert torch.equal(torch.tensor(said), allowed)


def test_cells_say_which_part_allows_them_and_what_is_masked():
    found = made("longformer", DECODER, padding=6)
    table = pattern_cells(PatternData(found.shares(64), 40, 34, True))
    part = {(row["i"], row["j"]): row["part"] for row in table.to_dict(orient="records")}
    assert (part[20, 0], part[20, 18], part[20, 10]) == ("global", "band", "outside")
    assert (part[10, 20], part[20, 36], part[36, 2]) == ("future", "padding", "padding")


@pytest.mark.parametrize(
    ("pair", "reason"),
    [((20, 0), "allowed: global"), ((20, 18), "allowed: band"), ((20, 5), "not allowed"),
     ((5, 20), "lies in the future"), ((39, 2), "the query is padding"), ((2, 39), "the key is padding"),
     ((99, 2), "not there"), ((0, 0), "allowed: band and global")],
)  # fmt: skip
def test_a_pair_is_told_why(pair, reason):
    assert reason in words.why(made("longformer", DECODER, padding=6), *pair)


def test_the_buckets_say_in_which_round_two_tokens_meet():
    found, source = made("reformer", head=1), source_of(ENCODER)
    op = source.operator("reformer", **choice("reformer").params)
    view = op.view(source.q, source.k)
    chunks = [chunk[0, 1] for chunk in cast("BucketPattern", view.pattern).chunk_of]
    for i in range(40):
        for j in range(40):
            met = [f"round {n + 1}" for n, c in enumerate(chunks) if 0 <= c[i] - c[j] <= 1]
            if i != j:
                assert list(found.anatomy.holders(i, j)) == met
    assert "attends itself only" in words.why(found, 3, 3)


def test_costs_are_those_that_the_methods_declare():
    masks = [made("reformer"), replace(made("multiscale"), choice=choice("multiscale", "B"))]
    rows = words.cost_rows(masks).set_index("pattern")
    shape = Shape(1, 4, 40, 40, 32)
    for one in masks:
        cost = one.choice.method.cost(shape, **one.choice.params)
        row = rows.loc[one.choice.name]
        assert (row["flops"], row["memory"]) == (cost.flops, cost.peak_bytes)
        assert row["computed"] == cost.scores // 4
    softmax = get_method("softmax").cost(shape)
    assert rows.loc["Softmax", "flops"] == softmax.flops
    assert rows.loc["A · Reformer", "times memory"] == pytest.approx(
        get_method("reformer").cost(shape, **choice("reformer").params).peak_bytes
        / softmax.peak_bytes
    )
    # Rounds that meet a pair twice make more products than there are pairs.
    assert rows.loc["A · Reformer", "computed"] > rows.loc["A · Reformer", "allowed"]


@pytest.mark.parametrize("name", ["longformer", "sparse_transformer", "bigbird", "multiscale"])
def test_the_lost_mass_is_that_of_the_fidelity_report(name):
    source = source_of(replace(ENCODER, layer=1))
    found = losses.lost(source, [choice(name)], form.Layout(40, 0, False))
    op = source.operator(name, **choice(name).params)
    told = compare(op, source.q, source.k, source.v).lost_mass.value
    mine = losses.lost_rows(found).query("layer == 1")["lost"].tolist()
    assert told is not None
    assert mine == pytest.approx(told.flatten().tolist(), abs=1e-5)


@pytest.mark.parametrize("padding", [0, 9])
def test_every_layer_is_measured_on_its_own_queries_and_keys(padding):
    source = source_of(DECODER)
    layout = form.Layout(40, padding, True)
    picked = [choice("reformer"), choice("softmax", "B")]
    rows = losses.lost_rows(losses.lost(source, picked, layout))
    assert losses.known(source, picked, layout)
    assert list(rows["layer"].unique()) == [0, 1] and len(rows) == 2 * 2 * 4
    for layer in (0, 1):
        here = source_of(replace(DECODER, layer=layer))
        tokens = 40 - padding
        exact = here.operator("softmax").view(
            here.q[:, :, :tokens], here.k[:, :, :tokens], causal=True
        )
        for head in range(4):
            allowed = dense("reformer", here, padding, head)[:tokens, :tokens]
            outside = exact.block(ALL, ALL)[0, head].masked_fill(allowed, 0.0).sum(-1).mean()
            row = rows.query("label == 'A' and layer == @layer and head == @head").iloc[0]
            assert row["lost"] == pytest.approx(float(outside), abs=1e-5)
    assert max(rows.query("label == 'B'")["lost"].tolist()) < 1e-5
    assert "layer 0, head 2, lies outside: A " in losses.lost_words(rows, source, 2)


def test_a_causal_mask_loses_what_the_encoder_saw_of_the_future():
    source = source_of(ENCODER)
    (found, _) = losses.lost(source, [choice("softmax")], form.Layout(40, 0, True))
    whole = source.operator("softmax").view(source.q, source.k).block(ALL, ALL)[0]
    future = whole.triu(1).sum(-1)
    assert torch.allclose(found.rows, future, atol=1e-5)


@pytest.mark.parametrize(
    ("spec", "layout", "reason"),
    [(SourceSpec(role="cross", length=40), form.Layout(40, 0, False), "two axes"),
     (ENCODER, form.Layout(41, 0, False), "make N the source's"),
     (DECODER, form.Layout(40, 0, False), "be causal too"),
     (ENCODER, form.Layout(40, 3, True), "")],
)  # fmt: skip
def test_what_cannot_be_measured_is_said(spec, layout, reason):
    said = losses.why_not(source_of(spec), layout)
    assert reason in said and bool(reason) == bool(said)


def test_the_field_adds_up_to_who_has_arrived():
    found = made("longformer", padding=3)
    arrived = found.arrivals(20)
    layers = reach.layers_shown([found], 20)
    rows = reach.field_rows(found, 20, layers)
    assert layers == [0, 1, 2]
    for layer in layers:
        here = rows.query("layer == @layer")
        assert sum(here["tokens"].tolist()) == int(((arrived >= 0) & (arrived <= layer)).sum())
        assert here["from"].tolist()[1:] == here["to"].tolist()[:-1]
        assert (here["from"].iloc[0], here["to"].iloc[-1]) == (0, 37)
    growth = reach.growth_rows([found], 20, layers)
    # A token; itself, four to each side and the global one; all.
    assert growth["tokens"].tolist() == [1, 10, 37]
    assert growth["share"].tolist()[-1] == 1.0
    assert words.heard(found, 20) == "2" and found.everyone().words == "2"
    assert (words.arrival(found, 20, 19), words.arrival(found, 20, 5)) == ("1", "2")
    assert words.arrival(found, 20, 39) == "–"


def test_tokens_that_never_meet_are_said_to():
    found = made("longformer", window=1, dilation=2, global_tokens=0)
    assert words.heard(found, 3) == "never (no more than 50.0%)"
    assert found.everyone().words == "never"
    assert words.arrival(found, 3, 4) == "never"


def test_many_layers_are_shown_at_even_distances():
    found = made("longformer", SourceSpec(kind="synthetic", length=600), global_tokens=0)
    shown = reach.layers_shown([found], 0)
    assert shown[0] == 0 and shown[-1] == 150 and len(shown) == reach.MOST_ROWS


def test_a_long_pattern_needs_no_matrix():
    source = source_of(ENCODER)
    layout = form.Layout(65_536, 536, False)
    found = mask(choice("longformer"), layout, source, 0)
    # 4 to each side but at the ends, and the global row and column beyond the band.
    tokens = 65_000
    band = 9 * tokens - 2 * (1 + 2 + 3 + 4)
    assert found.shares(69).total == band + 2 * (tokens - 5)
    assert found.everyone().layers == 2


@pytest.mark.parametrize(
    ("name", "params", "reason"),
    [("bigbird", {"block": 1, "global_blocks": 65_536}, "more than this page holds"),
     ("bigbird", {"block": 1, "random": 10_000}, "more than this page holds")],
)  # fmt: skip
def test_what_would_take_too_long_is_refused_before(name, params, reason):
    with pytest.raises(ValueError, match=reason):
        mask(choice(name, **params), form.Layout(65_536, 0, False), source_of(ENCODER), 0)


def test_chunks_as_long_as_the_text_are_refused():
    source = source_of(SourceSpec(kind="synthetic", length=16_384))
    picked = choice("reformer", bucket=16_384, rounds=4)
    with pytest.raises(ValueError, match="more than this page counts"):
        mask(picked, form.Layout(16_384, 0, False), source, 0)


def test_rounds_that_no_view_has_room_for_are_refused():
    spec = SourceSpec(kind="synthetic", length=65_536)
    picked = choice("reformer", rounds=1_000, bucket=1)
    with pytest.raises(
        ValueError, match=r"rounds=1,000 with bucket=1 .* choose at most 32 rounds"
    ):
        mask(picked, form.Layout(65_536, 0, False), source_of(spec), 0)


@pytest.mark.parametrize(
    ("length", "padding"), [(0, 0), (-5, 0), (65_537, 0), (10, 10), (10, -1), (10, 99)]
)
def test_a_layout_that_cannot_be_is_a_sentence(length, padding):
    with pytest.raises(ValueError, match=r"must"):
        form.Layout(length, padding, False)


def test_ticks_are_round():
    assert nice_ticks(65_536) == [0, 20_000, 40_000, 60_000]
    assert nice_ticks(48) == [0, 10, 20, 30, 40]
    assert nice_ticks(1) == [0]
