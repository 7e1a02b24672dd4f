"""Patterns taken apart: their parts, their cost, their receptive field, and what of exact attention they miss."""

from attn_core.masks.anatomy import Anatomy, RunAnatomy, anatomy_of
from attn_core.masks.buckets import BucketAnatomy
from attn_core.masks.everyone import Everyone, everyone
from attn_core.masks.mass import exact_sums, lost_mass
from attn_core.masks.reach import MOST_LAYERS, arrivals, last_arrival, wanted
from attn_core.masks.shares import Shares, shares

__all__ = [
    "MOST_LAYERS",
    "Anatomy",
    "BucketAnatomy",
    "Everyone",
    "RunAnatomy",
    "Shares",
    "anatomy_of",
    "arrivals",
    "everyone",
    "exact_sums",
    "last_arrival",
    "lost_mass",
    "shares",
    "wanted",
]
