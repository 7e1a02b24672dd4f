"""The fused GPU path of the static patterns, held against the tiles; unfused, it runs on a CPU too."""

import pytest
import torch

from tests.laws.cases import Case, cases, inputs, largest_difference, some_kept

STATIC = ("longformer", "sparse_transformer", "bigbird")
CASES = [
    case
    for case in cases({"sparse_transformer": ({"stride": 5}, {"pattern": "fixed", "stride": 6})})
    if case.name in STATIC
]


@pytest.mark.filterwarnings("ignore:flex_attention called without torch.compile")
@pytest.mark.parametrize("case", CASES, ids=str)
def test_flex_attention_gives_what_the_tiles_give(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, op = inputs(case, 97, dtype=torch.float32), case.build(97)
    keep = some_kept(97)
    keep[1] = False
    for padding in (None, keep):
        tiles = op(*data.all, key_keep=padding, causal=case.causal)
        monkeypatch.setenv("ATTN_CORE_SPARSE", "flex")
        fused = op(*data.all, key_keep=padding, causal=case.causal)
        monkeypatch.delenv("ATTN_CORE_SPARSE")
        assert largest_difference(tiles, fused) < 1e-5


def test_an_unknown_choice_is_refused_with_the_valid_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    case = CASES[0]
    monkeypatch.setenv("ATTN_CORE_SPARSE", "tritn")
    with pytest.raises(ValueError, match=r"tiles, flex.*'tritn'"):
        case.build(8)(*inputs(case, 8).all)
