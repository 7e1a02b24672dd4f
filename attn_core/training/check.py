"""Everything that a run can be refused for, asked before there is one: by the command line, by pages, and by the run
itself once more."""

from __future__ import annotations

import torch

from attn_core.training.article.protocol import Settings
from attn_core.training.controlled.plan import config_of
from attn_core.training.material import check_sources
from attn_core.training.spec import FigureZSpec

# Stands for the size of any vocabulary.
SOME = 2**12


def check_run(spec: FigureZSpec, *, fetch: bool = True) -> None:
    """A ValueError of one sentence. Without `fetch` a tokenizer that only the hub has stays there."""
    check_settings(spec)
    check_sources(spec, fetch=fetch)


def check_settings(spec: FigureZSpec) -> None:
    """What the protocol and the machine have against it, whatever it reads."""
    if spec.device == "cuda" and not torch.cuda.is_available():
        raise ValueError("device cuda: torch finds no CUDA device here; allowed: cpu")
    if spec.protocol == "article":
        Settings.of(spec.to_json())
    else:
        config_of(spec, SOME)
