"""Where a Figure Z run stands, in the few words above its bar. No streamlit here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from attn_core.naming import called
from dashboard.figures.amounts import duration, rate

STAGES = {
    "teacher": "training the teacher",
    "transfer": "attention transfer",
    "logits": "distilling logits",
}


def progress_words(progress: Mapping[str, Any], curves: pd.DataFrame) -> str:
    """Stage and method, step, tokens a second, what is left: from the job, and from the newest point of its curves."""
    last = curves.iloc[-1].to_dict() if len(curves) else {}
    words = [str(progress.get("cell") or _stage(last)), _step(last), _rate(last), _done(progress)]
    left = progress.get("seconds_left")
    if left is not None:
        words.append(f"about {duration(left)} left")
    return " · ".join(word for word in words if word) or "Starting."


def _stage(last: Mapping[str, Any]) -> str:
    if not last:
        return ""
    stage = STAGES.get(str(last["stage"]), str(last["stage"]))
    return stage if last["student"] == "teacher" else f"{called(last['method'])}: {stage}"


def _step(last: Mapping[str, Any]) -> str:
    if not last or pd.isna(last["step"]):
        return ""
    return f"step {int(last['step']):,} of {int(last['steps']):,}"


def _rate(last: Mapping[str, Any]) -> str:
    known = bool(last) and pd.notna(last["tokens_per_s"]) and last["tokens_per_s"] > 0
    return rate(last["tokens_per_s"]) if known else ""


def _done(progress: Mapping[str, Any]) -> str:
    total = progress.get("total") or 0
    return f"{progress.get('done') or 0} of {total} parts" if total else ""
