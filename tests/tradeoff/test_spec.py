"""The settings of a study: there and back as JSON, presets, and one sentence for whatever is not allowed."""

import json

import pytest

from attn_core.tradeoff.budgets import serving
from attn_core.tradeoff.sources import SOURCES, source_spec
from attn_core.tradeoff.spec import PRESETS, StudySpec, preset


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_comes_back_from_json(name):
    spec = preset(name)
    assert StudySpec.from_json(json.loads(json.dumps(spec.to_json()))) == spec


def test_without_methods_it_is_all_that_serve_the_role():
    assert StudySpec().methods == serving("encoder")
    assert preset("60s", role="decoder").methods == serving("decoder")
    assert preset("60s", methods=("flash",)).methods == ("flash",)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"methods": ["flash", "flash"]}, "listed twice"),
        ({"methods": ["fast"]}, "'fast'"),
        ({"methods": [["flash"]]}, "must be a name"),
        ({"lengths": [0]}, "tradeoff: length"),
        ({"sources": []}, "at least one source"),
        ({"sources": ["corpus"]}, "'corpus'"),
        ({"sources": ["synthetic local"] * 2}, "listed twice"),
        ({"draws": 0}, "draws"),
        ({"limit_s": 0.1}, "limit_s"),
        ({"steps": 1}, "steps"),
        ({"dtype": "int8"}, "tradeoff: dtype"),
        ({"dtype": "float16"}, "tradeoff: dtype must be one of float32, bfloat16, float64"),
        (
            {"role": "decoder", "methods": ["linformer"]},
            "methods of the role decoder are .*got linformer",
        ),
        ({"speed": 1}, "unknown setting 'speed'"),
    ],
)
def test_what_is_not_allowed_is_named(settings, said):
    with pytest.raises(ValueError, match=said) as refused:
        StudySpec.from_json(settings)
    assert "\n" not in str(refused.value)


def test_every_draw_is_another_input():
    for source in SOURCES:
        draws = [source_spec(source, 512, "encoder", 8, 64, 0, draw) for draw in range(3)]
        assert len({one.id for one in draws}) == 3 and len({one.length for one in draws}) == 1


def test_very_long_texts_are_drawn_with_fewer_heads_and_a_layer_refuses_them():
    assert source_spec("synthetic local", 65_536, "encoder", 8, 64, 0, 0).heads == 4
    with pytest.raises(ValueError, match="8,192"):
        source_spec("teacher layer 0", 16_384, "encoder", 8, 64, 0, 0)
