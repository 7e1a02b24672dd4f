"""Decoding with memory against the whole forward pass."""

from __future__ import annotations

from contextlib import nullcontext

import pytest
import torch
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from attn_core import METHODS
from attn_core.model import Attention, Decoder, Seq2Seq, beam, decoding_state, greedy
from attn_core.model.caches import Recompute
from attn_core.model.decoding import END, START
from attn_core.model.states import state_for
from tests.model.translators import (
    ATTENTIONS,
    DECODERS,
    LENGTH,
    VOCABULARY,
    config,
    ending_at,
    near,
    tokens,
    translator,
)

every_attention = pytest.mark.parametrize("attention", ATTENTIONS, ids=lambda one: one.method)
every_decoder = pytest.mark.parametrize("attention", DECODERS, ids=lambda one: one.method)
KEEP = ending_at(24, 15)
KINDS = {
    "softmax": "cache",
    "flash": "cache",
    "performer": "constant",
    "kernelized": "constant",
    "ssd": "constant",
    "longformer": "window",
    "sparse_transformer": "window",
    "reformer": "recompute",
    "multiscale": "window",
}


def stepped(model: Seq2Seq, target: Tensor, keep: Tensor | None) -> Tensor:
    decoder = Decoder(model, model.encode(tokens(len(target)), keep), keep, target.shape[1])
    return torch.stack([decoder.step(column) for column in target.unbind(1)], 1)


def eager(attention: Attention | None = None, seed: int = 5, **settings) -> Seq2Seq:
    """A translator that ends some texts early: its </s> takes larger scores than other tokens."""
    model = translator(attention, seed, tied=False, **settings)
    with torch.no_grad():
        model.head_weight[END] *= 2.5
    return model


def shifted(texts: list[list[int]], length: int) -> Tensor:
    """The decoder's input that goes with these outputs."""
    rows = torch.full((len(texts), length), START)
    for row, text in zip(rows, texts, strict=True):
        given = torch.tensor([*text, END][: length - 1], dtype=torch.long)
        row[1 : 1 + len(given)] = given
    return rows


@pytest.mark.parametrize("positions", ["learned", "rotary"])
@every_attention
def test_steps_give_the_logits_of_the_whole_pass(attention: Attention, positions: str) -> None:
    """In every role that a method takes."""
    model = translator(attention, convolution=3, positions=positions)
    target = tokens(seed=1)
    whole = model.logits(model(tokens(), target, KEEP))
    assert near(stepped(model, target, KEEP), whole, 1e-7)


@pytest.mark.parametrize(
    "params",
    [
        {"kernel": "relu"},
        {"feature_map": "exp"},
        {"feature_map": "squared-relu"},
        {"random_features": 12},
        {"pattern": "fixed"},
        {"window": 2, "dilation": 3},
    ],
    ids=str,
)
def test_steps_follow_a_methods_settings(params: dict) -> None:
    name = next(n for n in METHODS if all(one in METHODS[n].defaults for one in params))
    model, target = translator(Attention(name, params)), tokens(seed=1)
    whole = model.logits(model(tokens(), target))
    assert near(stepped(model, target, None), whole, 1e-7)


def test_reformer_decodes_what_its_operator_gives_for_the_tokens_so_far() -> None:
    """With buckets small enough that tokens change groups; of each pass the last row counts."""
    attention = Attention("reformer", {"bucket": 3, "rounds": 2})
    op = translator(attention).decoder_blocks()[0].self_attention.attention.op
    own, again = state_for(op, 20), Recompute(op, 20)
    generator = torch.Generator().manual_seed(0)
    for _ in range(20):
        row = torch.randn(3, 2, 2, 1, 8, generator=generator, dtype=torch.float64)
        assert near(own.step(*row), again.step(*row))


@pytest.mark.parametrize("name", ["flash", "softmax", "longformer", "sparse_transformer"])
def test_steps_give_the_same_with_alibi(name: str) -> None:
    model = translator(positions="alibi", decoder=Attention(name))
    target = tokens(seed=1)
    assert near(stepped(model, target, KEEP), model.logits(model(tokens(), target, KEEP)), 1e-7)


