"""The main picture of Low rank: singular values and their energy, and every method's error beside the best possible."""

from __future__ import annotations

import streamlit as st

from attn_core import METHODS
from dashboard.components.beside import beside
from dashboard.components.chart_panel import chart_panel
from dashboard.components.source_picker import Looked
from dashboard.components.waiting import waiting
from dashboard.figures.spectrum import energy_chart, rank_chart, spectrum_chart, spectrum_rows
from dashboard.services import low_rank as service
from dashboard.services import low_rank_words as words
from dashboard.services.shown import file_name, setting
from dashboard.services.wording import listed

RANK_HELP = (
    "Relative error of the matrix in Frobenius norm. The dark line is the truncated singular value decomposition: by "
    "Eckart and Young no matrix of that rank comes nearer. The ring is the chosen method as set, the others have their "
    "defaults and the rank on the axis. An open triangle at the foot is an error below 0.01%, too small for the scale: "
    "the best possible is 0 at full rank, and smaller than that at every rank after its triangle."
)


def low_rank_picture(asked: service.Asked | None, looked: Looked, environment: str) -> bool:
    """False where the matrix is not decomposed, and the page has said why."""
    source, head = looked.source, looked.head
    refusal = service.too_large(source)
    if refusal:
        st.info(refusal, icon=":material/info:")
        return False
    if not service.at_once(source, head) and not _asked_for(source.queries, source.keys):
        return False
    # One call of a library, which has no parts to count.
    with st.spinner(f"Decomposing {source.queries:,} × {source.keys:,} weights", show_time=True):
        found = service.decomposed(source, head)
    given = () if asked is None else (asked.given,)
    said = setting(source, head, *given)
    rows = spectrum_rows(found.singular.tolist(), found.energy.tolist())
    rank = asked.rank if asked else found.rank_of(service.ENERGY)
    left, right = beside("spectrum", [0.42, 0.58])
    with left:
        chart_panel(
            lambda dark, _: spectrum_chart(rows, rank, dark=dark), rows, name="singular_values",
            title="Singular values", said=said, environment=environment,
            file=file_name("singular_values", *given), alt_text="Singular values of the exact matrix, logarithmic.",
        )  # fmt: skip
        chart_panel(
            lambda dark, _: energy_chart(rows, rank, dark=dark), rows, name="energy", title="Cumulative energy",
            said=said, environment=environment, file=file_name("energy", *given),
            help_text="The share of the squared Frobenius norm in the first k directions.",
            alt_text="Cumulative energy of the singular values.",
        )  # fmt: skip
    verdict = ""
    with right:
        if asked is None:
            st.caption("No method to compare with here; the spectrum is that of exact attention.")
        else:
            verdict = _errors(asked, found, said, environment)
    st.markdown(f"{words.spectrum_words(found)} {verdict}")
    return True


def _errors(asked: service.Asked, found: service.Decomposed, said: str, environment: str) -> str:
    with waiting("Measuring every method at every rank") as report:
        table = service.rank_table(asked, report)
    verdict = words.verdict(asked, table)
    serving = service.serving(asked.source)
    absent = [METHODS[one].short_title for one in service.BUDGETS if one not in serving]
    if absent:
        verdict += f" Left out: {listed(absent)}, which cannot look from one text at another."
    best = found.best.tolist()
    chart_panel(
        lambda dark, _: rank_chart(table, best, asked.method, asked.rank, dark=dark), table, name="rank_errors",
        title="Error against rank", said=said, environment=environment, help_text=RANK_HELP, note=RANK_HELP,
        file=file_name("rank_errors", asked.given),
        alt_text="Relative error against rank for each method and the best possible matrix.",
    )  # fmt: skip
    return verdict


def _asked_for(queries: int, keys: int) -> bool:
    st.info(
        f"Decomposing a matrix of {queries:,} × {keys:,} takes seconds; up to {service.AT_ONCE:,} it is done unasked.",
        icon=":material/info:",
    )
    return st.button(
        "Decompose",
        icon=":material/play_arrow:",
        help="Once; the result is kept until the server stops.",
    )
