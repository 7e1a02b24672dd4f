"""Translating with several candidates at a time."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from attn_core.model.decoding import (
    END,
    START,
    Decoder,
    Stop,
    all_ended,
    check_request,
    evaluating,
    greedy_path,
    listed,
)
from attn_core.model.seq2seq import Seq2Seq


@dataclass
class Best:
    """The best text of each sample so far: score (B,), tokens (B, T) and how many of them count (B,)."""

    score: Tensor
    tokens: Tensor
    length: Tensor

    def offer(self, score: Tensor, tokens: Tensor, length: Tensor | int) -> None:
        """Candidates (B, K) and their tokens (B, K, T); -inf for none."""
        highest, place = score.max(1)
        better = highest > self.score
        chosen = tokens[torch.arange(len(tokens), device=tokens.device), place]
        self.score = torch.where(better, highest, self.score)
        self.tokens = torch.where(better[:, None], chosen, self.tokens)
        self.length = torch.where(better, length, self.length)


@torch.no_grad()
def beam(
    model: Seq2Seq,
    source: Tensor,
    keep: Tensor | None,
    max_new: int,
    beams: int = 4,
    length_penalty: float = 1.0,
    *,
    stop: Stop | None = None,
) -> list[list[int]]:
    """The text with the highest log-probability / tokens^length_penalty found with `beams` candidates, up to
    </s> (left out) or `max_new` tokens. A beam may lose the greedy text on its way; that one is scored too, so
    that more candidates never end with a worse score."""
    check_request(max_new)
    if type(beams) is not int or beams < 1:
        raise ValueError(f"decoding: beams must be a whole number from 1, got {beams!r}")
    path, score = greedy_path(model, source, keep, max_new, scored=True, stop=stop)
    if beams == 1:
        return listed(path)
    best = _search(model, source, keep, max_new, beams, length_penalty, stop)
    tokens = path.new_full((len(path), max_new), START)
    tokens[:, : path.shape[1]] = path
    # With </s>, after which nothing counts.
    length = ((path == END).cumsum(1) - (path == END).long() == 0).sum(1)
    best.offer((score / length**length_penalty)[:, None], tokens[:, None], length)
    rows = zip(listed(best.tokens), best.length.tolist(), strict=True)
    return [row[:length] for row, length in rows]


def _search(
    model: Seq2Seq,
    source: Tensor,
    keep: Tensor | None,
    max_new: int,
    beams: int,
    length_penalty: float,
    stop: Stop | None,
) -> Best:
    with evaluating(model):
        memory = model.encode(source, keep).repeat_interleave(beams, 0)
        keeps = None if keep is None else keep.repeat_interleave(beams, 0)
        decoder = Decoder(model, memory, keeps, max_new)
        batch, device = len(source), source.device
        first_row = torch.arange(batch, device=device)[:, None] * beams
        # All candidates of a sample start alike: only one of them counts.
        score = torch.full((batch, beams), -torch.inf, device=device)
        score[:, 0] = 0.0
        texts = source.new_full((batch, beams, max_new), START)
        best = Best(score[:, 1], texts[:, 0], torch.zeros_like(source[:, 0]))
        ended = torch.zeros_like(best.length)
        tokens = source.new_full((batch * beams,), START)
        step, done = 0, torch.zeros(batch, dtype=torch.bool, device=device)
        for step in range(max_new):
            logp = decoder.step(tokens).float().log_softmax(-1).unflatten(0, (batch, beams))
            size = logp.shape[-1]
            total = (score[..., None] + logp).flatten(1)
            # Twice as many as needed: no more than one in two can be an ending.
            highest, place = total.topk(min(2 * beams, total.shape[1]), 1)
            origin, token = place // size, place % size
            longer = texts.gather(1, origin[..., None].expand(-1, -1, max_new))
            longer[:, :, step] = token
            ending = token == END
            counted = ending & (highest > -torch.inf) & ~done[:, None]
            counted[:, beams:] = False
            norm = (step + 1) ** length_penalty
            best.offer((highest / norm).masked_fill(~counted, -torch.inf), longer, step + 1)
            ended = ended + counted.sum(1)
            # The first candidates that go on, in order.
            order = ending.to(torch.int8).argsort(dim=1, stable=True)[:, :beams]
            score, token, origin = (x.gather(1, order) for x in (highest, token, origin))
            texts = longer.gather(1, order[..., None].expand(-1, -1, max_new))
            done = done | (ended >= beams) | (best.score >= score[:, 0] / norm)
            if all_ended(done, step) or (stop is not None and stop()):
                break
            tokens = token.flatten()
            decoder.select((first_row + origin).flatten())
        open_ended = (score / (step + 1) ** length_penalty).masked_fill(done[:, None], -torch.inf)
        best.offer(open_ended, texts, step + 1)
    return best
