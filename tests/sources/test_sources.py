"""Sources: what a view looks at is what the model really computes, and what is drawn has the structure it claims."""

import pytest
import torch

from attn_core.contract import ROLES
from attn_core.methods import get_method
from attn_core.model import weights
from attn_core.sources import STRUCTURES, SourceSpec, evenly, load_source, thinned
from attn_core.training.teacher import FILE, MODELS


@pytest.mark.parametrize("role", ROLES)
def test_exact_attention_on_a_source_gives_what_the_layer_gave(role):
    source = load_source(SourceSpec(role=role, layer=1, length=40))
    op = source.operator("softmax")
    again = op(source.q, source.k, source.v, causal=source.causal)
    torch.testing.assert_close(again, source.inside.attended, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("role", ROLES)
def test_the_layer_is_the_models_own(role):
    """Taking the layer's contribution away from the model changes what it says."""
    source = load_source(SourceSpec(role=role, layer=0, length=24))
    inside = source.inside
    beside = inside.leaving - inside.entering - inside.joined
    model = weights.load(MODELS / FILE)
    if role == "cross":
        assert beside.abs().max() < 1e-4
    else:  # the shipped teacher has a convolution beside its self-attention
        block = (model.encoder if role == "encoder" else model.decoder)[0]
        convolved = block.self_attention.convolution(inside.normed)
        torch.testing.assert_close(beside, convolved, atol=1e-4, rtol=1e-4)


def test_labels_name_every_query_and_key():
    source = load_source(SourceSpec(role="cross", length=30))
    assert len(source.query_labels) == source.queries == 30
    assert len(source.key_labels) == source.keys == 30
    assert source.query_labels[0] == "<start>"


def test_a_sentence_of_ones_own_is_read_whole():
    source = load_source(SourceSpec(kind="text", text="The red house is big."))
    assert "".join(source.query_labels[:-1]).replace("▁", " ").strip() == "The red house is big."
    assert source.query_labels[-1] == "</s>"


@pytest.mark.parametrize("length", (1, 700, 3_000))
def test_a_document_goes_on_until_it_has_the_length_asked_for(length):
    assert load_source(SourceSpec(document=1284, length=length)).queries == length


@pytest.mark.parametrize("structure", STRUCTURES)
def test_drawn_numbers_are_the_same_for_the_same_seed_only(structure):
    spec = SourceSpec(kind="synthetic", length=64, structure=structure)
    one, again = load_source(spec), load_source(spec)
    other = load_source(SourceSpec(kind="synthetic", length=64, structure=structure, seed=1))
    assert torch.equal(one.q, again.q)
    assert not torch.equal(one.k, other.k) or not torch.equal(one.v, other.v)


def attention(structure: str, spread: float = 1.0):
    source = load_source(
        SourceSpec(kind="synthetic", length=512, structure=structure, spread=spread)
    )
    op = source.operator("softmax")
    return op.view(source.q, source.k).block(slice(None), slice(None))[0, 0]


def test_spread_is_the_standard_deviation_of_drawn_scores():
    for spread in (0.5, 2.0):
        source = load_source(SourceSpec(kind="synthetic", length=512, spread=spread))
        scores = source.q @ source.k.transpose(-2, -1) / 8
        assert scores.std() == pytest.approx(spread, rel=0.05)


def test_local_attention_stays_near():
    weights_ = attention("local", spread=2.0)
    i = torch.arange(512)
    near = (i[:, None] - i).abs() <= 32
    assert (weights_ * near).sum(-1).mean() > 0.8


def test_sinks_take_most_of_the_weight():
    assert (
        attention("sinks")[:, :4].sum(-1).mean() > 5 * attention("gaussian")[:, :4].sum(-1).mean()
    )


def test_clusters_are_seen_in_the_rank():
    def energy(structure):
        s = torch.linalg.svdvals(attention(structure).double())
        return (s[:17].square().sum() / s.square().sum()).item()

    assert energy("clustered") > energy("gaussian")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"kind": "photo"}, "kind must be one of"),
        ({"kind": "text"}, "text is empty"),
        ({"kind": "text", "text": "Hello.", "role": "decoder"}, "french is empty"),
        ({"kind": "synthetic", "length": 0}, "length must be a whole number from 1"),
        ({"kind": "synthetic", "length": 10**9}, "length must be a whole number"),
        ({"kind": "synthetic", "length": 65_536, "heads": 64}, "heads × length must be at most"),
        ({"length": 65_536}, "length must be a whole number from 0 to 8,192"),
        ({"document": -1}, "document must be"),
        ({"spread": float("nan")}, "spread must be a number"),
        ({"keys": 4}, "keys needs drawn numbers in the role cross"),
        ({"strange": 1}, "unknown setting 'strange'"),
    ],
)
def test_what_is_not_allowed_is_named(given, said):
    with pytest.raises(ValueError, match=said):
        SourceSpec.from_json(given)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"layer": 7}, "layer must be from 0 to 1, got 7"),
        ({"document": 99_999}, "document must be from 0 to 1,284"),
        ({"model": "../../etc/passwd"}, "model must be 'shipped' here"),
    ],
)
def test_what_is_not_there_is_named(given, said):
    with pytest.raises(ValueError, match=said):
        load_source(SourceSpec.from_json(given))


def test_a_spec_comes_back_from_its_own_text():
    spec = SourceSpec(kind="synthetic", length=64, structure="local", seed=3)
    assert SourceSpec.from_json(spec.to_json()) == spec
    assert SourceSpec.from_json(spec.to_json()).id == spec.id != SourceSpec().id


def test_a_method_without_the_role_refuses_the_source():
    source = load_source(SourceSpec(role="decoder", length=20))
    with pytest.raises(ValueError, match="linformer: the decoder role"):
        source.operator("linformer")
    assert "decoder" not in get_method("linformer").roles
    across = load_source(SourceSpec(role="cross", length=20))
    assert across.queries == across.keys
    with pytest.raises(ValueError, match="reformer: the cross role is not supported"):
        across.operator("reformer")


def test_a_thinned_source_is_one_head_of_evenly_spaced_tokens():
    whole = load_source(SourceSpec(kind="corpus", length=40, role="decoder"))
    thin = thinned(whole, 2, 16)
    places = [place * 40 // 16 for place in range(16)]
    assert evenly(40, 16) == places and evenly(5, 16) == [0, 1, 2, 3, 4]
    assert torch.equal(thin.q, whole.q[:, 2:3, places]) and torch.equal(
        thin.v, whole.v[:, 2:3, places]
    )
    assert thin.key_labels == tuple(whole.key_labels[place] for place in places)
    assert thin.causal and thin.dims.heads == 1
    view = thin.operator("softmax").view(thin.q, thin.k, causal=True)
    assert view.shape == (16, 16)


@pytest.mark.parametrize(
    ("text", "said"),
    [("a\ud800b", r"U\+D800 as its character 2,"), ("\x07", r"U\+0007 as its character 1,"), ("x" * 20_001, "20,001")],
)  # fmt: skip
def test_text_that_cannot_be_read_is_refused_in_one_sentence(text, said):
    with pytest.raises(ValueError, match=said):
        SourceSpec(kind="text", text=text)
    assert SourceSpec(kind="text", text="one\ttwo\r\nthree")
