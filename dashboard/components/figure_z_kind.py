"""What the job panel needs to know of Figure Z runs."""

from __future__ import annotations

from dashboard import state
from dashboard.components.job_panel import Kind
from dashboard.services.figure_z import can_resume

FIGURE_Z = Kind(
    "run",
    state.Z_RUN_CHOSEN,
    state.Z_RUN_BOX,
    "Stop within seconds. What was trained and measured is kept, and the rest can be resumed.",
    "Go on from the last checkpoint. The numbers come out as without the break.",
    can_resume,
)
