"""A translator: encoder, decoder and cross-attention, each with the attention method of its choice."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import contextmanager

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attn_core.contract import LARGEST
from attn_core.model.blocks import Convolution, DecoderBlock, EncoderBlock, Norm
from attn_core.model.config import Seq2SeqConfig
from attn_core.model.layers import AttentionLayer
from attn_core.model.positions import AddedPositions


class Seq2Seq(nn.Module):
    """`forward` gives the decoder's hidden states, not logits: those are vocabulary times as many numbers, and a
    loss takes them piece by piece from `head_weight`.

    `keep` marks real tokens of the source; None says that none are padding, which is faster. A causal decoder
    needs no `target_keep` for padding at the end: nothing real looks there. The start token is real.
    """

    def __init__(self, config: Seq2SeqConfig, seed: int = 0) -> None:
        super().__init__()
        self.config, self.seed = config, seed
        # Modules draw weights when they are made; that must not move the global generator.
        with torch.random.fork_rng(devices=[]):
            self._build(config, seed)
        initialise(self, seed)

    def _build(self, config: Seq2SeqConfig, seed: int) -> None:
        self.embedding = nn.Embedding(config.vocabulary, config.width)
        added = config.positions, config.width, config.max_length
        self.source_positions, self.target_positions = (AddedPositions(*added) for _ in range(2))
        layers = range(config.layers)
        self.encoder = nn.ModuleList(EncoderBlock(config, n, seed) for n in layers)
        self.decoder = nn.ModuleList(DecoderBlock(config, n, seed) for n in layers)
        self.encoder_norm = Norm(config.norm, config.width)
        self.decoder_norm = Norm(config.norm, config.width)
        self.head = None
        if not config.tied:
            self.head = nn.Parameter(torch.empty(config.vocabulary, config.width))

    @property
    def head_weight(self) -> Tensor:
        """(vocabulary, width): the embedding, or a matrix of its own."""
        return self.embedding.weight if self.head is None else self.head

    def logits(self, hidden: Tensor) -> Tensor:
        return F.linear(hidden, self.head_weight)

    def encode(self, source: Tensor, keep: Tensor | None = None) -> Tensor:
        """(B, N) → the memory (B, N, width)."""
        x = self.embedded(source, self.source_positions)
        for block in self.encoder:
            x = block(x, keep)
        return self.encoder_norm(x)

    def decode(
        self,
        target: Tensor,
        memory: Tensor,
        source_keep: Tensor | None = None,
        target_keep: Tensor | None = None,
    ) -> Tensor:
        """(B, T) → hidden states (B, T, width); state t predicts the token after target[t]."""
        x = self.embedded(target, self.target_positions)
        for block in self.decoder:
            x = block(x, memory, source_keep, target_keep)
        return self.decoder_norm(x)

    def forward(
        self,
        source: Tensor,
        target: Tensor,
        source_keep: Tensor | None = None,
        target_keep: Tensor | None = None,
    ) -> Tensor:
        return self.decode(target, self.encode(source, source_keep), source_keep, target_keep)

    def embedded(self, tokens: Tensor, positions: AddedPositions, start: int = 0) -> Tensor:
        """Of unit variance, with whatever positions are added."""
        x = positions(self.embedding(tokens) * self.config.width**0.5, start)
        return F.dropout(x, self.config.dropout, self.training)

    def attention_layers(self) -> list[AttentionLayer]:
        """The encoder's, then the decoder's over itself, then those over the memory."""
        return [
            *(block.self_attention.attention for block in self.encoder_blocks()),
            *(block.self_attention.attention for block in self.decoder_blocks()),
            *(block.cross_attention.attention for block in self.decoder_blocks()),
        ]

    def encoder_blocks(self) -> list[EncoderBlock]:
        return [block for block in self.encoder if isinstance(block, EncoderBlock)]

    def decoder_blocks(self) -> list[DecoderBlock]:
        return [block for block in self.decoder if isinstance(block, DecoderBlock)]

    def spares_key(self, name: str) -> bool:
        """Whether a weight is the key projection of a layer that needs none."""
        layer, _, rest = name.rpartition(".key.")
        found = dict(self.named_modules()).get(layer)
        return rest == "weight" and isinstance(found, AttentionLayer) and found.key is None


@contextmanager
def record(model: Seq2Seq) -> Iterator[list[Tensor]]:
    """Collects what every attention layer puts out, in the order of `attention_layers`, at each forward pass
    anew. A pass that only encodes fills the encoder's places."""
    outputs: list[Tensor] = []
    found: dict[int, Tensor] = {}

    def hook(index: int):
        def keep(module: nn.Module, inputs: tuple, output: Tensor) -> None:
            if index == 0:
                found.clear()
            found[index] = output
            outputs[:] = [found[place] for place in sorted(found)]

        return keep

    layers = enumerate(model.attention_layers())
    handles = [layer.register_forward_hook(hook(index)) for index, layer in layers]
    try:
        yield outputs
    finally:
        for handle in handles:
            handle.remove()


@torch.no_grad()
def initialise(model: Seq2Seq, seed: int) -> None:
    """Weights drawn by seed and name, so that they are the same whatever attention stands between them.
    Operators have drawn their own."""
    norms = {id(one.weight) for one in model.modules() if isinstance(one, Norm)}
    depth = (2 * model.config.layers) ** -0.5
    taps = {id(one.weight) for one in model.modules() if isinstance(one, Convolution)}
    for name, weight in model.named_parameters():
        if ".op." in name or id(weight) in norms:
            continue
        generator = torch.Generator().manual_seed((zlib.crc32(name.encode()) + seed) % LARGEST)
        size = weight.shape[1] ** -0.5
        if id(weight) in taps:
            size *= 0.5
        if name.endswith(("output.weight", "narrow.weight")):
            size *= depth
        if "positions" in name:
            size = 0.5
        weight.normal_(0.0, size, generator=generator)
