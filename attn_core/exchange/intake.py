"""An exported run into a store. All of it is checked before any of it is stored."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from attn_core.exchange.archive import LARGEST_FILE, MIB, read_zip
from attn_core.exchange.document import FORMAT, ORIGIN_FILE, SOURCE, Document
from attn_core.exchange.environments import check_environment, check_known
from attn_core.exchange.plain import count, fields, listed, parse, short, text
from attn_core.exchange.rows import check_cells, check_nulls, check_rates
from attn_core.store import Store, StoreError
from attn_core.timing.row import Row
from attn_core.timing.spec import SweepSpec

ZIP_BEGINS = b"PK"
KIND = "sweep"
LONGEST_NAME = 200
# What of a run has no place in its rows: which run it was where it was measured, and when.
NEEDED = (
    "format", "run_id", "kind", "name", "notes", "command", "created_at", "versions",
    "environment", "other_environments", "settings", "rows", "nulls", "rates",
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
        KIND,
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
    fields(document, "the file", NEEDED)
    return _checked(document)


def _checked(document: Document) -> Checked:
    if document["kind"] != KIND:
        raise ValueError(f"import: kind must be {KIND!r}, got {short(document['kind'])}")
    for name in ("run_id", "name", "notes", "command", "created_at"):
        text(document[name], name)
    if len(document["name"]) > LONGEST_NAME:
        raise ValueError(f"import: name is longer than {LONGEST_NAME} characters")
    fields(document["versions"], "versions", ("attn_core",))
    text(document["versions"]["attn_core"], "versions")
    spec = _spec(document["settings"])
    others = listed(document["other_environments"], "other_environments")
    environments = [check_environment(one) for one in (document["environment"], *others)]
    cells, nulls = check_cells(document["rows"], spec), check_nulls(document["nulls"], spec)
    if not cells:
        raise ValueError("import: the run has no rows, so there is nothing to keep")
    rates = check_rates(document["rates"], spec)
    measured = [*cells.values(), *nulls.values(), *rates.values()]
    check_known(measured, (one["id"] for one in environments))
    rows = {("cell", key): row for key, row in cells.items()}
    rows |= {("null", key): row for key, row in nulls.items()}
    return Checked(document, spec.to_json(), environments, rows | rates)


def _spec(settings: Any) -> SweepSpec:
    try:
        return SweepSpec.from_json(settings)
    except ValueError as problem:
        raise ValueError(f"import: the settings are refused: {problem}") from None
    except TypeError:  # a value of a type that cannot even be compared
        raise ValueError("import: the settings hold a value of the wrong type") from None


def _refuse_known(store: Store, checked: Checked) -> None:
    """The same run twice would count one measurement as two."""
    cells = {key: row for (kind, key), row in checked.rows.items() if kind == "cell"}
    for run in store.runs(KIND):
        if run.cells != len(cells) or run.settings != checked.settings:
            continue
        here = {f"{row['label']} @ {row['queries']}": row for row in store.rows(run.id)}
        if all(_same(here.get(key), row) for key, row in cells.items()):
            raise ValueError(f"import: this run is here already, as {run.id} {run.name}".rstrip())


def _same(one: Row | None, other: Row) -> bool:
    return one is not None and {**one, "run_id": ""} == {**other, "run_id": ""}
