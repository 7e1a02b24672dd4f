"""Where the matrices that are looked at come from."""

from attn_core.sources.source import FindModel, Source, load_source, shipped_model
from attn_core.sources.spec import KINDS, LONGEST, LONGEST_TEXT, SHIPPED, STRUCTURES, SourceSpec

__all__ = [
    "KINDS",
    "LONGEST",
    "LONGEST_TEXT",
    "SHIPPED",
    "STRUCTURES",
    "FindModel",
    "Source",
    "SourceSpec",
    "load_source",
    "shipped_model",
]
