"""Every method as its own sequence of real arrays, the last of which is the operator's output."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch

from attn_core.steps import (
    anything,
    decayed,
    exact,
    featured,
    hashed,
    levels,
    linformer,
    low_rank,
    nystrom,
    patterned,
    tiled,
)
from attn_core.steps.after import after
from attn_core.steps.before import Text, before
from attn_core.steps.saturation import Softened, softened
from attn_core.steps.step import STRIP, Array, Call, Kind, Step, Work, strip_of

SEQUENCES: Mapping[str, Callable[[Call], tuple[Step, ...]]] = {
    "softmax": exact.steps,
    "flash": tiled.steps,
    "linformer": linformer.steps,
    "nystromformer": nystrom.steps,
    "low_rank": low_rank.steps,
    "performer": featured.performer,
    "kernelized": featured.kernelized,
    "longformer": patterned.steps,
    "sparse_transformer": patterned.steps,
    "bigbird": patterned.steps,
    "reformer": hashed.steps,
    "multiscale": levels.steps,
    "ssd": decayed.steps,
}


@torch.no_grad()
def steps_of(call: Call) -> tuple[Step, ...]:
    """From Q, K, V to the output, in the method's own way. A call that it cannot honour is its ValueError."""
    call.op.check_call(call.q, call.k, call.v, None, call.causal)
    return SEQUENCES.get(call.method.name, anything.steps)(call)


__all__ = [
    "SEQUENCES", "STRIP", "Array", "Call", "Kind", "Softened", "Step", "Text", "Work",
    "after", "before", "softened", "steps_of", "strip_of",
]  # fmt: skip
