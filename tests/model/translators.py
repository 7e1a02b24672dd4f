"""Small translators of every kind, and texts for them."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from attn_core import METHODS
from attn_core.model import Attention, Seq2Seq, Seq2SeqConfig
from tests.laws.cases import SETTINGS

VOCABULARY, LENGTH = 23, 24

# Of each method that has settings, the first whose patterns matter at a few dozen tokens. Reformer gets one
# bucket, for with several its groups depend on later tokens: it has a test of its own.
SMALL: dict[str, dict[str, Any]] = {name: SETTINGS.get(name, ({},))[0] for name in METHODS} | {
    "reformer": {"bucket": 64}
}
ATTENTIONS = [Attention(name, params) for name, params in SMALL.items()] + [Attention("identity")]
DECODERS = [one for one in ATTENTIONS if one.holds("decoder")]


def config(attention: Attention | None = None, **settings: Any) -> Seq2SeqConfig:
    sizes = {"vocabulary": VOCABULARY, "width": 16, "heads": 2, "max_length": LENGTH}
    made = Seq2SeqConfig(**{**sizes, **settings})
    return made if attention is None else made.with_method(attention)


def translator(attention: Attention | None = None, seed: int = 0, **settings: Any) -> Seq2Seq:
    return Seq2Seq(config(attention, **settings), seed).double().eval()


def tokens(batch: int = 2, length: int = LENGTH, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(3, VOCABULARY, (batch, length), generator=generator)


def ending_at(*lengths: int, length: int = LENGTH) -> Tensor:
    """A keep mask of rows with that many real tokens."""
    return torch.arange(length) < torch.tensor(lengths)[:, None]


def near(a: Tensor, b: Tensor, tolerance: float = 1e-9) -> bool:
    return float((a.detach() - b.detach()).abs().max()) < tolerance