@pytest.mark.parametrize("positions", ["sinusoidal", "rotary"])
def test_steps_in_single_precision_stay_near(positions: str) -> None:
    for attention in DECODERS:
        model = Seq2Seq(config(attention, positions=positions)).eval()
        target = tokens(seed=1)
        whole = model.logits(model(tokens(), target, KEEP))
        assert near(stepped(model, target, KEEP), whole, 1e-4), attention.method


@every_decoder
def test_greedy_takes_the_argmax_of_the_whole_pass(attention: Attention) -> None:
    model, source = eager(attention, convolution=3), tokens(4)
    texts = greedy(model, source, None, LENGTH)
    assert 0 < min(map(len, texts)) < LENGTH, "no text ended early: nothing is shown"
    best = model.logits(model(source, shifted(texts, LENGTH))).argmax(-1)
    for text, row in zip(texts, best.tolist(), strict=True):
        wanted = [*text, END][:LENGTH]
        assert row[: len(wanted)] == wanted


@every_decoder
def test_texts_of_a_batch_do_not_disturb_each_other(attention: Attention) -> None:
    model, source = eager(attention), tokens(6)
    keep = ending_at(24, 20, 3, 9, 24, 15)
    for translate in (greedy, beam):
        together = translate(model, source, keep, LENGTH)
        alone = [translate(model, source[n : n + 1], keep[n : n + 1], LENGTH)[0] for n in range(6)]
        assert together == alone


@every_decoder
def test_one_beam_is_greedy(attention: Attention) -> None:
    model, source = eager(attention), tokens(3)
    assert beam(model, source, None, LENGTH, 1) == greedy(model, source, None, LENGTH)


def score(model: Seq2Seq, source: Tensor, texts: list[list[int]], penalty: float) -> Tensor:
    """Log-probability per token^penalty, by the whole pass."""
    logp = model.logits(model(source, shifted(texts, LENGTH))).log_softmax(-1)
    found = []
    for row, text in zip(logp, texts, strict=True):
        chosen = torch.tensor([*text, END][:LENGTH])
        total = row[: len(chosen)].gather(1, chosen[:, None]).sum()
        found.append(total / len(chosen) ** penalty)
    return torch.stack(found)


@pytest.mark.parametrize("penalty", [0.0, 1.0])
@pytest.mark.parametrize("seed", range(4))
def test_more_beams_score_no_less_than_greedy(seed: int, penalty: float) -> None:
    model, source = eager(seed=seed), tokens(6)
    wide = score(model, source, beam(model, source, None, LENGTH, 4, penalty), penalty)
    narrow = score(model, source, greedy(model, source, None, LENGTH), penalty)
    assert (wide >= narrow - 1e-6).all()
    assert (wide > narrow + 1e-6).any(), "beams found nothing better: nothing is shown"


@torch.no_grad()
def test_beams_as_many_as_texts_find_the_likeliest_of_all() -> None:
    """With every prefix kept, three tokens are searched through."""
    model, source = translator(), tokens(1)
    found = beam(model, source, None, 3, beams=VOCABULARY**2, length_penalty=0.0)[0]
    grid = torch.cartesian_prod(*[torch.arange(VOCABULARY)] * 2)
    given = torch.cat([torch.zeros(len(grid), 1, dtype=torch.long), grid], 1)
    memory = model.encode(source).expand(len(grid), -1, -1)
    logp = model.logits(model.decode(given, memory)).log_softmax(-1)
    first, second = logp[:, 0].gather(1, grid[:, :1]), logp[:, 1].gather(1, grid[:, 1:])
    whole = (first + second + logp[:, 2]).masked_fill((grid == END).any(1)[:, None], -torch.inf)
    texts = [*([*a, b] for a, b in zip(grid.tolist(), whole.argmax(1).tolist(), strict=True))]
    candidates = dict(zip(map(tuple, texts), whole.amax(1).tolist(), strict=True))
    candidates[END,] = float(logp[0, 0, END])
    for a in range(VOCABULARY):
        if a != END:
            candidates[a, END] = float(logp[a * VOCABULARY, 0, a] + logp[a * VOCABULARY, 1, END])
    best = max(candidates, key=lambda text: candidates[text])
    assert found == [one for one in best if one != END]


