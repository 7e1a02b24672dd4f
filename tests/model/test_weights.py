"""A teacher's weights in a student, and models on disk."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from attn_core.model import Attention, Seq2Seq, load, load_shared, save
from tests.model.translators import ATTENTIONS, config, tokens, translator

every_attention = pytest.mark.parametrize("attention", ATTENTIONS, ids=lambda one: one.method)


@every_attention
def test_a_student_with_any_method_takes_the_teachers_weights(attention: Attention) -> None:
    teacher, student = translator(seed=1, convolution=3), translator(attention, convolution=3)
    own = {name: x.clone() for name, x in student.state_dict().items() if ".op." in name}
    skipped = load_shared(student, teacher.state_dict())
    state = student.state_dict()
    assert all(torch.equal(state[name], x) for name, x in own.items())
    for name, weight in teacher.state_dict().items():
        assert name in skipped or torch.equal(weight, state[name])
    keys = [name for name in teacher.state_dict() if "self_attention.attention.key" in name]
    assert skipped == (sorted(keys) if attention.method == "reformer" else [])


def test_an_operators_weights_stay_out() -> None:
    teacher = translator(Attention("linformer"), seed=1)
    skipped = load_shared(translator(), teacher.state_dict())
    assert skipped and all(".op." in name for name in skipped)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"width": 32}, "the model needs"),
        ({"layers": 3}, "are missing, first"),
        ({"layers": 1}, "no place for"),
        ({"convolution": 3}, "are missing"),
        ({"positions": "learned"}, "are missing"),
    ],
)
def test_a_teacher_of_another_size_is_refused(settings: dict, says: str) -> None:
    student = translator(**settings)
    before = {name: x.clone() for name, x in student.state_dict().items()}
    with pytest.raises(ValueError, match=says):
        load_shared(student, translator().state_dict())
    assert all(torch.equal(x, before[name]) for name, x in student.state_dict().items())


@every_attention
def test_a_saved_model_comes_back(attention: Attention, tmp_path: Path) -> None:
    model = Seq2Seq(config(attention, convolution=3), seed=2).eval()
    save(model, tmp_path / "model.safetensors")
    again = load(tmp_path / "model.safetensors")
    assert again.config == model.config and not again.training
    texts = tokens(), tokens(length=17)
    assert torch.equal(model(*texts), again(*texts))


def test_files_that_hold_no_model_of_ours_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no file"):
        load(tmp_path / "nothing")
    (tmp_path / "noise").write_bytes(b"no tensors here" * 9)
    with pytest.raises(ValueError, match="no safetensors file"):
        load(tmp_path / "noise")
    save_file({"x": torch.ones(2)}, tmp_path / "bare")
    with pytest.raises(ValueError, match="holds no configuration"):
        load(tmp_path / "bare")
    settings = {"config": config().to_json()}
    save_file({"x": torch.ones(2)}, tmp_path / "other", metadata=settings)
    with pytest.raises(ValueError, match="does not fit its configuration"):
        load(tmp_path / "other")
