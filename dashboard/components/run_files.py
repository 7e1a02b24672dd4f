"""A run as a file, and the end of a run."""

from __future__ import annotations

from functools import partial

import streamlit as st

from attn_core.exchange import export_csv
from attn_core.store import Run, Store
from dashboard import state
from dashboard.components.run_history import choose, said, say
from dashboard.services import bundles, history
from dashboard.services.literal import literal

EXPORT_HELP = "Save the whole run: to keep it, to publish it, or to import it elsewhere."
DELETE_HELP = "Remove the run with its rows and files. This cannot be undone."


def export_run(store: Store, run: Run) -> None:
    name = bundles.file_name(run)
    forms = {
        "zip": ("Everything, zip", "application/zip", partial(bundles.zipped, store, run.id)),
        "json": ("Rows and samples, JSON", "application/json", partial(bundles.document, store, run.id)),
        "csv": ("Rows, CSV", "text/csv", partial(export_csv, store, run.id)),
    }  # fmt: skip
    if history.is_recorded(run):
        forms = {
            "json": (
                "Rows and samples, JSON",
                "application/json",
                partial(history.recorded_document, run),
            )
        }
    with (
        st.popover("Export run", icon=":material/folder_zip:", help=EXPORT_HELP),
        st.container(gap=None),
    ):
        for suffix, (label, mime, render) in forms.items():
            st.download_button(
                label,
                data=render,
                file_name=f"{name}.{suffix}",
                mime=mime,
                key=state.runs_key(f"export_{suffix}", run.id),
                on_click="ignore",
                type="tertiary",
            )


def delete_run(store: Store, run: Run, read_only: bool) -> None:
    with st.popover("Delete", icon=":material/delete:", help=DELETE_HELP, disabled=read_only):
        st.markdown(
            f"Delete **{literal(history.display_name(run))}** with its {run.cells} cells and its files? "
            "This cannot be undone."
        )
        st.button(
            "Delete this run",
            type="primary",
            key=state.runs_key("delete", run.id),
            help=DELETE_HELP,
            on_click=said,
            args=(_remove, store, run),
        )


def _remove(store: Store, run: Run) -> None:
    store.delete(run.id)
    choose([])
    say("success", f"Deleted {history.display_name(run)}")