@every_decoder
def test_max_new_is_a_limit_and_short_runs_are_beginnings(attention: Attention) -> None:
    model, source = translator(attention), tokens(3)
    long = greedy(model, source, None, LENGTH)
    assert greedy(model, source, None, 1) == [text[:1] for text in long]
    assert all(len(text) <= 5 for text in beam(model, source, None, 5))


def test_tokens_are_told_and_decoding_stops_when_asked() -> None:
    model, source, told = translator(), tokens(3), []
    texts = greedy(
        model,
        source,
        None,
        LENGTH,
        on_token=lambda step, column: told.append((step, column.tolist())),
        stop=lambda: len(told) == 4,
    )
    assert [step for step, _ in told] == [0, 1, 2, 3]
    assert [list(row) for row in zip(*(column for _, column in told), strict=True)] == texts
    assert all(len(text) == 4 for text in texts)
    assert all(len(text) <= 1 for text in beam(model, source, None, LENGTH, stop=lambda: True))


def test_decoding_leaves_training_on_and_uses_no_dropout() -> None:
    model, source = translator(dropout=0.5).train(), tokens(3)
    assert greedy(model, source, None, 9) == greedy(model, source, None, 9)
    assert model.training


def test_impossible_requests_are_refused() -> None:
    model, source = translator(positions="learned"), tokens(1)
    with pytest.raises(ValueError, match="max_new must be a whole number from 1, got 0"):
        greedy(model, source, None, 0)
    with pytest.raises(ValueError, match="beams must be a whole number from 1, got 0"):
        beam(model, source, None, 4, 0)
    with pytest.raises(ValueError, match="length 25 exceeds max_length=24"):
        greedy(model, source, None, LENGTH + 1)
    decoder = Decoder(model, model.encode(source), None, 1)
    decoder.step(source[:, 0])
    with pytest.raises(ValueError, match="room for 1 tokens"):
        decoder.step(source[:, 0])


@pytest.mark.parametrize("name", ["flash", "longformer", "performer", "ssd", "multiscale"])
def test_any_operator_can_run_again_over_all_so_far(name: str) -> None:
    """What a method without a memory of its own falls back to gives the same."""
    attention = next(one for one in DECODERS if one.method == name)
    op = translator(attention).decoder_blocks()[0].self_attention.attention.op
    own, again = state_for(op, 20), Recompute(op, 20)
    generator = torch.Generator().manual_seed(0)
    for _ in range(20):
        row = torch.randn(3, 2, 2, 1, 8, generator=generator, dtype=torch.float64)
        assert near(own.step(*row), again.step(*row))


def test_every_decoder_says_how_it_remembers() -> None:
    decoders = [name for name, method in METHODS.items() if "decoder" in method.roles]
    assert {name: decoding_state(name) for name in decoders} == KINDS
    with pytest.raises(ValueError, match="linformer: the decoder role"):
        decoding_state("linformer")


def costs(attention: Attention, steps: tuple[int, int]) -> list[tuple[int, int]]:
    """FLOPs of these steps, and the numbers remembered after them."""
    model, source = translator(attention, convolution=3), tokens(1)
    decoder, found = Decoder(model, model.encode(source), None, 90), []
    for step in range(max(steps) + 1):
        counting = FlopCounterMode(display=False)
        with counting if step in steps else nullcontext():
            decoder.step(source[:, 0])
        if step in steps:
            found.append((counting.get_total_flops(), decoder.elements()))
    return found


@pytest.mark.parametrize("name", ["performer", "kernelized", "ssd"])
def test_linear_methods_decode_in_constant_time_and_state(name: str) -> None:
    early, late = costs(Attention(name), (3, 80))
    assert early == late


def test_a_window_bounds_the_work_and_a_cache_grows() -> None:
    early, late = costs(Attention("longformer", {"window": 8}), (20, 80))
    assert early[0] == late[0] and early[1] < late[1]
    early, late = costs(Attention("flash"), (3, 80))
    assert early[0] < late[0] and early[1] < late[1]


@pytest.mark.parametrize("name", ["performer", "kernelized", "linformer"])
def test_a_source_of_constant_size_is_read_in_constant_time(name: str) -> None:
    sizes = set()
    for length in (9, 24):
        model, source = translator(Attention(name)), tokens(1, length)
        decoder = Decoder(model, model.encode(source), None, 9)
        sizes.add(sum(block.source.elements() for block in decoder.blocks))
    assert len(sizes) == 1
