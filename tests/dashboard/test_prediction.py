"""What the Overview shows is what the engine counts, at the sizes that were asked for."""

import dataclasses

import pytest

from attn_core import METHODS, Shape, get_method
from attn_core.contract import ROLES
from dashboard.services.prediction import LENGTHS, Question, answer, curves, exact_methods, predict

PLACES = [(method, role) for method in METHODS.values() for role in ROLES]
NAMES = [f"{method.name}-{role}" for method, role in PLACES]
SUPPORTED = [(method, role) for method, role in PLACES if role in method.roles]
REFUSED = [(method, role) for method, role in PLACES if role not in method.roles]


def named(place) -> str:
    return f"{place[0].name}-{place[1]}"


def test_sizes_reach_the_engine_unchanged():
    question = Question(
        get_method("softmax"),
        100,
        "cross",
        keys=300,
        heads=2,
        head_dim=16,
        batch=3,
        dtype="float16",
    )
    shape = Shape(batch=3, heads=2, queries=100, keys=300, head_dim=16, element_size=2)
    assert question.shape == shape
    assert predict(question).flops == get_method("softmax").cost(shape).flops
    assert question.input_bytes == 3 * 2 * (100 + 300 + 300) * 16 * 2


def test_keys_count_in_the_cross_role_only():
    assert Question(get_method("softmax"), 100, "encoder", keys=300).shape.keys == 100


def test_a_decoder_question_is_causal():
    question = Question(get_method("flash"), 1024, "decoder")
    assert question.shape.causal
    assert predict(question).flops < predict(dataclasses.replace(question, role="encoder")).flops


@pytest.mark.parametrize("place", SUPPORTED, ids=named)
def test_every_method_has_an_answer_in_every_role_it_supports(place):
    found = answer(Question(*_at(place)))
    assert found.problem is None
    assert found.chosen is not None
    assert found.chosen.flops > 0
    assert found.chosen.memory > 0
    lengths = found.rows[found.rows["method"] == place[0].name]["N"]
    assert set(lengths) == {*LENGTHS, 3000}


@pytest.mark.parametrize("place", REFUSED, ids=named)
def test_a_role_a_method_lacks_is_refused_and_exact_attention_still_shown(place):
    method, role = place
    found = answer(Question(*_at(place)))
    assert found.chosen is None
    assert [one.method for one in found.predictions] == list(exact_methods())
    assert found.problem is not None
    assert method.short_title in found.problem
    assert role in found.problem
    assert all(allowed in found.problem for allowed in method.roles)


def test_parameters_belong_to_the_chosen_method_alone():
    wide = _with_a_number_parameter(2)
    found = answer(wide)
    plain = {
        one.method.name: one for one in answer(dataclasses.replace(wide, params={})).predictions
    }
    assert [one.method for one in found.rivals] == list(exact_methods())
    for rival in found.rivals:
        assert rival == plain[rival.method.name]


def test_curves_keep_exact_counts_in_catalogue_terms():
    question = Question(get_method("softmax"), 700)
    rows = curves(question)
    assert set(rows["method"]) == {method.name for method in exact_methods()}
    row = rows[(rows["N"] == 700) & (rows["method"] == "softmax")].iloc[0]
    assert row["flops"] == predict(question).flops
    assert row["memory"] == predict(question).memory


def test_room_is_what_q_k_and_v_leave():
    question = Question(get_method("flash"), 512)
    found = answer(question)
    room = found.room(10 * 2**20).set_index("N")["bytes"]
    assert room[512] == 10 * 2**20 - question.input_bytes
    assert max(room.index) < max(LENGTHS), "lengths whose inputs alone do not fit have no room"
    assert found.room(None).empty


def _at(place) -> tuple:
    return place[0], 3000, place[1]


def _with_a_number_parameter(value: int) -> Question:
    for method in METHODS.values():
        for param in method.params:
            if type(param.default) is int and "encoder" in method.roles:
                return Question(method, 1024, params={param.name: value})
    return Question(get_method("softmax"), 1024)
