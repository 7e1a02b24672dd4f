"""Matrices that readers look at, built once and kept while they are looked at. No streamlit here."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from threading import Lock
from typing import Any

from torch import Tensor

from attn_core.jobs.maps import find_map, load_overview
from attn_core.matrix import MatrixView
from attn_core.sources import Sides, Source, ViewSpec, build_sides, work_of
from attn_core.store import Store
from attn_core.views import Grid
from attn_core.views.overview import Overview, needs_overview, survey
from dashboard.services.kept import Kept
from dashboard.services.sources import find_model, source_of

MOST, MOST_BYTES = 4, 3 * 2**29
# Operations that two cores do in half a second or less.
QUICK = 2**35


class NotBuilt(Exception):
    """This view has to be built first, which takes seconds."""

    def __init__(self, spec: ViewSpec) -> None:
        super().__init__(spec.id)
        self.spec = spec


class Built:
    """One view's matrices by head, with what was found out about them so far."""

    def __init__(self, spec: ViewSpec) -> None:
        self.spec = spec
        self.source: Source = source_of(spec.source)
        self.sides = build_sides(spec, self.source)
        self.grid = Grid(*self.sides.exact.shape)
        # Fine tiles are not kept waiting while an overview is made.
        self.lock, self.surveying = Lock(), Lock()
        self.heads: dict[int, Sides] = {}
        self.overviews: dict[int, Overview] = {}

    def head(self, head: int) -> Sides:
        with self.lock:
            if head not in self.heads:
                self.heads[head] = self.sides.one(head)
            return self.heads[head]

    def overview(self, head: int) -> Overview | None:
        """Made now where that takes no longer than a reader waits; else read, or None if its job is not done."""
        sides = self.head(head)
        with self.surveying:
            if head in self.overviews:
                return self.overviews[head]
            if needs_overview(self.grid.queries, self.grid.keys):
                run = find_map(store := Store(), self.spec)
                found = run and load_overview(store, run, head, sides)
            else:
                found = survey(sides.exact, sides.method)
            if found is not None:
                self.overviews[head] = found
            return found


def built(spec: ViewSpec) -> Built:
    """A ValueError says in one sentence why there is no such view, before anyone waits for it. What is quick to
    build does not wait for what is not."""
    key = _key(spec)
    for known in _known.at_hand(key):
        return known
    with _turns[_is_quick(spec)]:
        return _known.get(key, lambda: Built(spec))


def at_hand(spec: ViewSpec) -> Built:
    """For those who must not be kept waiting: a NotBuilt where building takes seconds."""
    if not _known.at_hand(_key(spec)) and not _is_quick(spec):
        raise NotBuilt(spec)
    return built(spec)


def _key(spec: ViewSpec) -> tuple[str, Path | None]:
    """The file too: a run may give the same name to another one."""
    return spec.id, None if spec.source.kind == "synthetic" else find_model(spec.source.model)


def _is_quick(spec: ViewSpec) -> bool:
    return work_of(spec, source_of(spec.source)) <= QUICK


def weight(one: Built) -> int:
    """Bytes of the tensors behind a view's matrices, each counted once."""
    views = [view for view in (one.sides.exact, one.sides.method) if view is not None]
    storages = [x.untyped_storage() for view in views for x in _tensors(view)]
    return sum({storage.data_ptr(): storage.nbytes() for storage in storages}.values())


def _tensors(thing: Any) -> Iterable[Tensor]:
    """Of a matrix: what it holds itself, and what its pattern holds."""
    if isinstance(thing, Tensor):
        yield thing
    elif isinstance(thing, list):
        for one in thing:
            yield from _tensors(one)
    elif isinstance(thing, MatrixView):
        held = [*vars(thing).values(), *vars(thing.pattern or object).values()]
        yield from _tensors([one for one in held if isinstance(one, Tensor | list)])


_known: Kept[Built] = Kept(MOST, weight, MOST_BYTES)
# One by one: two large ones at once would need twice the memory.
_turns = {True: Lock(), False: Lock()}
