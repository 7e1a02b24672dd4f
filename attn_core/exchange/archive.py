"""The zip of a run: the exported document in files that people can open, its charts, and a note that explains it.

Reading never unpacks to a disk, and counts what comes out of the compression while it comes."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import Any

from attn_core.exchange.document import Document, export_json, parts_of, rows_csv
from attn_core.exchange.note import note
from attn_core.exchange.plain import parse
from attn_core.store import Store

MIB = 2**20
LARGEST_FILE = 64 * MIB
LARGEST_INSIDE = 256 * MIB
MOST_FILES = 200
# A fixed date, so that the same run gives the same bytes.
DATE = (1980, 1, 1, 0, 0, 0)
DESCRIPTION = (
    "format", "run_id", "kind", "name", "notes", "command", "created_at", "versions",
    "other_environments",
)  # fmt: skip
# In files of their own, of any kind of run.
ALWAYS = ("environment", "settings")
RUN_FILE = "run.json"
Charts = Callable[[Store, str], Mapping[str, bytes]]


def export_zip(store: Store, run_id: str, charts: Charts | None = None) -> bytes:
    """Everything of a run in one file; `charts` draws its SVGs by name."""
    document = export_json(store, run_id)
    pictures = charts(store, run_id) if charts is not None else {}
    files: dict[str, bytes] = {"README.txt": note(document, bool(pictures)).encode()}
    files["rows.csv"] = rows_csv(document["rows"]).encode()
    files |= {file: _json(document[part]) for part, file in _files(document["kind"]).items()}
    files[RUN_FILE] = _json({name: document[name] for name in DESCRIPTION})
    files |= {f"charts/{name}.svg": picture for name, picture in pictures.items()}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr(_entry(name), content)
    return packed.getvalue()


def read_zip(data: bytes) -> Document:
    """The document inside, not yet checked itself; a ValueError says what is wrong with the zip."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_entries(archive.infolist())
            return _document(archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as problem:
        raise ValueError("import: the file is not a zip that can be read") from problem
    except (RuntimeError, NotImplementedError) as problem:
        raise ValueError("import: the zip is encrypted or packed in an unusual way") from problem


def _files(kind: Any) -> dict[str, str]:
    """The file of each part of a run of this kind."""
    return {part: f"{part}.json" for part in (*parts_of(kind), *ALWAYS)}


def _document(archive: zipfile.ZipFile) -> Document:
    names = set(archive.namelist())
    room = LARGEST_INSIDE

    def read(file: str) -> Any:
        nonlocal room
        if file not in names:
            raise ValueError(f"import: the zip lacks {file}, so it is not an exported run")
        with archive.open(file) as source:
            content = source.read(room + 1)
        room -= len(content)
        if room < 0:
            raise ValueError(f"import: the zip holds more than {LARGEST_INSIDE // MIB} MiB")
        return parse(content, file)

    described = read(RUN_FILE)
    if not isinstance(described, dict):
        raise ValueError(f"import: {RUN_FILE} must hold an object, got {type(described).__name__}")
    files = _files(described.get("kind"))
    if missing := sorted(set(files.values()) - names):
        raise ValueError(f"import: the zip lacks {missing[0]}, so it is not an exported run")
    found = {name: value for name, value in described.items() if name not in files}
    return found | {part: read(file) for part, file in files.items()}


def _check_entries(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MOST_FILES:
        raise ValueError(f"import: the zip holds {len(entries):,} files, at most {MOST_FILES}")
    if sum(entry.file_size for entry in entries) > LARGEST_INSIDE:
        raise ValueError(f"import: the zip holds more than {LARGEST_INSIDE // MIB} MiB")
    seen: set[str] = set()
    for entry in entries:
        # The original name: the module cuts a name at a zero byte.
        name = entry.orig_filename
        path = PurePosixPath(name)
        unsafe = "\\" in name or "\0" in name or ":" in name or path.is_absolute()
        if unsafe or ".." in path.parts:
            raise ValueError(f"import: the zip holds the unsafe name {name[:80]!r}")
        if name in seen:
            raise ValueError(f"import: the zip holds {name[:80]!r} twice")
        seen.add(name)


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, DATE)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    return entry


def _json(value: Any) -> bytes:
    text = json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False)
    return f"{text}\n".encode()
