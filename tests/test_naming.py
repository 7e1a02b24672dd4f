"""What people call a choice."""

import pytest

from attn_core import METHODS
from attn_core.naming import called


@pytest.mark.parametrize("name", METHODS)
def test_a_method_is_called_by_its_short_title_and_keeps_its_parameters(name):
    title = METHODS[name].short_title
    assert called(name) == title
    assert called(f"{name} rank=8 share=False") == f"{title} rank=8 share=False"


def test_parameters_in_brackets_stand_without_them():
    assert called("nystromformer(landmarks=8)") == "Nyströmformer landmarks=8"
    assert called("low_rank rank=8") == "Low-rank rank=8"


@pytest.mark.parametrize(
    "label", ["identity", "absolute", "", "mystery rank=8", "mystery(rank=8)"]
)
def test_what_the_catalogue_does_not_know_stays(label):
    assert called(label) == label
