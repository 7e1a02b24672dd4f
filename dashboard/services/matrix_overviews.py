"""Whether the coarse levels of large matrices are there, and how far their jobs are. No streamlit here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from attn_core import jobs
from attn_core.sources import ViewSpec
from attn_core.store import Store
from attn_core.store.state import LIVE
from dashboard.figures.amounts import duration
from dashboard.services.matrices import Beside
from dashboard.services.tiles import state
from dashboard.services.told_views import address


@dataclass(frozen=True)
class Made:
    """Of all views on the page together: `progress` from 0 to 1 while a job lives, `eta` in seconds of those that have
    begun, `later` those that wait for them."""

    needed: bool
    ready: bool
    live: bool = False
    progress: float = 0.0
    eta: float | None = None
    later: int = 0
    failed: str = ""

    @property
    def words(self) -> str:
        if self.eta is None:
            return "Making the overview: the worker starts"
        then = f", then {self.later} more" if self.later else ""
        return f"Making the overview: {self.progress:.0%}, about {duration(self.eta)} left{then}"


def made(specs: Sequence[ViewSpec]) -> Made:
    """What is missing of the views' overviews."""
    found = [state({"view": address(spec)}) for spec in specs]
    if all(one["ready"] for one in found):
        return Made(any(one["needs_overview"] for one in found), True)
    live = [one for one in found if one["state"] in LIVE]
    told = [one["eta"] for one in live if one["eta"] is not None]
    ended = [
        one["state"] for one in found if not one["ready"] and one["state"] not in (None, *LIVE)
    ]
    return Made(
        needed=True,
        ready=False,
        live=bool(live),
        progress=sum(one["progress"] or 0.0 for one in found) / len(found),
        eta=sum(told) if told else None,
        later=len(live) - len(told),
        failed="" if live or not ended else f"The last attempt ended as {ended[0]}.",
    )


def shown_whole(methods: Sequence[Beside]) -> str:
    """Which maps need no overview: means of products of thin factors cost the same at every level."""
    names = [one.method.short_title for one in methods if one.view.factors() is not None]
    if not names:
        return ""
    told = f"The means of {' and '.join(names)} are shown whole already"
    return f"{told}: it is the exact side that needs the overview, and with it errors and maxima."


def make(store: Store, specs: Sequence[ViewSpec]) -> None:
    """One job a view; a job that is there already is taken as it is."""
    for spec in specs:
        jobs.submit_map(store, spec)


def stop(store: Store, specs: Sequence[ViewSpec]) -> None:
    for spec in specs:
        run = state({"view": address(spec)})["run"]
        if run is not None:
            jobs.cancel(store, run)
