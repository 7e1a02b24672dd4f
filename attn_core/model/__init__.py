"""Layers around the attention operators, and the translator made of them."""

from attn_core.model.beam import beam
from attn_core.model.config import EXACT, IDENTITY, Attention, Seq2SeqConfig
from attn_core.model.decoding import Decoder, greedy
from attn_core.model.layers import AttentionLayer
from attn_core.model.seq2seq import Seq2Seq, record
from attn_core.model.states import decoding_state
from attn_core.model.weights import load, load_shared, save

__all__ = [
    "EXACT",
    "IDENTITY",
    "Attention",
    "AttentionLayer",
    "Decoder",
    "Seq2Seq",
    "Seq2SeqConfig",
    "beam",
    "decoding_state",
    "greedy",
    "load",
    "load_shared",
    "record",
    "save",
]
