"""What the job panel needs to know of studies."""

from __future__ import annotations

from dashboard import state
from dashboard.components.job_panel import Kind
from dashboard.services.tradeoffs import can_resume

STUDY = Kind(
    "study",
    state.D_RUN_CHOSEN,
    state.D_RUN_BOX,
    "Stop after the current point. Every point that was measured is kept and valid.",
    "Go on with the points that are missing, for as long again.",
    can_resume,
    "points",
)
