"""Looking at attention matrices that do not fit: pooled maps and statistics, in bounded memory."""

from attn_core.views.bins import bin_edges
from attn_core.views.blocks import Progress, ignore_progress
from attn_core.views.difference import DifferenceView
from attn_core.views.metric import NOT_FINITE, Metric, heads_without, why_not_distributions
from attn_core.views.pooling import pooled
from attn_core.views.summary import Statistics, statistics
from attn_core.views.tiles import Grid, Tile, tile

__all__ = [
    "NOT_FINITE",
    "DifferenceView",
    "Grid",
    "Metric",
    "Progress",
    "Statistics",
    "Tile",
    "bin_edges",
    "heads_without",
    "ignore_progress",
    "pooled",
    "statistics",
    "tile",
    "why_not_distributions",
]
