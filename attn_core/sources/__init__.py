"""Where the matrices that are looked at come from."""

from attn_core.sources.sides import SIDES, Sides, TooLarge, build_sides
from attn_core.sources.source import FindModel, Source, evenly, load_source, shipped_model, thinned
from attn_core.sources.spec import KINDS, LONGEST, LONGEST_TEXT, SHIPPED, STRUCTURES, SourceSpec
from attn_core.sources.view_spec import ViewSpec

__all__ = [
    "KINDS",
    "LONGEST",
    "LONGEST_TEXT",
    "SHIPPED",
    "SIDES",
    "STRUCTURES",
    "FindModel",
    "Sides",
    "Source",
    "SourceSpec",
    "TooLarge",
    "ViewSpec",
    "build_sides",
    "evenly",
    "load_source",
    "shipped_model",
    "thinned",
]
