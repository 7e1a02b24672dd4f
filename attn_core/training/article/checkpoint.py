"""A training on disk: weights and Adam's moments as safetensors, the rest beside them as text in the same file."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import nn

MODEL, MOMENTS = "model.", "moments."


class CheckpointError(ValueError):
    """A file that is not what a training left."""


def save(
    path: Path, model: nn.Module, optimizer: torch.optim.Optimizer | None, state: Mapping[str, Any]
) -> None:
    """Whole or not at all: a process killed meanwhile leaves the file before it."""
    tensors = {MODEL + name: x.detach().contiguous() for name, x in model.state_dict().items()}
    if optimizer is not None:
        for index, moments in optimizer.state_dict()["state"].items():
            tensors |= {f"{MOMENTS}{index}.{name}": x for name, x in moments.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    save_file(tensors, partial, metadata={"state": json.dumps(state)})
    with partial.open("rb") as written:
        os.fsync(written.fileno())
    partial.replace(path)


def load(
    path: Path, model: nn.Module, optimizer: torch.optim.Optimizer | None
) -> dict[str, Any] | None:
    """Puts everything back and returns the state; None where there is no such file."""
    if not path.exists():
        return None
    try:
        with safe_open(path, framework="pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dict
            state = json.loads((file.metadata() or {})["state"])
        weights = {k.removeprefix(MODEL): v for k, v in tensors.items() if k.startswith(MODEL)}
        model.load_state_dict(weights)
    except (SafetensorError, KeyError, RuntimeError, ValueError) as problem:
        raise CheckpointError(
            f"{path}: not a checkpoint of this training; delete it to start anew"
        ) from problem
    moments: dict[int, dict[str, torch.Tensor]] = {}
    for name, x in tensors.items():
        if name.startswith(MOMENTS):
            index, what = name.removeprefix(MOMENTS).split(".")
            moments.setdefault(int(index), {})[what] = x
    if optimizer is not None and moments:
        optimizer.load_state_dict(optimizer.state_dict() | {"state": moments})
    return state
