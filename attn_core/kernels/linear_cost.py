"""What linear attention costs, in one place for every method built on it."""

from __future__ import annotations

from attn_core.contract import Cost, Shape
from attn_core.kernels.features import CHUNK, ELEMENTS


def linear_attention_cost(shape: Shape, features: int, feature_flops: int) -> Cost:
    """`features` is the width of φ; `feature_flops` what making φ of all queries and keys takes."""
    width = shape.head_dim
    state = 2 * shape.slices * (shape.queries + shape.keys) * features * width
    inside = 0
    if shape.causal:
        chunked = shape.slices * -(-shape.queries // CHUNK) * CHUNK
        inside = 2 * chunked * CHUNK * (features + width)
    wide = max(4, shape.element_size)
    held = min(4 * ELEMENTS, shape.slices * shape.keys * (features + width))
    return Cost(
        flops=state + inside + feature_flops,
        bytes_moved=shape.io_bytes,
        peak_bytes=shape.output_bytes + wide * (held + shape.slices * features * width),
    )
