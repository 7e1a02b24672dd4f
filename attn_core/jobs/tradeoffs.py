"""The handler of trade-off studies: the study measures and yields events, this puts them into the store."""

from __future__ import annotations

from attn_core.jobs.context import Context
from attn_core.jobs.sweeps import INTERRUPTED, keep_environment
from attn_core.timing.events import Progress, RowReady, Started
from attn_core.tradeoff.judged import judged
from attn_core.tradeoff.spec import StudySpec
from attn_core.tradeoff.study import run_study
from attn_core.tradeoff.study_events import Ended, FidelityReady, StudyEvent

CELL, FIDELITY = "cell", "fidelity"


def study(context: Context) -> bool:
    """Goes on from what the run has; done when nothing is uncertain any more, or the time is up."""
    spec = StudySpec.from_json(context.job.spec)
    run_id = context.job.run_id
    finished = {kind: context.store.rows(run_id, kind) for kind in (CELL, FIDELITY)}

    def emit(event: StudyEvent) -> None:
        if isinstance(event, Started):
            keep_environment(context, event.environment)
        elif isinstance(event, Progress):
            context.report(_progress(event))
        elif isinstance(event, Ended):
            context.report(_end(event))
        elif not _broken(context, event):
            kind = FIDELITY if isinstance(event, FidelityReady) else event.kind
            context.keep(kind, event.key, event.row)
        context.on_event(event)

    known = judged(context.store)
    ended = run_study(spec, finished=finished, emit=emit, stop=context.stop, judged=known)
    return ended.why != "stopped"


def _broken(context: Context, event: RowReady | FidelityReady) -> bool:
    """A measuring process that was ended by our own stop is no result."""
    return context.stop() and event.row["outcome"] in INTERRUPTED


def _progress(event: Progress) -> dict[str, object]:
    return {
        "done": event.done,
        "total": event.total,
        "cell": event.cell,
        "seconds_left": event.seconds_left,
    }


def _end(event: Ended) -> dict[str, object]:
    """The last word on a study, beside what its rows say."""
    return {
        "done": event.measured,
        "total": event.measured + event.unmeasured,
        "cell": str(event),
        "seconds_left": 0.0,
        "why": event.why,
        "promising": event.promising,
    }
