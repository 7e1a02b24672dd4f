"""The handler of sweeps: the timing part measures and yields events, this puts them into the store."""

from __future__ import annotations

from typing import Any

from attn_core.jobs.context import Context
from attn_core.timing.spec import SweepSpec
from attn_core.timing.sweep import Event, Progress, RowReady, Started, run_sweep

# A measuring process that was ended by our own stop looks like one of these.
INTERRUPTED = ("error", "oom", "cancelled")


def measure(context: Context) -> bool:
    """Measures the cells that the run does not have yet."""
    spec = SweepSpec.from_json(context.job.spec)

    def emit(event: Event) -> None:
        if isinstance(event, Started):
            keep_environment(context, event.environment)
        elif isinstance(event, Progress):
            context.report(
                {
                    "done": event.done,
                    "total": event.total,
                    "cell": event.cell,
                    "seconds_left": event.seconds_left,
                }
            )
        elif isinstance(event, RowReady):
            if context.stop() and event.row["outcome"] in INTERRUPTED:
                return
            context.keep(event.kind, event.key, event.row)
        context.on_event(event)

    run_sweep(spec, finished=context.finished, emit=emit, stop=context.stop)
    return {cell.key for cell in spec.cells} <= context.finished


def keep_environment(context: Context, facts: dict[str, Any]) -> None:
    """The run keeps the environment it began in; rows measured later say where themselves."""
    environment_id = context.store.environment(facts)
    if not context.store.run(context.job.run_id).environment_id:
        context.store.set_environment(context.job.run_id, environment_id)
