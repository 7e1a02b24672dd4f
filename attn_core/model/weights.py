"""Where a model's weights come from: drawn from a seed, taken from a teacher, or read from a file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from attn_core.model.config import Seq2SeqConfig
from attn_core.model.seq2seq import Seq2Seq

CONFIG, SEED = "config", "seed"


def load_shared(model: Seq2Seq, state: Mapping[str, Tensor]) -> list[str]:
    """Take over every weight that does not belong to an attention operator, which keeps its own. The names in
    `state` that the model has no use for come back: an operator's, and the keys of one that needs none."""
    mine = model.state_dict()
    shared = {name for name in mine if not of_operator(name)}
    missing = sorted(shared - set(state))
    if missing:
        raise ValueError(
            f"weights: {len(missing)} are missing, first {missing[0]!r}; teacher and student must have the "
            "same sizes, positions and convolution"
        )
    for name in shared:
        if state[name].shape != mine[name].shape:
            raise ValueError(
                f"weights: {name} is {tuple(state[name].shape)}, the model needs {tuple(mine[name].shape)}"
            )
    skipped = sorted(set(state) - shared)
    strange = [name for name in skipped if not of_operator(name) and not model.spares_key(name)]
    if strange:
        raise ValueError(
            f"weights: the model has no place for {strange[0]!r} and {len(strange) - 1} more; teacher and "
            "student must have the same sizes, positions and convolution"
        )
    with torch.no_grad():
        for name in shared:
            mine[name].copy_(state[name])
    return skipped


def of_operator(name: str) -> bool:
    """Whether a weight belongs to an attention operator: the only ones that depend on the method."""
    return ".op." in name


def save(model: Seq2Seq, path: Path | str) -> None:
    """Weights, configuration and seed in one safetensors file; some operators draw what they do from the seed."""
    state = {name: x.detach().cpu().contiguous() for name, x in model.state_dict().items()}
    save_file(state, str(path), metadata={CONFIG: model.config.to_json(), SEED: str(model.seed)})


def config_in(path: Path | str) -> Seq2SeqConfig:
    """The configuration alone of a file that `save` wrote."""
    return Seq2SeqConfig.from_json(_open(path)[0][CONFIG])


def load(path: Path | str, device: torch.device | str = "cpu") -> Seq2Seq:
    """The model of a file that `save` wrote, in evaluation mode."""
    metadata, state = _open(path, tensors=True)
    model = Seq2Seq(Seq2SeqConfig.from_json(metadata[CONFIG]), int(metadata.get(SEED, "0")))
    mine = model.state_dict()
    wrong = sorted(
        name
        for name in mine.keys() ^ state.keys() | mine.keys() & state.keys()
        if name not in mine or name not in state or mine[name].shape != state[name].shape
    )
    if wrong:
        raise ValueError(
            f"model: {str(path)!r} does not fit its configuration, first at {wrong[0]!r}"
        )
    model.load_state_dict(state)
    return model.to(device).eval()


def _open(path: Path | str, tensors: bool = False) -> tuple[dict[str, str], dict[str, Tensor]]:
    """What is written about the model, and its weights where they are asked for."""
    if not Path(path).is_file():
        raise ValueError(f"model: no file {str(path)!r}")
    try:
        with safe_open(str(path), framework="pt", device="cpu") as file:
            metadata = file.metadata() or {}
            names = file.keys() if tensors else ()
            state = {name: file.get_tensor(name) for name in names}
    except SafetensorError as error:
        raise ValueError(f"model: {str(path)!r} is no safetensors file ({error})") from error
    if CONFIG not in metadata:
        raise ValueError(f"model: {str(path)!r} holds no configuration, so it is none of ours")
    return metadata, state
