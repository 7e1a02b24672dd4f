"""The verdict on what is shown, and where each of its sentences can be seen. No streamlit here."""

from __future__ import annotations

from typing import Any

from attn_core.tradeoff.axes import AXES
from attn_core.tradeoff.stored import StoredRun
from attn_core.tradeoff.verdict import Sentence, Verdict, verdict
from dashboard import state
from dashboard.services.kept import kept_with_first
from dashboard.services.tradeoff_crossings import crossings_of
from dashboard.services.tradeoff_view import Shown
from dashboard.services.tradeoffs import KIND, Everything, Setting

# Which tab has the evidence of a view; what is seen in the chart itself has none.
TABS = {"crossings": "Crossovers", "trust": "Error and quality", "coverage": "Front"}


def sentences(shown: Shown) -> tuple[Sentence, ...]:
    """About the lengths that are drawn."""
    return of_setting(shown.everything, shown.setting, shown.lengths).sentences


def length_of(shown: Shown) -> int:
    """The length that most of it is about."""
    found = of_setting(shown.everything, shown.setting, shown.lengths).length
    return found if found in shown.lengths else shown.lengths[-1]


@kept_with_first()
def of_setting(found: Everything, setting: Setting, lengths: tuple[int, ...] = ()) -> Verdict:
    """Of one setting, at the best known of some lengths or of all."""
    table = found.of(setting)
    runs = found.runs_of(table)
    asked = {run.run_id: methods_asked(run) for run in runs}
    return verdict(table, crossings_of(runs), found.table, lengths, asked)[0]


def methods_asked(run: StoredRun) -> list[str]:
    """Of a study all that it was to measure; its time may have been up before."""
    named = run.settings.get("methods", []) if run.kind == KIND else []
    return [one for one in named if isinstance(one, str)]


def tab_of(sentence: Sentence) -> str | None:
    """The tab with the evidence of a sentence; None where it is the chart."""
    return TABS.get(sentence.evidence.get("view", ""))


def place_of(sentence: Sentence) -> str:
    """The evidence in words."""
    named = {None: "the chart", TABS["coverage"]: "what was measured"}
    return named.get(tab := tab_of(sentence), str(tab))


def shows(sentence: Sentence) -> dict[str, Any]:
    """The settings of the page that show what a sentence is about."""
    evidence = sentence.evidence
    wanted: dict[str, Any] = {}
    names = [name for name in evidence.get("axes", ()) if name in AXES]
    # A tab shows its evidence whatever is drawn above it.
    if len(names) == 2 and tab_of(sentence) is None:
        wanted |= {state.D_X: names[0], state.D_Y: names[1]}
    if "length" in evidence.get("filter", {}):
        wanted[state.D_AT] = [str(evidence["filter"]["length"])]
    if tab := tab_of(sentence):
        wanted[state.D_TAB] = tab
    if against := evidence.get("filter", {}).get("against"):
        wanted[state.D_AGAINST] = against
    return wanted


def named_point(shown: Shown, sentence: Sentence) -> str | None:
    """Of the points that a sentence names the last approximation: exact methods, which are named first, have little to
    look at. Without one the first."""
    ids = list(sentence.evidence.get("ids", ()))
    table = shown.everything.table
    approximate = set(table.loc[table["id"].isin(ids) & ~table["exact"].astype(bool), "id"])
    return next((one for one in reversed(ids) if one in approximate), next(iter(ids), None))
