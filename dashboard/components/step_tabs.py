"""What stands behind a step: the pinned pair, the costs of the whole chain, and its numbers as a file."""

from __future__ import annotations

import streamlit as st

from attn_core.sources import Source
from dashboard import state
from dashboard.components.matrix_panel import pin_readout
from dashboard.components.source_picker import Looked
from dashboard.services.steps import Chain, costs
from dashboard.services.steps_files import arrays_file

TABS = ("Pinned pair", "Costs", "Numbers")
NPZ_HELP = "Every array of the chain, by step and name, for the rows worked out. Nothing is computed again."


def step_tabs(chain: Chain, looked: Looked) -> None:
    """Only the open tab works out what it shows."""
    pair, cost, numbers = st.tabs(
        TABS, on_change="rerun", key=state.STEPS_TAB, bind="query-params"
    )
    if pair.open:
        with pair:
            pin_readout(looked, _views(chain, looked.source))
    if cost.open:
        with cost:
            _costs(chain)
    if numbers.open:
        with numbers:
            _numbers(chain, looked)


def _views(chain: Chain, source: Source) -> dict:
    exact = source.operator("softmax").view(source.q, source.k, causal=source.causal)
    if chain.call.method.family == "exact":
        return {"exact": exact}
    call = chain.call
    return {
        "exact": exact,
        call.method.short_title: call.op.view(call.q, call.k, causal=call.causal),
    }


def _costs(chain: Chain) -> None:
    st.dataframe(costs(chain, chain.steps), hide_index=True, width="stretch")
    st.caption(
        "Work counts matrix products, as everywhere here; holds is what the step leaves behind, 4 bytes a number, of "
        "all heads together where nothing else is said. “One dot product” is a part of the scores."
    )


def _numbers(chain: Chain, looked: Looked) -> None:
    name = f"steps_{chain.call.method.name}_head{looked.head}"
    st.download_button(
        "NPZ of all arrays", data=lambda: arrays_file(chain, looked.query, looked.key),
        file_name=f"{name}.npz", mime="application/zip", on_click="ignore", help=NPZ_HELP,
        icon=":material/download:",
    )  # fmt: skip
    rows = [
        {"step": step.title, "array": array.name, "rows": f"{len(array.values):,} {array.rows}".strip(),
         "columns": f"{array.values.shape[1]:,} {array.columns}".strip(), "first row": array.first}
        for step in chain.steps for array in (*step.arrays, *step.opened(looked.query, looked.key))
    ]  # fmt: skip
    st.dataframe(rows, hide_index=True, width="stretch")
