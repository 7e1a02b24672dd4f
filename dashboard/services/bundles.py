"""A run's figures and its zip, for download here and for `runs export`. No streamlit here."""

from __future__ import annotations

from json import dumps

from attn_core.exchange import export_json, export_zip
from attn_core.store import Run, Store
from dashboard.figures.export import FORMATS, Figure
from dashboard.figures.sweep import drawable, sweep_figures
from dashboard.services import sweeps


def figures(store: Store, run_id: str) -> dict[str, Figure]:
    """Every chart of a run by its name; none where there are no rows."""
    run = store.run(run_id)
    found = sweeps.results(store, run, None)
    if not len(found.rows):
        return {}
    drawn = sweep_figures(
        run, found.rows, found.nulls, found.environment_line, found.slopes, found.crossings
    )
    return dict(zip(drawable(found.rows), drawn, strict=True))


def rendered(figure: Figure, form: str) -> bytes:
    """A figure as a file of one of FORMATS."""
    return FORMATS[form].render(figure)


def svgs(store: Store, run_id: str) -> dict[str, bytes]:
    return {name: rendered(figure, "svg") for name, figure in figures(store, run_id).items()}


def zipped(store: Store, run_id: str) -> bytes:
    """Rows, raw samples, environment, settings, charts and the command line that repeats the run."""
    return export_zip(store, run_id, charts=svgs)


def document(store: Store, run_id: str) -> bytes:
    """The rows with every raw sample, as `import` takes them."""
    return dumps(
        export_json(store, run_id), indent=1, ensure_ascii=False, allow_nan=False
    ).encode()


def file_name(run: Run) -> str:
    """A name for its files, without a suffix: what the run is called, or its id."""
    plain = "".join(letter if letter.isalnum() else "_" for letter in run.name.lower())
    return plain.strip("_")[:40] or run.id
