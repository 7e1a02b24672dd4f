"""Laws of the translator, whatever its attention."""

from __future__ import annotations

import pytest
import torch

from attn_core.model import Attention, record
from attn_core.model.config import POSITIONS, WITH_ALIBI
from tests.model.translators import (
    ATTENTIONS,
    DECODERS,
    LENGTH,
    VOCABULARY,
    ending_at,
    near,
    tokens,
    translator,
)

every_attention = pytest.mark.parametrize("attention", ATTENTIONS, ids=lambda one: one.method)

EVERY_DECODER = [
    (attention, positions)
    for attention in DECODERS
    for positions in POSITIONS
    if positions != "alibi" or attention.method in WITH_ALIBI["decoder"]
]


@every_attention
def test_hidden_states_and_their_logits_have_the_right_shapes(attention: Attention) -> None:
    model = translator(attention)
    hidden = model(tokens(), tokens(length=17))
    assert hidden.shape == (2, 17, 16)
    assert model.logits(hidden).shape == (2, 17, VOCABULARY)
    assert model.head_weight is model.embedding.weight
    assert translator(attention, tied=False).head_weight.shape == (VOCABULARY, 16)


@pytest.mark.parametrize("taps", [0, 3, 4])
@every_attention
def test_padding_of_the_source_changes_nothing(attention: Attention, taps: int) -> None:
    model, target = translator(attention, convolution=taps), tokens(length=17)
    source, keep = tokens(), ending_at(24, 15)
    other = torch.where(keep, source, tokens(seed=9))
    assert not torch.equal(source, other)
    assert near(model(source, target, keep), model(other, target, keep))


@pytest.mark.parametrize("taps", [0, 4])
@pytest.mark.parametrize(("attention", "positions"), EVERY_DECODER)
def test_later_tokens_change_no_earlier_state(
    attention: Attention, taps: int, positions: str
) -> None:
    model = translator(decoder=attention, convolution=taps, positions=positions)
    source, target = tokens(), tokens(seed=1)
    before = model(source, target)
    for cut in (1, 11, LENGTH - 1):
        changed = target.clone()
        changed[:, cut:] = tokens(seed=7)[:, cut:]
        after = model(source, changed)
        assert near(before[:, :cut], after[:, :cut], 1e-11)
        assert not near(before[:, cut:], after[:, cut:], 1e-4)


def test_reformer_with_several_buckets_owes_the_law_for_values_only() -> None:
    """Its groups depend on later queries, which is said in `caveats`."""
    model = translator(Attention("reformer", {"bucket": 4, "rounds": 1}))
    source, target = tokens(), tokens(seed=1)
    changed = target.clone()
    changed[:, 12:] = tokens(seed=7)[:, 12:]
    assert not near(model(source, target)[:, :12], model(source, changed)[:, :12])
    assert model.config.caveats


@every_attention
def test_attention_outputs_are_recorded_in_order(attention: Attention) -> None:
    model = translator(attention, convolution=3)
    with record(model) as outputs:
        model(tokens(), tokens(length=17))
        assert [out.shape[1] for out in outputs] == [LENGTH] * 2 + [17] * 4
        first = outputs[0]
        model(tokens(seed=5), tokens(length=17))
        assert len(outputs) == 6 and not torch.equal(first, outputs[0])
    layer = model.attention_layers()[0]
    normed = model.encoder_blocks()[0].self_attention.norm(
        model.embedded(tokens(seed=5), model.source_positions)
    )
    assert torch.equal(outputs[0], layer(normed))
    model(tokens(), tokens(length=17))
    assert torch.equal(outputs[0], layer(normed)), "recording goes on after its end"


def test_identity_mixes_nothing() -> None:
    model, source, target = translator(Attention("identity")), tokens(), tokens(length=17)
    memory = model.encode(source)
    changed = source.clone()
    changed[:, 5] = 3
    differs = (model.encode(changed) - memory).abs().sum((0, 2)) > 0
    assert differs.nonzero().flatten().tolist() == [5]
    assert torch.equal(model.decode(target, memory), model.decode(target, memory * 2))


@every_attention
def test_the_same_seed_draws_the_same_weights_and_leaves_the_global_generator_alone(
    attention: Attention,
) -> None:
    before = torch.random.get_rng_state()
    first = translator(attention, seed=3, convolution=3).state_dict()
    assert torch.equal(before, torch.random.get_rng_state())
    torch.manual_seed(77)
    again = translator(attention, seed=3, convolution=3).state_dict()
    exact = translator(seed=3, convolution=3).state_dict()
    other = translator(attention, seed=4, convolution=3).state_dict()
    for name, weight in first.items():
        assert torch.equal(weight, again[name])
        if ".op." not in name:
            assert torch.equal(weight, exact[name])
        assert "norm" in name or ".op." in name or not torch.equal(weight, other[name])


def test_layers_draw_features_of_their_own() -> None:
    layers = translator(Attention("performer")).attention_layers()
    drawn = [layer.op.get_buffer("omega") for layer in layers[:2]]
    assert not torch.equal(*drawn)


def test_learned_positions_refuse_what_they_have_no_vector_for() -> None:
    model = translator(positions="learned")
    with pytest.raises(ValueError, match="length 25 exceeds max_length=24"):
        model.encode(tokens(length=25))


def test_linformers_own_refusal_comes_through() -> None:
    model = translator(Attention("linformer"))
    with pytest.raises(ValueError, match="linformer: 25 keys exceed max_keys=24"):
        model.encode(tokens(length=25))


@pytest.mark.parametrize("positions", ["none", "sinusoidal", "rotary", "alibi"])
def test_other_positions_go_on_past_the_planned_length(positions: str) -> None:
    assert translator(positions=positions)(tokens(length=60), tokens(length=70)).isfinite().all()


@every_attention
def test_gradients_reach_every_weight(attention: Attention) -> None:
    model = translator(attention, convolution=3, tied=False).train()
    model.logits(model(tokens(), tokens(length=17), ending_at(24, 15))).square().sum().backward()
    idle = {name for name, weight in model.named_parameters() if weight.grad is None}
    # The identity looks at values alone, and at no source at all.
    spared = (
        ("encoder", "source", "cross", "query", "key") if attention.method == "identity" else ()
    )
    assert not [name for name in idle if not any(part in name for part in spared)]


@pytest.mark.parametrize("norm", ["rms", "layer"])
@pytest.mark.parametrize("activation", ["gelu", "relu"])
def test_norms_and_activations_can_be_chosen(norm: str, activation: str) -> None:
    model = translator(norm=norm, activation=activation)
    assert model(tokens(), tokens(length=17)).isfinite().all()


def test_dropout_works_while_training_alone() -> None:
    model, texts = translator(dropout=0.5), (tokens(), tokens(length=17))
    assert torch.equal(model(*texts), model(*texts))
    model.train()
    assert not torch.equal(model(*texts), model(*texts))
