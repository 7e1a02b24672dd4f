"""Long work outside the process that asks for it: a queue, one supervisor, one child for each job."""

from attn_core.jobs.perform import Waiting
from attn_core.jobs.submit import (
    cancel,
    ensure_worker,
    resume,
    run_here,
    submit_figure_z,
    submit_map,
    submit_sweep,
    submit_tradeoff,
)
from attn_core.jobs.supervisor import work

__all__ = [
    "Waiting",
    "cancel",
    "ensure_worker",
    "resume",
    "run_here",
    "submit_figure_z",
    "submit_map",
    "submit_sweep",
    "submit_tradeoff",
    "work",
]
