"""Inputs drawn once and kept for the batches after: a teacher's pass over a long text takes longer than the comparisons
of a batch. They are files, because each batch has a child of its own."""

from __future__ import annotations

from pathlib import Path

from safetensors import safe_open
from safetensors.torch import save_file

from attn_core.sources import Source, SourceSpec, load_source
from attn_core.timing.spec import DTYPES
from attn_core.tradeoff.sources import source_spec
from attn_core.tradeoff.spec import StudySpec

# What does not fit is drawn again: 40 draws of 2,048 tokens in eight heads of 64, or five of 16,384.
MOST_BYTES = 2**29
PARTS = ("q", "k", "v")


def drawn(spec: StudySpec, name: str, length: int, draw: int, folder: Path | None) -> Source:
    """Queries, keys and values alone, as the study wants them: every method stands alone here, without the layer that
    they come from. A ValueError says why there is no such input."""
    wanted = source_spec(name, length, spec.role, spec.heads, spec.head_dim, spec.seed, draw)
    path = folder and folder / f"{name} {length} {draw}.safetensors"
    if path and path.exists():
        return _read(path, wanted, spec.device)
    source = load_source(wanted)
    if source.queries != length:
        raise ValueError(f"{name} has only {source.queries:,} tokens, not {length:,}")
    dtype = DTYPES[spec.device][spec.dtype]
    q, k, v = (
        one.detach().to(device=spec.device, dtype=dtype) for one in (source.q, source.k, source.v)
    )
    found = Source(wanted, q, k, v, source.title)
    if path:
        _keep(path, found)
    return found


def _read(path: Path, wanted: SourceSpec, device: str) -> Source:
    with safe_open(path, "pt", device=device) as file:
        q, k, v = (file.get_tensor(part) for part in PARTS)
        return Source(wanted, q, k, v, file.metadata()["title"])


def _keep(path: Path, source: Source) -> None:
    """Whole or not at all, since a child may end at any time."""
    parts = {part: getattr(source, part).cpu().contiguous() for part in PARTS}
    held = sum(one.stat().st_size for one in path.parent.iterdir())
    if held + sum(one.nbytes for one in parts.values()) > MOST_BYTES:
        return
    unready = path.with_suffix(".part")
    save_file(parts, unready, {"title": source.title})
    unready.replace(path)
