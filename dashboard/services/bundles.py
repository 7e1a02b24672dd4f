"""A run's figures and its zip, for download here and for `runs export`. No streamlit here."""

from __future__ import annotations

from collections.abc import Callable
from json import dumps

from attn_core.exchange import export_json, export_zip
from attn_core.exchange.document import TRADEOFF
from attn_core.jobs import maps
from attn_core.store import Run, Store
from dashboard.figures import figure_z as panels
from dashboard.figures.export import FORMATS, Figure
from dashboard.figures.figure_z_agreement import EVIDENCE, agreement_chart, agreement_points
from dashboard.figures.sweep import drawable, sweep_figures
from dashboard.services import figure_z, sweeps
from dashboard.services import figure_z_captions as captions
from dashboard.services import figure_z_views as views

# The three panels in one picture; each of them is there by its own name too.
WHOLE = "figure_z"


def figures(store: Store, run_id: str) -> dict[str, Figure]:
    """Every chart of a run by its name; none where there are no rows."""
    run = store.run(run_id)
    if run.kind == figure_z.KIND:
        return {name: draw() for name, draw in drawings(figure_z.results(store, run)).items()}
    if run.kind == TRADEOFF:  # drawn on its own page
        return {}
    if run.kind == maps.KIND:  # seen tile by tile, in the page that asked for it
        return {}
    found = sweeps.results(store, run, None)
    if not len(found.rows):
        return {}
    drawn = sweep_figures(
        run, found.rows, found.nulls, found.environment_line, found.slopes, found.crossings
    )
    return dict(zip(drawable(found.rows), drawn, strict=True))


def drawings(found: figure_z.Results) -> dict[str, Callable[[], Figure]]:
    """Every chart of a Figure Z by its name, to be drawn when it is wanted: as its page shows it at first."""
    metric, speed = (next(iter(of(found).values())) for of in (views.metrics, views.speeds))
    parts = views.parts(found, views.view_of(found, metric, speed, None, live=False))
    about = captions.setting_line(found), found.environment_line
    there = [name for name in panels.TITLES if panels.charts(parts, name)]
    drawn = {
        name: lambda name=name: panels.alone(parts, name, *about, captions.note(found, parts, name))
        for name in there
    } | {
        f"agreement_{one}": lambda one=one: Figure(
            agreement_chart(found.agreement, one, width=panels.ALONE_WIDTH),
            panels.plain(found.agreement),
            f"Agreement accuracy by distance: {EVIDENCE[one].lower()}",
            *about,
        )
        for one in EVIDENCE
        if len(agreement_points(found.agreement, one))
    }  # fmt: skip
    title = found.name or "Figure Z"
    whole = {
        WHOLE: lambda: panels.whole(parts, found.cells, title, *about, captions.note(found, parts))
    }
    return (whole if there else {}) | drawn


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
