"""Looking at attention matrices that do not fit: pooled maps and statistics, in bounded memory."""

from attn_core.views.bins import bin_edges
from attn_core.views.metric import NOT_FINITE, Metric, heads_without, why_not_distributions
from attn_core.views.pooling import Progress, ignore_progress, pooled
from attn_core.views.summary import Statistics, statistics

__all__ = [
    "NOT_FINITE",
    "Metric",
    "Progress",
    "Statistics",
    "bin_edges",
    "heads_without",
    "ignore_progress",
    "pooled",
    "statistics",
    "why_not_distributions",
]
