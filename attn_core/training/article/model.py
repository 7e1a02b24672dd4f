"""The article's model: one pre-norm layer on each side, attention without projections, and one attention for both."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attn_core import Dims, get_method
from attn_core.contract import AttentionOp
from attn_core.model.config import Attention
from attn_core.training.article.protocol import DROPOUT, EXACT
from attn_core.training.head import Head

# Parameters whose name begins so are the method's own; all others are alike for every method.
OWN = "mixing."


class DenseBand(nn.Module):
    """Longformer as the article has it: all N×N scores, then a mask. Only for timing: it costs O(N²)."""

    def __init__(self, window: int) -> None:
        super().__init__()
        self.window = window

    def forward(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        position = torch.arange(q.shape[2], device=q.device)
        far = (position[:, None] - position).abs() > self.window
        scores = (q @ k.transpose(-2, -1)) * q.shape[-1] ** -0.5
        return scores.masked_fill(far, -torch.inf).softmax(-1) @ v


def build_mixing(attention: Attention, width: int, length: int, seed: int) -> AttentionOp:
    """The method's operator with one head, as it is trained. Exact attention runs fused: the same numbers."""
    name = "flash" if attention.method in EXACT else attention.method
    params = dict(attention.params)
    op = get_method(name).build(
        Dims(1, width, length, length), seed=params.pop("seed", seed), **params
    )
    if attention.method == "linformer":
        with torch.no_grad():
            # Ours begins at a variance of 1/N, the article's E at 1.
            for drawn in op.parameters():
                drawn.mul_(length**0.5)
    return op


def dense_mixing(attention: Attention, width: int, length: int, seed: int) -> nn.Module | None:
    """The form with all N×N scores, where it is not what is trained."""
    if attention.method == "softmax":
        return get_method("softmax").build(Dims(1, width, length, length), seed=seed)
    params = attention.params
    if attention.method == "longformer" and (params["global_tokens"], params["dilation"]) == (
        0,
        1,
    ):
        return DenseBand(int(params["window"]))
    return None


class ArticleModel(nn.Module):
    """Noise (B, N, d) and tokens (B, N), places in a table of those that occur, to hidden states (B, N, d)."""

    def __init__(
        self, mixing: nn.Module, width: int, tokens: int, vocabulary: int, seed: int
    ) -> None:
        super().__init__()
        self.mixing = mixing
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.embedding = nn.Embedding(tokens, width)
            self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(5))
            self.encoder_mlp = _feedforward(width)
            self.decoder_mlp = _feedforward(width)
            self.head = nn.Linear(width, vocabulary)

    def forward(self, noise: Tensor, tokens: Tensor) -> Tensor:
        memory = self._add(noise, self._mix(self.norms[0](noise)))
        memory = self._add(memory, self.encoder_mlp(self.norms[1](memory)))
        x = self.embedding(tokens)
        x = self._add(x, self._mix(self.norms[2](x)))
        x = self._add(x, _cross(self.norms[3](x), memory))
        return self._add(x, self.decoder_mlp(self.norms[4](x)))

    def output(self, hidden: Tensor) -> Head:
        """The logits of hidden states, (B·N, V), not made yet."""
        return Head(hidden.flatten(0, 1), self.head.weight, self.head.bias)

    def logits(self, noise: Tensor, tokens: Tensor) -> Tensor:
        """All of them at once: what a forward pass is when it is timed."""
        return self.head(self(noise, tokens))

    def start_from(self, other: ArticleModel) -> None:
        """Its weights, but for what belongs to the method."""
        shared = {k: v for k, v in other.state_dict().items() if not k.startswith(OWN)}
        self.load_state_dict(
            shared | {k: v for k, v in self.state_dict().items() if k.startswith(OWN)}
        )

    def _mix(self, x: Tensor) -> Tensor:
        x = x[:, None]
        return self.mixing(x, x, x)[:, 0]

    def _add(self, x: Tensor, more: Tensor) -> Tensor:
        return x + F.dropout(more, DROPOUT, self.training)


def _feedforward(width: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(width, 4 * width), nn.ReLU(), nn.Linear(4 * width, width))


def _cross(x: Tensor, memory: Tensor) -> Tensor:
    """Standard attention, whatever the method."""
    q, k = x[:, None], memory[:, None]
    return F.scaled_dot_product_attention(q, k, k)[:, 0]
