"""Positions against their plain definitions."""

from __future__ import annotations

import pytest
import torch

from attn_core import Dims, get_method
from attn_core.model.positions import (
    STRIP,
    AddedPositions,
    AlibiAttention,
    CausalAlibi,
    Rotary,
    slopes,
)
from tests.model.translators import near

HEADS, WIDTH = 4, 8


def draw(length: int, seed: int = 0, heads: int = HEADS, width: int = WIDTH) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(2, heads, length, width, generator=generator, dtype=torch.float64)


def dense(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    return (q @ k.transpose(-2, -1) * q.shape[3] ** -0.5 + bias).softmax(-1) @ v


def distances(length: int) -> torch.Tensor:
    position = torch.arange(length, dtype=torch.float64)
    return position - position[:, None]


@pytest.mark.parametrize("name", ["softmax", "flash", "longformer", "sparse_transformer"])
@pytest.mark.parametrize("length", [13, 300])
def test_causal_alibi_is_the_bias_of_its_definition(name: str, length: int) -> None:
    placement = CausalAlibi(HEADS, WIDTH)
    method = get_method(name)
    params = {"window": 5} if name == "longformer" else {}
    op = method.build(Dims(HEADS, WIDTH + placement.extra, length, length), **params)
    q, k, v = (draw(length, seed) for seed in range(3))
    got = op(placement.place(q, 0, False), placement.place(k, 0, True), v, causal=True)
    bias = slopes(HEADS).double()[:, None, None] * distances(length)
    pattern = method.pattern(length, length, causal=True, **params)
    whole = slice(None)
    seen = distances(length) <= 0 if pattern is None else pattern.block(whole, whole)
    assert near(got, dense(q, k, v, bias.masked_fill(~seen, -torch.inf)))


def test_causal_alibi_goes_on_in_the_middle_of_a_text() -> None:
    placement, x = CausalAlibi(HEADS, WIDTH), draw(300)
    for keys in (False, True):
        whole = placement.place(x, 0, keys)
        assert torch.equal(whole[:, :, 270:], placement.place(x[:, :, 270:], 270, keys))


@pytest.mark.parametrize("length", [13, STRIP + 40])
def test_alibi_on_both_sides_is_the_bias_of_its_definition(length: int) -> None:
    op = AlibiAttention(Dims(HEADS, WIDTH, length, length))
    op.method = get_method("flash")
    keep = torch.arange(length).expand(2, -1) < torch.tensor([[length], [length // 2]])
    q, k, v = (draw(length, seed).requires_grad_() for seed in range(3))
    bias = -slopes(HEADS).double()[:, None, None] * distances(length).abs()
    expected = dense(q, k, v, bias.masked_fill(~keep[:, None, None], -torch.inf))
    got = op.double()(q, k, v, key_keep=keep)
    assert near(got, expected)
    weight = draw(length, 9)
    for mine, theirs in zip(
        torch.autograd.grad((got * weight).sum(), (q, k, v)),
        torch.autograd.grad((expected * weight).sum(), (q, k, v)),
        strict=True,
    ):
        assert near(mine, theirs)


def test_rotary_scores_depend_on_the_distance_alone() -> None:
    rotary = Rotary(WIDTH)
    q, k = draw(1).expand(-1, -1, 40, -1), draw(1, 1).expand(-1, -1, 40, -1)
    scores = rotary.place(q, 0, False) @ rotary.place(k, 0, True).transpose(-2, -1)
    for distance in (-7, 0, 3):
        along = scores.diagonal(distance, -2, -1)
        assert near(along, along[..., :1].expand_as(along))
    assert not near(scores[..., 0, 0], scores[..., 0, 3], 1e-3)


def test_rotary_turns_pairs_by_the_papers_angles() -> None:
    x = draw(6)
    turned = Rotary(WIDTH).place(x, 0, False)
    angle = 5 * 10_000 ** (-2 / WIDTH)
    a, b = x[0, 0, 5, 2], x[0, 0, 5, 3]
    cos, sin = torch.cos(torch.tensor(angle)), torch.sin(torch.tensor(angle))
    assert near(turned[0, 0, 5, 2], a * cos - b * sin, 1e-6)
    assert near(turned[0, 0, 5, 3], a * sin + b * cos, 1e-6)


def test_rotary_goes_on_in_the_middle_of_a_text_and_past_its_table() -> None:
    rotary, x = Rotary(WIDTH), draw(700)
    whole = rotary.place(x, 0, False)
    assert torch.equal(whole[:, :, 600:], Rotary(WIDTH).place(x[:, :, 600:], 600, False))


def test_sinusoids_are_those_of_the_definition_at_any_length() -> None:
    added = AddedPositions("sinusoidal", 6, 4)
    for length in (3, 9):
        table = added(torch.zeros(1, length, 6, dtype=torch.float64))[0]
        assert near(
            table[2, :2],
            torch.tensor([2.0, 2.0])
            .double()
            .sin()
            .new_tensor([torch.sin(torch.tensor(2.0)), torch.cos(torch.tensor(2.0))]),
            1e-6,
        )
    assert near(added(torch.zeros(1, 2, 6), start=7), table[None, 7:9].float(), 1e-6)
