"""A view is named by plain data: the same matrices by the same id, and nothing is built that would not fit."""

import pytest
import torch

from attn_core import METHODS, Shape, get_method
from attn_core.sources import (
    SourceSpec,
    TooLarge,
    ViewSpec,
    build_sides,
    check_affordable,
    load_source,
)

DRAWN = SourceSpec(kind="synthetic", length=64, heads=2)


def test_a_view_comes_back_from_its_own_text():
    spec = ViewSpec(DRAWN, "multiscale", {"scales": (1, 2), "window": 4})
    assert ViewSpec.from_json(spec.to_json()) == spec
    assert ViewSpec.from_json(ViewSpec(DRAWN).to_json()) == ViewSpec(DRAWN)


def test_the_same_matrices_have_the_same_id():
    plain = ViewSpec(DRAWN, "longformer")
    assert ViewSpec(DRAWN, "longformer", {"window": 128, "dilation": 1}).id == plain.id
    others = [
        ViewSpec(DRAWN),
        ViewSpec(DRAWN, "bigbird"),
        ViewSpec(DRAWN, "longformer", {"window": 9}),
    ]
    assert len({plain.id, *(one.id for one in others)}) == 4


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (3, "settings must be an object"),
        ({"souce": {}}, "unknown setting 'souce'"),
        ({"method": "longfrmer"}, "unknown attention method 'longfrmer'"),
        ({"method": 7}, "method must be the name of one, got int"),
        ({"method": "softmax", "params": {"window": 3}}, "softmax: unknown parameter 'window'"),
        ({"params": {"window": 3}}, "params need a method"),
        ({"method": "longformer", "params": {"window": -1}}, "window must be"),
        ({"method": "longformer", "params": {"window": 65_537}}, "window must be at most 65,536"),
        ({"method": "longformer", "params": []}, "params must be an object"),
        ({"source": {"kind": "photo"}}, "kind must be one of"),
    ],
)
def test_what_is_not_allowed_is_named(given, said):
    with pytest.raises(ValueError, match=said):
        ViewSpec.from_json(given)


def test_sides_are_exact_attention_the_method_and_their_difference():
    sides = build_sides(ViewSpec(DRAWN, "performer"), source := load_source(DRAWN))
    whole = slice(None), slice(None)
    exact = (source.q @ source.k.transpose(-2, -1) / 8).softmax(-1)
    torch.testing.assert_close(sides.side("exact").block(*whole), exact)
    method = source.operator("performer").view(source.q, source.k).block(*whole)
    assert torch.equal(sides.side("method").block(*whole), method)
    torch.testing.assert_close(sides.side("error").block(*whole), method - exact)
    with pytest.raises(ValueError, match="side must be one of exact, method, error, got 'left'"):
        sides.side("left")
    with pytest.raises(ValueError, match="side error needs a method"):
        build_sides(ViewSpec(DRAWN), source).side("error")


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("performer", {"features": 65_536}),
        ("kernelized", {"random_features": 65_536}),
        ("linformer", {"rank": 65_536}),
        ("nystromformer", {"landmarks": 65_536}),
        ("nystromformer", {"iterations": 65_536}),
        ("reformer", {"rounds": 65_536}),
        ("bigbird", {"block": 1, "random": 65_536}),
        ("bigbird", {"global_blocks": 64}),
        ("longformer", {"window": 65_536, "global_tokens": 65_536}),
        ("longformer", {"window": 10, "global_tokens": 65_536}),
        ("sparse_transformer", {"stride": 1}),
        ("multiscale", {"scales": [1, 16_384]}),
        ("reformer", {"rounds": 1_000, "bucket": 1}),
        ("reformer", {"rounds": 64}),
        ("reformer", {"bucket": 65_536}),
    ],
)
def test_settings_that_would_not_fit_are_refused_before_anything_is_made(
    method, params, monkeypatch
):
    source = load_source(SourceSpec(kind="synthetic", length=65_536))
    monkeypatch.setattr("attn_core.contract.AttentionMethod.build", None)
    with pytest.raises(TooLarge, match=method) as refused:
        build_sides(ViewSpec(source.spec, method, params), source)
    assert all(name.split("_")[0] in str(refused.value) for name in params)


OFFERED = {
    "longformer": [{"window": 4_096}],
    "sparse_transformer": [{"stride": 4_096}, {"stride": 8}, {"pattern": "fixed"}],
    "bigbird": [{"window": 129}],
    "multiscale": [{"window": 4_096}],
    "reformer": [{"rounds": 16}, {"rounds": 16, "bucket": 1}],
    "performer": [{"features": 2_048}],
    "nystromformer": [{"landmarks": 2_048}],
}


@pytest.mark.parametrize("method", METHODS)
def test_what_the_pages_offer_at_the_longest_length_is_not_refused(method):
    """Defaults on four heads, and the budgets of one."""
    definition = get_method(method)
    causal = definition.roles == {"decoder"}
    check_affordable(method, {}, Shape(1, 4, 65_536, 65_536, 64, causal))
    for params in OFFERED.get(method, []):
        check_affordable(method, params, Shape(1, 1, 65_536, 65_536, 64, causal))


@pytest.mark.parametrize(("bucket", "most"), [(1, 32), (64, 37)])
def test_the_rounds_that_a_refusal_allows_are_allowed(bucket, most):
    shape = Shape(1, 1, 65_536, 65_536, 64)
    with pytest.raises(TooLarge, match=f"with bucket={bucket} .* choose at most {most} rounds"):
        check_affordable("reformer", {"bucket": bucket, "rounds": most + 1}, shape)
    assert check_affordable("reformer", {"bucket": bucket, "rounds": most}, shape)
