"""A training of the article on disk: weights and Adam's moments as tensors, where it stands as text."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn

from attn_core.training import checkpoint
from attn_core.training.checkpoint import CheckpointError

MODEL, MOMENTS = "model.", "moments."


def save(
    path: Path, model: nn.Module, optimizer: torch.optim.Optimizer | None, state: Mapping[str, Any]
) -> None:
    tensors = {MODEL + name: x for name, x in model.state_dict().items()}
    if optimizer is not None:
        for index, moments in optimizer.state_dict()["state"].items():
            tensors |= {f"{MOMENTS}{index}.{name}": x for name, x in moments.items()}
    checkpoint.save(path, tensors, state)


def load(
    path: Path, model: nn.Module, optimizer: torch.optim.Optimizer | None
) -> dict[str, Any] | None:
    """Puts everything back and returns the state; None where there is no such file."""
    found = checkpoint.load(path)
    if found is None:
        return None
    tensors, state = found
    try:
        model.load_state_dict(checkpoint.beginning(tensors, MODEL))
    except RuntimeError as problem:
        raise CheckpointError(path) from problem
    moments: dict[int, dict[str, torch.Tensor]] = {}
    for name, x in checkpoint.beginning(tensors, MOMENTS).items():
        index, what = name.split(".")
        moments.setdefault(int(index), {})[what] = x
    if optimizer is not None and moments:
        optimizer.load_state_dict(optimizer.state_dict() | {"state": moments})
    return state
