"""The menu that every chart carries: the same figure as a file, made when it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from dashboard.figures.export import FORMATS, Figure, Format

HELP = "Save this figure, or the numbers in it. Nothing is computed again."


def export_menu(
    figure: Figure | Callable[[], Figure], name: str, label: str = "Export", *, file: str = ""
) -> None:
    """One button a format; `name` is unique on the page, and the file's name without its suffix where `file` is not.
    A figure that takes long to draw is given as the function that draws it, called when a file is asked for."""
    with (
        st.popover(
            label, icon=":material/download:", help=HELP, type="tertiary", key=f"export_{name}"
        ),
        st.container(gap=None),
    ):
        for suffix, form in FORMATS.items():
            st.download_button(
                form.label,
                data=partial(_render, form, figure),
                file_name=f"{file or name}.{suffix}",
                mime=form.mime,
                key=f"export_{name}_{suffix}",
                on_click="ignore",
                type="tertiary",
            )


def _render(form: Format, figure: Figure | Callable[[], Figure]) -> bytes:
    return form.render(figure() if callable(figure) else figure)
