"""Where the matrices that are looked at come from."""

from attn_core.sources.affordable import TooLarge, check_affordable
from attn_core.sources.sides import SIDES, Sides, build_sides, work_of
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
    "check_affordable",
    "evenly",
    "load_source",
    "shipped_model",
    "thinned",
    "work_of",
]
