"""Several runs side by side: only what differs between them, and their rows in one table. No streamlit here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from attn_core.amounts import size
from attn_core.exchange.document import TRADEOFF
from attn_core.naming import called
from attn_core.store import Run, Store
from dashboard.figures.amounts import sizes_line
from dashboard.services.history import names, results
from dashboard.services.wording import listed

MOST = 6
SETTING_NAMES = {
    "protocol": "Protocol",
    "preset": "Preset",
    "scale": "Scale",
    "methods": "Methods",
    "length": "Trained length",
    "lengths": "Lengths",
    "seeds": "Seeds",
    "data": "Data",
    "tokenizer": "Tokenizer",
    "width": "Width",
    "layers": "Layers",
    "positions": "Positions",
    "convolution": "Convolution",
    "teacher_steps": "Teacher steps at most",
    "transfer_steps": "Transfer steps",
    "student_steps": "Student steps",
    "learning_rate": "Learning rate",
    "temperature": "Temperature",
    "patience": "Patience",
    "pass": "Pass",
    "role": "Role",
    "keys": "Keys M",
    "batch": "Batch",
    "heads": "Heads",
    "head_dim": "Head width",
    "dtype": "dtype",
    "device": "Device",
    "threads": "Threads asked for",
    "seed": "Seed",
    "seconds": "Seconds a cell",
    "precision": "Precision",
    "timeout": "Longest call, s",
}
ENVIRONMENT_NAMES = {
    "cpu": "Processor",
    "cores": "Logical cores",
    "threads": "CPU threads",
    "total_memory": "Memory",
    "gpus": "GPU",
    "torch": "torch",
    "python": "Python",
    "system": "System",
    "cpu_capability": "Vector instructions",
    "math_libraries": "Math libraries",
    "sdpa_backends": "Exact attention kernels",
}
NONE = "–"


def differences(
    runs: Sequence[Run], environments: Mapping[str, Mapping[str, Any]]
) -> pd.DataFrame:
    """A line for every fact that is not the same in all of the runs, a column for each run."""
    named = names(runs)
    facts = [_facts(run.settings, environments.get(run.environment_id, {})) for run in runs]
    # The order in which methods or lengths were chosen explains no number.
    sorted_facts = [_facts(_in_order(run.settings), {}) for run in runs]
    alike = [known | ordered for known, ordered in zip(facts, sorted_facts, strict=True)]
    order = list(dict.fromkeys(name for known in facts for name in known))
    found = {
        name: [known.get(name, NONE) for known in facts]
        for name in order
        if len({known.get(name, NONE) for known in alike}) > 1
    }
    columns = [named[run.id] for run in runs]
    return pd.DataFrame(
        found.values(), index=pd.Index(found, name="What differs"), columns=columns
    )


def overlay(store: Store, runs: Sequence[Run]) -> pd.DataFrame:
    """The rows of all the runs, with the run's name in the column `run`."""
    named = names(runs)
    tables = [results(store, run).rows.assign(run=named[run.id]) for run in runs]
    return pd.concat([found for found in tables if len(found)] or tables, ignore_index=True)


def mixed(runs: Sequence[Run]) -> str:
    """Why these runs cannot be held against each other; empty where they can."""
    kinds = {run.kind for run in runs}
    if kinds == {TRADEOFF}:
        return "Trade-off studies are held against each other on the Trade-offs page."
    if len(kinds) < 2:
        return ""
    return f"Runs of the kinds {listed(sorted(kinds))} measure different things: choose runs of one kind."


def setting(runs: Sequence[Run]) -> str:
    """The sizes all of them share, or that they do not, for a figure's subtitle."""
    lines = list(dict.fromkeys(sizes_line(run.settings) for run in runs))
    return lines[0] if len(lines) == 1 else "The runs have different settings"


def where(runs: Sequence[Run], environments: Mapping[str, Mapping[str, Any]]) -> str:
    """The machines of the runs, for a figure's foot."""
    lines = [environments.get(run.environment_id, {}).get("line", "") for run in runs]
    return "\n".join(dict.fromkeys(filter(None, lines))) or "environment unknown"


def sentence(runs: Sequence[Run], found: pd.DataFrame, rows: pd.DataFrame) -> str:
    """What the comparison can and cannot say, read off the data."""
    return differ(found, _shared(rows), "cell")


def differ(found: pd.DataFrame, shared: int, what: str) -> str:
    """The facts that are not the same, and how much there is to compare."""
    if found.empty:
        return "The runs have the same settings and the same environment: any difference is noise or load."
    causes = listed([f"**{name}**" for name in found.index])
    common = (
        f"{shared} {f'{what} was' if shared == 1 else f'{what}s were'} measured in all of them."
        if shared
        else f"No {what} was measured in all of them."
    )
    return f"They differ in {causes}. {common}"


def _shared(rows: pd.DataFrame) -> int:
    """Cells, by label and length, that have a time in every run."""
    if rows.empty:
        return 0
    timed = rows[rows["median_s"].notna()]
    runs = rows["run"].nunique()
    cells = Counter(zip(timed["label"], timed["queries"], strict=True))
    return sum(count == runs for count in cells.values())


def _facts(settings: Mapping[str, Any], environment: Mapping[str, Any]) -> dict[str, str]:
    """Everything that may explain a different number, as text."""
    asked = {
        title: _setting(name, settings[name])
        for name, title in SETTING_NAMES.items()
        if name in settings
    }
    here = {
        title: _environment(name, environment[name])
        for name, title in ENVIRONMENT_NAMES.items()
        if name in environment
    }
    return asked | here


def _in_order(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings with methods by name and the shortest length first."""
    keys = {"methods": _method, "lengths": int}
    return dict(settings) | {
        name: sorted(settings[name], key=key) for name, key in keys.items() if name in settings
    }


def _setting(name: str, value: Any) -> str:
    if name == "methods":
        return ", ".join(_method(one) for one in value)
    if isinstance(value, (list, tuple)):
        return ", ".join(f"{item:,}" for item in value)
    return NONE if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _method(one: Mapping[str, Any]) -> str:
    """The method, and its parameters where they are not the defaults."""
    from attn_core.timing.spec import Choice

    try:
        return called(Choice(one["method"], one.get("params") or {}).label)
    except ValueError:  # measured with a method, or a setting, that is not known here
        return str(one["method"])


def _environment(name: str, value: Any) -> str:
    if name == "gpus":
        return ", ".join(gpu["name"] for gpu in value) or "none"
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value)) or "none"
    if name == "total_memory":
        return NONE if value is None else size(value)
    return str(value)
