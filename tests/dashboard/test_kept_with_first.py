"""What is worked out from a state of the store is kept as long as that state is, and no longer."""

from __future__ import annotations

import gc
import weakref

from dashboard.services import tradeoff_verdict, tradeoff_view, tradeoffs
from dashboard.services.kept import kept_with_first
from tests.dashboard.planted_tradeoffs import FLASH, full, plant
from tests.tradeoff.handmade import cell


class Snapshot:
    """Of a store that grows."""


def test_what_is_kept_of_something_is_found_once_and_goes_with_it():
    found = []

    @kept_with_first(2)
    def repeated(owner: Snapshot, number: int) -> list[Snapshot]:
        found.append(number)
        return [owner] * number

    owner = Snapshot()
    assert repeated(owner, 2) is repeated(owner, 2)
    assert [len(repeated(owner, number)) for number in (1, 3, 2)] == [1, 3, 2]
    assert found == [2, 1, 3, 2]  # of two the longest unused went
    gone = weakref.ref(owner)
    del owner
    gc.collect()
    assert gone() is None


def test_while_a_study_runs_no_more_than_the_last_states_are_held(store):
    full(store)
    known = []
    for length in range(8):
        found = tradeoffs.everything(store)
        setting = found.settings[0]
        shown = tradeoff_view.shown(found, setting, (2048,), "time_s", "output_error")
        assert shown is tradeoff_view.shown(found, setting, (2048,), "time_s", "output_error")
        assert tradeoff_verdict.sentences(shown)
        known.append(weakref.ref(found))
        plant(store, [cell(FLASH, 512 + length, 0.01)])
    del found, setting, shown
    gc.collect()
    most = tradeoffs._everything.cache_info().maxsize
    assert most is not None and most < 8
    assert sum(one() is not None for one in known) <= most
