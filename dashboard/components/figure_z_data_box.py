"""What the translators learn from: the shipped corpus, or the reader's own pairs, checked before they are used."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from attn_core.store import StoreError
from dashboard import state
from dashboard.services import figure_z_data as data
from dashboard.services.literal import literal

PATH_HELP = (
    "Empty: the corpus shipped with the project. Otherwise a CSV of English and French under the data folder; it is "
    "streamed, so it may have any number of rows."
)
UPLOAD_HELP = (
    "A CSV with the columns en and fr; for the article's protocol two columns without a header. It is checked now and "
    "kept with the store for resuming."
)


def data_box(protocol: str) -> str:
    """The data that was chosen, as typed or uploaded: checked with the run."""
    held = st.session_state.get(state.Z_DATA)
    typed = st.query_params.get(state.Z_DATA, "") if held is None else held
    with st.popover(
        f"Data · {literal(_short(typed))}",
        key="z_data_menu",
        help="What the translators learn from.",
    ):
        path = st.text_input(
            "File",
            key=state.Z_DATA,
            bind="query-params",
            placeholder="shipped corpus",
            help=PATH_HELP,
            on_change=_forget_refusal,
        )
        st.caption(literal(f"Files lie under {data.allowed_folder()}."))
        st.file_uploader(
            "Or your own CSV",
            type=["csv"],
            key=state.Z_UPLOAD,
            help=UPLOAD_HELP,
            on_change=_take_upload,
            args=(protocol,),
        )
        if refused := st.session_state.get(state.Z_UPLOAD_SAID):
            st.error(literal(refused), icon=":material/error:")
        _report(path, protocol)
    return path


def upload_refused() -> str | None:
    """What stands against the upload that is shown, until it is removed or a file is named instead."""
    said = st.session_state.get(state.Z_UPLOAD_SAID)
    if not said or st.session_state.get(state.Z_UPLOAD) is None:
        return None
    return f"The upload was not taken: {said} Remove it, or name a file instead."


def _forget_refusal() -> None:
    st.session_state[state.Z_UPLOAD_SAID] = None


def _take_upload(protocol: str) -> None:
    """An upload takes the place of the path, once it was read; one that cannot be read leaves it alone."""
    st.session_state[state.Z_UPLOAD_SAID] = None
    upload = st.session_state.get(state.Z_UPLOAD)
    if upload is None:
        return
    try:
        found = data.take_upload(upload.getvalue(), protocol, upload.name)
    except (StoreError, ValueError) as problem:
        st.session_state[state.Z_UPLOAD_SAID] = str(problem).rstrip(".") + "."
    else:
        st.session_state[state.Z_DATA] = str(found.path)


def _report(text: str, protocol: str) -> None:
    """Counts of read and skipped rows, and the first reasons; what is refused is said above the chart."""
    try:
        path = data.data_named(text)
        found = None if path == data.SHIPPED else data.look(path, protocol)
    except ValueError:
        return
    if found is None:
        return
    st.markdown(literal(" ".join(part for part in (found.line, found.note) if part)))
    if found.reasons:
        st.markdown("\n".join(f"- {literal(reason.replace('`', ''))}" for reason in found.reasons))


def _short(text: str) -> str:
    if text.strip() in ("", data.SHIPPED):
        return "shipped"
    name = Path(text).name
    return name if len(name) <= 20 else f"{name[:9]}…{name[-8:]}"
