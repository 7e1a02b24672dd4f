"""Rows of a Figure Z from strangers, held against the settings that they claim to belong to."""

from __future__ import annotations

from attn_core.exchange.document import ROWS_OF, Document
from attn_core.exchange.figure_z_rows import CHECKS, IDENTITY, Known
from attn_core.exchange.plain import listed, text
from attn_core.timing.row import Row
from attn_core.training.spec import FigureZSpec


def check_figure_z(document: Document, spec: FigureZSpec) -> dict[tuple[str, str], Row]:
    """The rows of a run by kind and key."""
    text(spec.data, "data of the settings")
    text(spec.tokenizer, "tokenizer of the settings")
    known = Known(_labels(spec), range(spec.seed, spec.seed + spec.seeds), spec.lengths)
    found: dict[tuple[str, str], Row] = {}
    for part, kind in ROWS_OF.items():
        for place, row in enumerate(listed(document[part], part), start=1):
            where = f"{kind} {place}"
            name = CHECKS[kind](row, where, known)
            if (kind, name) in found:
                raise ValueError(f"import: {where} is there twice: {name}")
            text(row["run_id"], f"run_id of {where}")
            found[kind, name] = row
    return found


def _labels(spec: FigureZSpec) -> frozenset[str]:
    """The methods as the rows of this protocol call them."""
    if spec.protocol == "article":
        # Only here: it brings all that trains.
        from attn_core.training.article.protocol import Settings

        try:
            settings = Settings.of(spec.to_json())
        except ValueError as problem:
            raise ValueError(f"import: the settings are refused: {problem}") from None
        return frozenset(one.label for one in (settings.teacher, *settings.methods))
    return frozenset(("flash", IDENTITY, *(one.label for one in spec.methods)))
