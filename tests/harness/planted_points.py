"""Points at known places, for tests and benchmarks of the linked views: a page of nothing but the component.

    streamlit run tests/harness/planted_points.py

The address says what is drawn: ?points=grid, few&n=1, apart or many&n=20000, and &facets=1&hide=1&published=1&choose=1.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import streamlit as st

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from attn_core import METHODS
from dashboard.components.linked_points import Group, LinkedData, Quantity, linked_points
from dashboard.figures.palette import mark

HOSTILE = '<img src=x onerror=alert(1)> & "quotes" \u202e'
QUANTITIES = (
    Quantity("time_s", "Time", "s", log=True),
    Quantity("memory_bytes", "Peak memory", "bytes", log=True),
    Quantity("flops", "FLOPs", "FLOPs", log=True),
    Quantity("floor_share", "Share of the floor", "share", "higher"),
    Quantity("output_error", "Output error", "share", log=True),
    Quantity("row_kl", "Row KL", "nats", log=True),
    Quantity("top_k_recall", "Recall of the largest 8", "share", "higher"),
    Quantity("token_accuracy", "Token accuracy", "share", "higher"),
    Quantity("bleu", "BLEU", "score", "higher"),
    Quantity("agreement_accuracy", "Agreement accuracy", "share", "higher"),
    Quantity("generalization", "Generalization", "×", "higher"),
)
GROUPS = tuple(
    Group(name, one.title, mark(one).colour, mark(one, dark=True).colour, mark(one).shape)
    for name, one in METHODS.items()
)
LENGTHS = (1024, 4096, 16384)
BUDGETS = (16, 32, 64, 128, 256)


def grid() -> pd.DataFrame:
    """Six points at 1, 2, 4 ms × error 1% or 10 %: which of them a rectangle holds is plain to see."""
    rows = [
        {
            "id": f"{group} {step}", "label": f"{title} {step}", "group": group, "line": group, "order": step,
            "facet": "N = 1,024" if step < 2 else "N = 4,096", "time_s": 1e-3 * 2**step, "output_error": error,
            "output_error_low": error * 0.8, "output_error_high": error * 1.3, "memory_bytes": 2.0**20 * 4**step,
            "top_k_recall": 0.5 + 0.1 * step if group == "performer" else np.nan, "source": HOSTILE,
        }
        for group, title, error in (("performer", "Performer", 0.1), ("longformer", HOSTILE, 0.01))
        for step in range(3)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def apart() -> pd.DataFrame:
    """The same, with a point that errs by rounding alone."""
    exact = {
        "id": "softmax", "label": "Softmax", "group": "softmax", "line": None, "order": 0, "facet": "N = 1,024",
        "time_s": 5e-3, "output_error": 1e-7, "memory_bytes": 2.0**23, "source": "",
    }  # fmt: skip
    return pd.concat([grid(), pd.DataFrame([exact])], ignore_index=True)


def many(n: int) -> pd.DataFrame:
    """As many points as asked, in the shape of a study: methods × lengths × budgets, measured over and over."""
    dice = np.random.default_rng(0)
    at = np.arange(n)
    method = at % len(GROUPS)
    budget = np.array(BUDGETS)[at // len(GROUPS) % len(BUDGETS)]
    which = at // (len(GROUPS) * len(BUDGETS)) % len(LENGTHS)
    length, again = np.array(LENGTHS)[which], at // (len(GROUPS) * len(BUDGETS) * len(LENGTHS))
    kind = np.random.default_rng(3).uniform(0.4, 2.5, len(GROUPS))[method]
    noise = lambda wide: np.exp(dice.normal(0, wide, n))  # noqa: E731
    error = np.clip(0.9 * kind * (budget / 16.0) ** -0.7 * noise(0.12), 1e-4, 2.0)
    seconds = 2e-6 * length * (budget / 16.0) ** 0.8 / kind * noise(0.08)
    names = [GROUPS[one].name for one in method]
    titles = [GROUPS[one].title for one in method]
    frame = pd.DataFrame(
        {
            "id": [
                f"run{a}/{name} {b} @ {c}"
                for a, name, b, c in zip(again, names, budget, length, strict=True)
            ],
            "label": [f"{title} {b}" for title, b in zip(titles, budget, strict=True)],
            "group": names,
            "line": [f"{a}/{name} @ {c}" for a, name, c in zip(again, names, length, strict=True)],
            "order": budget,
            "facet": [f"N = {one:,}" for one in length],
            "time_s": seconds,
            "memory_bytes": 2.0**20 * length / 256 * (budget / 16) ** 0.5 * noise(0.05),
            "flops": 2e3 * length * budget * kind,
            "floor_share": np.clip(0.3 * noise(0.4), 0, 1),
            "output_error": error,
            "row_kl": error**2 * noise(0.3),
            "top_k_recall": np.clip(1 - 0.6 * error * noise(0.2), 0, 1),
            "token_accuracy": np.where(budget > 64, np.clip(0.95 - 0.2 * error, 0, 1), np.nan),
            "bleu": np.where(budget > 64, 30 - 8 * error, np.nan),
            "agreement_accuracy": np.clip(0.9 - 0.2 * error * noise(0.2), 0, 1),
            "generalization": np.clip(1.05 - 0.3 * error, 0, 2),
            "source": [f"synthetic local, draw {one % 5}" for one in at],
        }
    )
    for name, wide in (("time_s", 0.06), ("output_error", 0.1)):
        frame[f"{name}_low"], frame[f"{name}_high"] = (
            frame[name] * (1 - wide),
            frame[name] * (1 + wide),
        )
    return frame


def statuses(frame: pd.DataFrame, x: str, y: str, by_facet: bool) -> list[str]:
    """On the front, or within a tenth of it, or dominated: both quantities are better when lower."""
    found = pd.Series("dominated", index=frame.index)
    for _, part in frame.groupby("facet") if by_facet else [("", frame)]:
        part = part.sort_values([x, y])
        least = part[y].cummin().shift(fill_value=np.inf)
        found[part.index[part[y] < least * 1.1]] = "undecided"
        found[part.index[part[y] < least]] = "front"
    return list(found)


def published() -> LinkedData:
    rows = pd.DataFrame(
        {
            "id": ["a", "b"],
            "label": ["Performer, table 3", "Longformer, figure 2"],
            "group": ["performer", "longformer"],
            "time_s": [3e-3, 1.4e-3],
            "output_error": [0.06, 0.03],
            "facet": ["N = 4,096", "N = 1,024"],
            "time_s_low": [2e-3, 1.4e-3],
            "time_s_high": [3.5e-3, 1.4e-3],
            "paper": ["2021", HOSTILE],
        }
    )
    return LinkedData(rows, QUANTITIES, GROUPS, ("N = 1,024", "N = 4,096"), {"paper": "Paper"})


@st.cache_resource(max_entries=8)
def planted(points: str, n: int) -> LinkedData:
    """Kept between reruns, as a page should keep it: then only what the reader chose is worked out again."""
    made = {"many": lambda: many(n), "grid": grid, "apart": apart}
    frame = made.get(points, lambda: grid().iloc[:n])()
    facets = tuple(dict.fromkeys(frame["facet"]))
    return LinkedData(frame, QUANTITIES, GROUPS, facets, {"source": "Source"})


def page() -> None:
    st.set_page_config(page_title="Linked points", layout="wide")
    st.html("<style>.stApp h1 { font-size: 1.3rem }</style>")
    st.title("Linked points")
    asked = st.query_params
    data = planted(asked.get("points", "grid"), int(asked.get("n", 0)))
    x, y, split = "time_s", "output_error", bool(asked.get("facets"))
    if asked.get("choose") and st.checkbox("swap"):
        x, y = y, x
    found = linked_points(
        data,
        x=x,
        y=y,
        key="points",
        alt="Planted points by time and error",
        status=statuses(data.points, x, y, split) if len(data.points) else None,
        facets=split,
        hide_dominated=bool(asked.get("hide")),
        published=published() if asked.get("published") else None,
    )
    st.text(f"picked: {found.id}")
    st.text(f"brushed: {found.count if found.brushing else 'none'}")
    st.text(f"ids: {'; '.join(sorted(found.brushed[:20]))}")


page()
