"""Faults seen through padding: what a mask says is not there must not matter."""

from __future__ import annotations

import torch
from torch import Tensor

from benchmarks.adapters import linformer, nystrom
from benchmarks.comparison import HEADS, WIDTH, heads, relative_error, tokens
from benchmarks.faults.fault import Fault, change
from benchmarks.ours import build_op, layer_side
from benchmarks.packages import load

LENGTH, REAL = 256, 192
KEEP = torch.arange(LENGTH)[None] < REAL


def changed_padding(x: Tensor) -> Tensor:
    other = x.clone()
    other[..., REAL:, :] = tokens(LENGTH, seed=1)[..., REAL:, : x.shape[-1]]
    return other


def performer_truncation() -> tuple[float, float]:
    peer = load("performer_pytorch").SelfAttention(WIDTH, heads=HEADS, nb_features=256).eval()
    x, (q, k, v) = tokens(LENGTH), heads(LENGTH)
    op = build_op("performer", LENGTH)
    with torch.no_grad():
        theirs = relative_error(peer(x, mask=KEEP)[:, :REAL], peer(x[:, :REAL]))
        short = op(q[:, :, :REAL], k[:, :, :REAL], v[:, :, :REAL])
        ours = relative_error(op(q, k, v, key_keep=KEEP)[:, :, :REAL], short)
    return theirs, ours


def linformer_ignores_mask() -> tuple[float, float]:
    peer, x = linformer.package(LENGTH), tokens(LENGTH)
    op = linformer.shared_op(LENGTH, peer)
    linears = {"query": peer.to_q, "key": peer.to_k, "value": peer.to_v, "output": peer.to_out}
    ours = layer_side(op, linears, KEEP)
    before, after, real = (x,), (changed_padding(x),), slice(REAL)
    theirs = change(lambda x: peer(x, input_mask=KEEP, mask=KEEP), before, after, real)
    return theirs, change(ours.call, before, after, real)


def hugging_face_landmarks() -> tuple[float, float]:
    peer, x = nystrom.self_attention(LENGTH), tokens(LENGTH)
    padding = torch.where(KEEP, 0.0, -10000.0)[:, None, None, :]
    linears = {"query": peer.query, "key": peer.key, "value": peer.value, "output": None}
    op = build_op("nystromformer", LENGTH, landmarks=nystrom.LANDMARKS)
    before, after, real = (x,), (changed_padding(x),), slice(REAL)
    theirs = change(lambda x: peer(x, attention_mask=padding)[0], before, after, real)
    return theirs, change(layer_side(op, linears, KEEP).call, before, after, real)


def nystrom_front_padding() -> tuple[float, float | None]:
    """Its own result with a mask that says every token is real is the reference."""
    length = REAL + 1
    peer, x = nystrom.lucidrains(), tokens(length)
    everything = torch.ones(1, length, dtype=torch.bool)
    q, k, v = heads(length)
    op = build_op("nystromformer", length, landmarks=nystrom.LANDMARKS)
    with torch.no_grad():
        theirs = relative_error(peer(x), peer(x, mask=everything))
        ours = relative_error(op(q, k, v), op(q, k, v, key_keep=everything))
    return theirs, ours


def multihead_all_padded() -> tuple[float, float]:
    """Share of outputs that are not numbers when one sample of two is all padding."""
    peer = torch.nn.MultiheadAttention(WIDTH, HEADS, batch_first=True).eval()
    x = tokens(8, batch=2)
    keep = torch.tensor([[True] * 8, [False] * 8])
    with torch.no_grad():
        theirs = peer(x, x, x, key_padding_mask=~keep)[0]
        ours = build_op("flash", 8)(*heads(8, batch=2), key_keep=keep)
    return theirs.isnan().float().mean().item(), ours.isnan().float().mean().item()


FAULTS = (
    Fault(
        "performer-pytorch",
        "padding stays in the denominator",
        "256 tokens of which 64 are masked, against the same 192 tokens alone: relative error",
        performer_truncation,
    ),
    Fault(
        "linformer",
        "a mask is accepted and ignored",
        "content of masked tokens replaced: relative change of the real tokens' output",
        linformer_ignores_mask,
    ),
    Fault(
        "HF Nyströmformer",
        "landmark means include padding",
        "content of masked tokens replaced: relative change of the real tokens' output",
        hugging_face_landmarks,
    ),
    Fault(
        "nystrom-attention",
        "the zeros it pads with in front are attended to unless a mask is given",
        "193 tokens and 64 landmarks, no mask against an all-true mask: relative difference",
        nystrom_front_padding,
    ),
    Fault(
        "nn.MultiheadAttention",
        "a sample that is all padding gives NaN",
        "one of two samples fully masked: share of output entries that are NaN",
        multihead_all_padded,
    ),
)
