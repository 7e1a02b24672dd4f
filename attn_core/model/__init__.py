"""Layers around the attention operators."""

from attn_core.model.layers import AttentionLayer

__all__ = ["AttentionLayer"]
