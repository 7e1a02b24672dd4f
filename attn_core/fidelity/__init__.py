"""How far an attention method is from exact softmax attention, on given q, k and v."""

from attn_core.fidelity.comparison import compare
from attn_core.fidelity.report import Report
from attn_core.views import Metric

__all__ = ["Metric", "Report", "compare"]
