"""Sources as pages and routes name them: models by a name that anyone may type, and what was read stays at hand.
No streamlit here."""

from __future__ import annotations

from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from attn_core.jobs import models
from attn_core.model import weights
from attn_core.model.config import Seq2SeqConfig
from attn_core.sources import SHIPPED, Source, SourceSpec, load_source
from attn_core.store import Run, Store, StoreError
from dashboard.services.kept import Kept

MOST, MOST_BYTES = 4, 2**30
MOST_RUNS = 10


def find_model(name: str) -> Path:
    """The file of the shipped model, or of one that a run keeps, named `run id/file name`."""
    return models.find_model(Store(), name)


def model_names(store: Store | None = None) -> list[str]:
    """The shipped model, and those of the newest finished runs of Figure Z that read the shipped tokenizer."""
    names = [SHIPPED]
    with suppress(StoreError):
        store = store or Store()
        runs = [run for run in store.runs() if run.kind == "figure-z"][:MOST_RUNS]
        names += [
            f"{run.id}/{file}"
            for run in runs
            if _reads_ours(run)
            for file in models.models_of(store, run.id)
        ]
    return names


def _reads_ours(run: Run) -> bool:
    return (
        run.settings.get("protocol") == "controlled" and run.settings.get("tokenizer") == SHIPPED
    )


def model_config(name: str) -> Seq2SeqConfig:
    """Its sizes and methods, without its weights."""
    return _config(find_model(name))


@lru_cache(maxsize=64)
def _config(path: Path) -> Seq2SeqConfig:
    return weights.config_in(path)


def source_of(spec: SourceSpec) -> Source:
    """The source, read once and then kept; a ValueError says in one sentence what cannot be had."""
    path = None if spec.kind == "synthetic" else find_model(spec.model)
    # The file too: a run may give the same name to another one.
    return _known.get((spec, path), lambda: load_source(spec, find_model))


def weight(source: Source) -> int:
    """Bytes of what is looked at."""
    inside = source.inside
    tensors = [source.q, source.k, source.v]
    if inside is not None:
        tensors += [inside.embedded, inside.entering, inside.normed, inside.attended]
        tensors += [inside.joined, inside.leaving]
    return sum(x.numel() * x.element_size() for x in tensors)


# One by one: looking inside a model listens to whatever passes through it.
_known: Kept[Source] = Kept(MOST, weight, MOST_BYTES, one_by_one=True)
