"""What can be done as a job: one handler for each kind of run. Named, not imported: pages and the supervisor
submit work that only the child loads."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from attn_core.jobs.context import Context

# Does the work, and says whether all of it is done.
Handler = Callable[[Context], bool]
HANDLERS: dict[str, str] = {
    "sweep": "attn_core.jobs.sweeps:measure",
    "figure-z": "attn_core.jobs.figure_z:train",
    "tradeoff": "attn_core.jobs.tradeoffs:study",
    "map": "attn_core.jobs.maps:draw_map",
}


def handler(kind: str, more: str = "") -> Handler:
    """The handler of a kind. `more` names a module whose HANDLERS, also `kind: "module:function"`, come on top."""
    known = {**HANDLERS, **(import_module(more).HANDLERS if more else {})}
    if kind not in known:
        raise ValueError(
            f"no job can be run of the kind {kind!r}; known kinds: {', '.join(known)}"
        )
    module, _, name = known[kind].partition(":")
    return getattr(import_module(module), name)
