"""What a configuration allows, refuses and remembers."""

from __future__ import annotations

import pytest

from attn_core.contract import ROLES
from attn_core.model import Attention, Seq2SeqConfig
from tests.model.translators import ATTENTIONS, config


@pytest.mark.parametrize("attention", ATTENTIONS, ids=lambda one: one.method)
def test_a_method_takes_the_roles_it_has_and_flash_the_others(attention: Attention) -> None:
    roles = config(attention).roles
    for role in ROLES:
        assert roles[role] == (attention.method if attention.holds(role) else "flash")


@pytest.mark.parametrize("attention", ATTENTIONS, ids=lambda one: one.method)
def test_json_gives_the_same_configuration_back(attention: Attention) -> None:
    made = config(attention, convolution=3, tied=False, dropout=0.1)
    assert Seq2SeqConfig.from_json(made.to_json()) == made


def test_a_label_names_what_is_not_usual() -> None:
    assert Attention("longformer").label == "longformer"
    assert Attention("longformer", {"window": 16}).label == "longformer window=16"
    assert Attention("identity").label == "identity"


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"positions": "absolute"}, "positions must be one of none, sinusoidal"),
        ({"width": 18, "heads": 4}, "multiple of heads, got width 18 and 4 heads"),
        ({"width": 6, "heads": 2}, "even head width, got 3"),
        ({"dropout": 1.0}, "dropout must be from 0 to below 1, got 1.0"),
        ({"layers": 0}, "layers must be a whole number from 1, got 0"),
        ({"convolution": True}, "convolution must be a whole number from 0, got True"),
        ({"norm": "batch"}, "norm must be one of layer, rms, got 'batch'"),
        ({"tied": 1}, "tied must be True or False, got 1"),
        ({"positions": "none", "cross_rotary": True}, "cross_rotary needs rotary positions"),
        ({"decoder": Attention("linformer")}, "linformer: the decoder role is not supported"),
        ({"encoder": "flash"}, "encoder must be an Attention, got 'flash'"),
        (
            {"positions": "alibi", "decoder": Attention("performer")},
            "performer: alibi positions are not supported in the decoder role",
        ),
        (
            {"positions": "alibi", "encoder": Attention("longformer")},
            "longformer: alibi positions are not supported in the encoder role",
        ),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(settings: dict, says: str) -> None:
    with pytest.raises(ValueError, match=says.replace("(", r"\(")):
        config(**settings)


def test_unknown_methods_and_parameters_are_refused() -> None:
    with pytest.raises(ValueError, match="unknown attention method 'magic'"):
        Attention("magic")
    with pytest.raises(ValueError, match="unknown parameter 'rank'"):
        Attention("flash", {"rank": 3})
    with pytest.raises(ValueError, match="identity: it has no parameters"):
        Attention("identity", {"rank": 3})
    with pytest.raises(ValueError, match="unknown settings"):
        Seq2SeqConfig.from_json('{"vocabulary": 9, "depth": 3}')


def test_a_decoder_that_groups_by_later_tokens_says_so() -> None:
    wide, narrow = (config(Attention("reformer", {"bucket": n})) for n in (24, 8))
    assert not wide.caveats and not config().caveats
    assert "later tokens" in narrow.caveats[0] and "reformer" in narrow.caveats[0]
