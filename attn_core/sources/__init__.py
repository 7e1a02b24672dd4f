"""Where the matrices that are looked at come from."""

from attn_core.sources.source import FindModel, Source, evenly, load_source, shipped_model, thinned
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
    "evenly",
    "load_source",
    "shipped_model",
    "thinned",
]
