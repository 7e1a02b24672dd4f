"""Two LSH attentions beside a `reformer` layer: 4 rounds, buckets of 64, queries that are keys."""

from __future__ import annotations

from typing import Any

from benchmarks.clock import Side
from benchmarks.comparison import HEAD_DIM, HEADS, WIDTH, Comparison, Pair, both, tokens
from benchmarks.ours import build_op, layer_side
from benchmarks.packages import hugging_face, load

BUCKET, ROUNDS = 64, 4


def lucidrains() -> Any:
    return load("reformer_pytorch").LSHSelfAttention(
        dim=WIDTH, heads=HEADS, bucket_size=BUCKET, n_hashes=ROUNDS, causal=False
    )


def lsh_self_attention(length: int, **settings: Any) -> Any:
    package = hugging_face("reformer")
    # The number of buckets it would choose itself, given so that it does not warn.
    chosen = {"num_buckets": 2 * (length // BUCKET)} | settings
    config = package.ReformerConfig(
        hidden_size=WIDTH,
        num_attention_heads=HEADS,
        attention_head_size=HEAD_DIM,
        lsh_attn_chunk_length=BUCKET,
        num_hashes=ROUNDS,
        lsh_attention_probs_dropout_prob=0.0,
        is_decoder=False,
        **chosen,
    )
    return package.LSHSelfAttention(config)


def build_lucidrains(length: int) -> Pair:
    peer = lucidrains()
    op = build_op("reformer", length, bucket=BUCKET, rounds=ROUNDS)
    ours = layer_side(op, {"query": peer.toqk, "value": peer.tov, "output": peer.to_out})
    return Pair(ours, Side(peer, (peer,)), (tokens(length),))


def build_hugging_face(length: int) -> Pair:
    peer = lsh_self_attention(length)
    op = build_op("reformer", length, bucket=BUCKET, rounds=ROUNDS)
    ours = layer_side(op, {"query": peer.query_key, "value": peer.value, "output": None})
    side = Side(lambda x: peer(x).hidden_states, (peer,))
    return Pair(ours, side, (tokens(length),))


RANDOM = "other rotations, duplicates counted in every round, a first chunk that sees the last"

COMPARISONS = (
    Comparison(
        name="reformer layer / reformer-pytorch",
        method="reformer",
        peer="reformer-pytorch LSHSelfAttention, 4 rounds, buckets of 64",
        scope="layer",
        build=build_lucidrains,
        targets=both(2.5, 2),
        differs=RANDOM,
    ),
    Comparison(
        name="reformer layer / HF Reformer",
        method="reformer",
        peer="transformers LSHSelfAttention, 4 rounds, buckets of 64",
        scope="layer",
        build=build_hugging_face,
        targets=both(3, 2),
        differs=RANDOM,
        note="no output projection on either side",
    ),
)
