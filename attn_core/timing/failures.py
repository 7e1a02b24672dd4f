"""What went wrong, as an outcome and one sentence."""

from __future__ import annotations

import torch

from attn_core.timing.row import Outcome

# What torch says when a CPU allocation is refused; on CUDA it has an exception of its own.
REFUSED_MEMORY = ("can't allocate memory", "not enough memory", "out of memory")
LONGEST_MESSAGE = 300


def outcome_of(problem: BaseException) -> tuple[Outcome, str]:
    """A ValueError is a method's way of refusing; too little memory is a result; anything else is an error."""
    lines = str(problem).strip().splitlines()
    sentence = (lines[0] if lines else type(problem).__name__)[:LONGEST_MESSAGE]
    if isinstance(problem, (MemoryError, torch.OutOfMemoryError)):
        return "oom", sentence
    if isinstance(problem, RuntimeError) and any(text in str(problem) for text in REFUSED_MEMORY):
        return "oom", sentence
    if isinstance(problem, ValueError):
        return "unsupported", sentence
    return "error", f"{type(problem).__name__}: {sentence}"
