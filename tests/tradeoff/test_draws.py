"""An input that was kept is the input that was drawn."""

import pytest
import torch

from attn_core.tradeoff import draws
from attn_core.tradeoff.draws import drawn
from attn_core.tradeoff.spec import StudySpec

SPEC = StudySpec(lengths=(32,), heads=2, head_dim=16)


def never(*_):
    raise AssertionError("it was drawn again")


@pytest.mark.parametrize("name", ["synthetic local", "teacher layer 1"])
def test_the_second_time_it_is_read(name, tmp_path, monkeypatch):
    first, other = (drawn(SPEC, name, 32, draw, tmp_path) for draw in (0, 1))
    monkeypatch.setattr(draws, "load_source", never)
    again = drawn(SPEC, name, 32, 0, tmp_path)
    assert (again.spec, again.title, again.causal) == (first.spec, first.title, first.causal)
    for part in "qkv":
        assert torch.equal(getattr(again, part), getattr(first, part))
        assert not torch.equal(getattr(other, part), getattr(first, part))


def test_without_a_folder_or_without_room_it_is_drawn_again(tmp_path, monkeypatch):
    monkeypatch.setattr(draws, "MOST_BYTES", 3 * 2 * 32 * 16 * 4 + 500)
    for draw in (0, 1):
        drawn(SPEC, "synthetic local", 32, draw, tmp_path)
    assert len(list(tmp_path.iterdir())) == 1
    monkeypatch.setattr(draws, "load_source", never)
    drawn(SPEC, "synthetic local", 32, 0, tmp_path)
    for draw, folder in ((1, tmp_path), (0, None)):
        with pytest.raises(AssertionError, match="drawn again"):
            drawn(SPEC, "synthetic local", 32, draw, folder)


def test_what_its_child_did_not_finish_writing_is_not_read(tmp_path):
    (tmp_path / "synthetic local 32 0.part").write_bytes(b"half")
    assert drawn(SPEC, "synthetic local", 32, 0, tmp_path).queries == 32
