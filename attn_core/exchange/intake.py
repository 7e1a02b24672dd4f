"""An exported run into a store. All of it is checked before any of it is stored."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from attn_core.exchange.archive import LARGEST_FILE, MIB, read_zip
from attn_core.exchange.document import (
    FIGURE_Z,
    FORMAT,
    ORIGIN_FILE,
    PARTS,
    SOURCE,
    SWEEP,
    TRADEOFF,
    Document,
    finite,
    parts_of,
)
from attn_core.exchange.environments import check_environment, check_known
from attn_core.exchange.figure_z import check_figure_z
from attn_core.exchange.plain import count, fields, listed, parse, short, text
from attn_core.exchange.rows import check_cells, check_nulls, check_rates
from attn_core.exchange.tradeoff import check_tradeoff
from attn_core.store import Store, StoreError
from attn_core.timing.row import Row
from attn_core.timing.spec import SweepSpec
from attn_core.tradeoff.spec import StudySpec
from attn_core.training.cells import Who
from attn_core.training.cells import key as cell_key
from attn_core.training.spec import FigureZSpec

ZIP_BEGINS = b"PK"
LONGEST_NAME = 200
Spec = TypeVar("Spec")
# What of a run has no place in its rows: which run it was where it was measured, and when.
NEEDED = (
    "format", "run_id", "kind", "name", "notes", "command", "created_at", "versions",
    "environment", "other_environments", "settings",
)  # fmt: skip


@dataclass(frozen=True)
class Checked:
    """A run that may be stored; `rows` by (kind, key)."""

    document: Document
    settings: dict[str, Any]
    environments: list[dict[str, Any]]
    rows: Mapping[tuple[str, str], Row]


def import_run(store: Store, data: bytes) -> str:
    """Store an exported run, as zip or JSON, under a new id. A ValueError of one sentence says what is wrong
    with it, and then nothing was stored."""
    checked = check(data)
    _refuse_known(store, checked)
    ids = {facts["id"]: store.environment(facts) for facts in checked.environments}
    document = checked.document
    run_id = store.create_run(
        document["kind"],
        checked.settings,
        name=document["name"],
        command=document["command"],
        origin="imported",
    )
    try:
        store.set_environment(run_id, ids[checked.environments[0]["id"]])
        store.annotate(run_id, document["notes"])
        source = {name: document[name] for name in SOURCE}
        store.keep_file(run_id, ORIGIN_FILE, json.dumps(source).encode(), ".json")
        for (kind, key), row in checked.rows.items():
            store.append(run_id, key, kind, row | {"run_id": run_id})
    except (StoreError, KeyboardInterrupt):
        store.delete(run_id)  # half a run must not look like a whole one
        raise
    return run_id


def check(data: bytes) -> Checked:
    """Everything that can be said about a file without a store."""
    if len(data) > LARGEST_FILE:
        raise ValueError(f"import: the file is larger than {LARGEST_FILE // MIB} MiB")
    if not data.strip():
        raise ValueError("import: the file is empty")
    zipped = data.startswith(ZIP_BEGINS)
    document: Any = read_zip(data) if zipped else parse(data, "the file")
    if isinstance(document, dict) and "format" in document:
        newest = count(document["format"], "format", low=1)
        if newest > FORMAT:
            raise ValueError(
                f"import: the file has format {newest}, this version reads {FORMAT}: update attn_core"
            )
    kind = document.get("kind", SWEEP) if isinstance(document, dict) else SWEEP
    if kind not in list(PARTS):  # a list: what cannot be hashed is unknown too
        raise ValueError(f"import: kind must be {' or '.join(PARTS)}, got {short(kind)}")
    fields(document, "the file", (*NEEDED, *parts_of(kind)))
    return _checked(document)


def _checked(document: Document) -> Checked:
    for name in ("run_id", "name", "notes", "command", "created_at"):
        text(document[name], name)
    if len(document["name"]) > LONGEST_NAME:
        raise ValueError(f"import: name is longer than {LONGEST_NAME} characters")
    fields(document["versions"], "versions", ("attn_core",))
    text(document["versions"]["attn_core"], "versions")
    settings, rows = _of_kind(document)
    others = listed(document["other_environments"], "other_environments")
    environments = [check_environment(one) for one in (document["environment"], *others)]
    if not document["rows"]:
        raise ValueError("import: the run has no rows, so there is nothing to keep")
    measured = [row for row in rows.values() if "environment_id" in row]
    check_known(measured, (one["id"] for one in environments))
    return Checked(document, settings, environments, rows)


def _of_kind(document: Document) -> tuple[dict[str, Any], dict[tuple[str, str], Row]]:
    """Settings and rows, checked as a run of this kind has them."""
    if document["kind"] == FIGURE_Z:
        training = _spec(FigureZSpec.from_json, document["settings"])
        return training.to_json(), check_figure_z(document, training)
    if document["kind"] == TRADEOFF:
        study = _spec(StudySpec.from_json, document["settings"])
        return study.to_json(), check_tradeoff(document, study)
    sweep = _spec(SweepSpec.from_json, document["settings"])
    cells, nulls = check_cells(document["rows"], sweep), check_nulls(document["nulls"], sweep)
    rows = {("cell", key): row for key, row in cells.items()}
    rows |= {("null", key): row for key, row in nulls.items()}
    return sweep.to_json(), rows | check_rates(document["rates"], sweep)


def _spec(read: Callable[[Any], Spec], settings: Any) -> Spec:
    try:
        return read(settings)
    except ValueError as problem:
        raise ValueError(f"import: the settings are refused: {problem}") from None
    except TypeError:  # a value of a type that cannot even be compared
        raise ValueError("import: the settings hold a value of the wrong type") from None


def _refuse_known(store: Store, checked: Checked) -> None:
    """The same run twice would count one measurement as two."""
    kind = checked.document["kind"]
    cells = {key: row for (of, key), row in checked.rows.items() if of == "cell"}
    for run in store.runs(kind):
        if run.cells != len(cells) or run.settings != checked.settings:
            continue
        here = {_cell_key(kind, row): row for row in store.rows(run.id)}
        if all(_same(here.get(key), row) for key, row in cells.items()):
            raise ValueError(f"import: this run is here already, as {run.id} {run.name}".rstrip())


def _cell_key(kind: str, row: Row) -> str:
    if kind != FIGURE_Z:
        return f"{row['label']} @ {row['queries']}"
    return cell_key(row["metric"], Who.of(row), row["length"])


def _same(one: Row | None, other: Row) -> bool:
    return one is not None and finite({**one, "run_id": ""}) == {**other, "run_id": ""}
