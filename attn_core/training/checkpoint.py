"""Tensors and a little text in one safetensors file: written whole, or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

STATE = "state"


class CheckpointError(ValueError):
    """A file that is not what a training left."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path}: not a checkpoint of this training; delete it to start anew")


def save(path: Path, tensors: Mapping[str, Tensor], state: Mapping[str, Any]) -> None:
    """A process killed meanwhile leaves the file that was there before."""
    plain = {name: x.detach().cpu().contiguous().clone() for name, x in tensors.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    save_file(plain, partial, metadata={STATE: json.dumps(state)})
    with partial.open("rb") as written:
        os.fsync(written.fileno())
    partial.replace(path)


def load(
    path: Path, device: str | torch.device = "cpu"
) -> tuple[dict[str, Tensor], dict[str, Any]] | None:
    """What was saved; None where there is no such file."""
    if not path.exists():
        return None
    try:
        with safe_open(path, framework="pt", device=str(device)) as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dict
            return tensors, json.loads((file.metadata() or {})[STATE])
    except (SafetensorError, KeyError, ValueError) as problem:
        raise CheckpointError(path) from problem


def beginning(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """Those whose name begins so, without it."""
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
