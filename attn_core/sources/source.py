"""Queries, keys and values that every view looks at: from inside a trained model, or drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from attn_core.contract import ROLES, AttentionMethod, AttentionOp, Dims, Shape
from attn_core.methods import get_method
from attn_core.model import weights
from attn_core.model.config import IDENTITY, Attention
from attn_core.model.inside import Inside, look_inside
from attn_core.model.seq2seq import Seq2Seq
from attn_core.sources.spec import SHIPPED, SourceSpec
from attn_core.sources.synthetic import draw

if TYPE_CHECKING:
    from attn_core.corpus.tokenizer import Tokenizer

# A model's file by the name that a source gives it.
FindModel = Callable[[str], Path]
# Where in a model each role attends.
PLACES = {"encoder": "the encoder", "decoder": "the decoder", "cross": "cross-attention"}


@dataclass(frozen=True, eq=False)
class Source:
    """One sequence: q (1, H, N, D), k and v (1, H, M, D). Labels are tokens and `query_ids` their numbers, where
    there are any; `inside` is the layer they come from."""

    spec: SourceSpec
    q: Tensor
    k: Tensor
    v: Tensor
    title: str
    query_labels: tuple[str, ...] | None = None
    key_labels: tuple[str, ...] | None = None
    query_ids: tuple[int, ...] | None = None
    inside: Inside | None = None
    trained: Attention | None = None

    @property
    def causal(self) -> bool:
        return self.spec.role == "decoder"

    @property
    def heads(self) -> int:
        return self.q.shape[1]

    @property
    def queries(self) -> int:
        return self.q.shape[2]

    @property
    def keys(self) -> int:
        return self.k.shape[2]

    @property
    def dims(self) -> Dims:
        return Dims(self.heads, self.q.shape[3], self.queries, self.keys)

    @property
    def shape(self) -> Shape:
        """Of one call over all heads."""
        return Shape(1, self.heads, self.queries, self.keys, self.q.shape[3], causal=self.causal)

    def check(self, method: str) -> AttentionMethod:
        """The method, if it can serve here: as many keys as queries do not make another text one's own."""
        definition = get_method(method)
        if self.spec.role == "cross" and "cross" not in definition.roles:
            allowed = ", ".join(role for role in ROLES if role in definition.roles)
            raise ValueError(f"{method}: the cross role is not supported, allowed: {allowed}")
        definition.check_role(self.queries, self.keys, self.causal)
        return definition

    def operator(self, method: str, **params: Any) -> AttentionOp:
        """The method for these sizes. Where the model was trained with this very method, its own operator, with
        the weights it learned; a method that cannot serve here is a ValueError."""
        definition = self.check(method)
        if self.inside is not None and self.trained is not None and self.trained.method == method:
            asked = definition.resolve(params)
            if asked == definition.resolve(dict(self.trained.params)):
                return self.inside.attention.op
        return definition.build(self.dims, seed=int(params.pop("seed", 0)), **params)


def thinned(source: Source, head: int, most: int) -> Source:
    """One head of at most `most` queries and keys, evenly spaced, for what would take too long on all. Where both
    are one text they stay the same tokens. The layer they come from is left out: its operator knows all heads."""
    rows, columns = evenly(source.queries, most), evenly(source.keys, most)
    one = slice(head, head + 1)
    query_labels, key_labels = source.query_labels, source.key_labels
    return replace(
        source,
        q=source.q[:, one, rows],
        k=source.k[:, one, columns],
        v=source.v[:, one, columns],
        query_labels=query_labels and tuple(query_labels[i] for i in rows),
        key_labels=key_labels and tuple(key_labels[j] for j in columns),
        inside=None,
    )


def evenly(length: int, most: int) -> list[int]:
    """At most `most` places out of `length`, the first among them."""
    count = min(length, most)
    return [place * length // count for place in range(count)]


def shipped_model(name: str) -> Path:
    """Knows the model that comes with the project, and no other."""
    if name != SHIPPED:
        raise ValueError(f"source: model must be {SHIPPED!r} here, got {name!r}")
    # What reads texts loads tokenizers: only once a text is read.
    from attn_core.training.teacher import FILE, MODELS

    return MODELS / FILE


def load_source(spec: SourceSpec, find_model: FindModel = shipped_model) -> Source:
    """A ValueError says, in one sentence, what cannot be had."""
    if spec.kind == "synthetic":
        q, k, v = draw(spec)
        title = (
            f"{spec.structure} queries and keys, score spread {spec.spread:g}, seed {spec.seed}"
        )
        return Source(spec, q, k, v, title)
    from attn_core.sources.texts import read

    model = load_model(find_model(spec.model))
    tokenizer = tokenizer_of(model)
    english, french = read(spec, tokenizer)
    source = torch.tensor([english.ids])
    target = None if french is None else torch.tensor([french.ids])
    inside = look_inside(model, spec.role, spec.layer, source, target)
    asking = english if spec.role == "encoder" or french is None else french
    answering = english if spec.role != "decoder" or french is None else french
    held = model.config.attention(spec.role)
    what = "own text" if spec.kind == "text" else f"document {spec.document:,}"
    return Source(
        spec=spec,
        q=inside.q,
        k=inside.k,
        v=inside.v,
        title=f"{what} in {PLACES[spec.role]}, layer {spec.layer}, of the {spec.model} model",
        query_labels=asking.labels,
        key_labels=answering.labels,
        query_ids=asking.ids,
        inside=inside,
        trained=None if held.method == IDENTITY else held,
    )


@lru_cache(maxsize=4)
def load_model(path: Path) -> Seq2Seq:
    return weights.load(path)


def tokenizer_of(model: Seq2Seq) -> Tokenizer:
    """The shipped one, if the model counts as many pieces; others were trained with tokenizers that are not here."""
    from attn_core.corpus.tokenizer import shipped_tokenizer

    tokenizer = shipped_tokenizer()
    if model.config.vocabulary != tokenizer.size:
        raise ValueError(
            f"source: the model reads {model.config.vocabulary:,} pieces, the shipped tokenizer has "
            f"{tokenizer.size:,}; choose a model trained with the shipped one"
        )
    return tokenizer
