"""Where Figure Z may read pairs from: the shipped corpus, a file in the allowed folder, or an upload that was kept.
No streamlit here."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attn_core.store import home
from attn_core.store.errors import explained

if TYPE_CHECKING:
    from attn_core.training.spec import FigureZSpec

SHIPPED = "shipped"
FOLDER_VARIABLE = "ATTN_CORE_DATA"
UPLOADS = "uploads"
# A file of millions of rows is looked at here only so far.
MOST_CHECKED = 200_000


@dataclass(frozen=True)
class Looked:
    """What reading a file said: counts of read and skipped rows, and the first reasons."""

    path: Path
    read: int
    skipped: int
    reasons: tuple[str, ...]
    note: str
    whole: bool

    @property
    def line(self) -> str:
        pairs = f"{self.read:,} {'pair' if self.read == 1 else 'pairs'}"
        if not self.whole:
            return f"The first {pairs} read, {self.skipped:,} rows skipped on the way; the rest was not looked at."
        return f"{pairs} read, {self.skipped:,} {'row' if self.skipped == 1 else 'rows'} skipped."


def allowed_folder() -> Path:
    """The folder whose files may be named by path."""
    named = os.environ.get(FOLDER_VARIABLE)
    return Path(named) if named else Path(__file__).resolve().parents[2] / "data"


def data_named(text: str) -> str:
    """`shipped`, or the full path of a file that may be read; a ValueError says in a sentence what is refused."""
    text = text.strip()
    if text in ("", SHIPPED):
        return SHIPPED
    if "\0" in text:
        raise ValueError("The data path holds a NUL character, which no file name can.")
    folders = [allowed_folder().resolve(), (home() / UPLOADS).resolve()]
    asked = Path(text).expanduser()
    path = (asked if asked.is_absolute() else folders[0] / asked).resolve()
    if not any(path.is_relative_to(folder) for folder in folders):
        raise ValueError(f"Data must lie under {folders[0]}, got {text!r}.")
    if not path.is_file():
        raise ValueError(f"There is no file {text!r} under {folders[0]}.")
    return str(path)


def usable(text: str, protocol: str) -> str:
    """The data as a run takes it: it exists, may be read, and has as many pairs as the protocol needs."""
    path = data_named(text)
    if path != SHIPPED:
        _pairs().check_enough(path, protocol, look(path, protocol).read)
    return path


def upload_path(data: bytes) -> Path:
    """Named by its content: the same file twice is kept once."""
    return home() / UPLOADS / f"{hashlib.sha256(data).hexdigest()}.csv"


def keep_upload(data: bytes) -> Path:
    """The upload under the store's folder."""
    path = upload_path(data)
    with explained(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            part = path.with_suffix(".part")
            part.write_bytes(data)
            part.replace(path)
    return path


def take_upload(data: bytes, protocol: str, name: str = "the file") -> Looked:
    """Keeps an upload that the protocol can use; one that it cannot leaves nothing behind that was not there, and is
    called by its reader's name for it."""
    known = upload_path(data).exists()
    path = keep_upload(data)
    try:
        usable(str(path), protocol)
    except ValueError as problem:
        if not known:
            path.unlink(missing_ok=True)
        said = str(problem).replace(str(path.resolve()), name).replace(path.name, name)
        # A sentence begins with a capital, a file's name as it is written.
        raise ValueError(
            said if said.startswith(name) and name != "the file" else said[:1].upper() + said[1:]
        ) from problem
    return look(str(path.resolve()), protocol)


def look(path: str, protocol: str) -> Looked:
    """What reading the file as the protocol does says, remembered until the file changes."""
    found = Path(path).stat()
    return _look(path, protocol, found.st_size, found.st_mtime_ns)


@lru_cache(maxsize=32)
def _look(path: str, protocol: str, _size: int, _changed: int) -> Looked:
    pairs = _pairs().pair_file(path, protocol)
    read = sum(1 for _ in islice(pairs, MOST_CHECKED))
    report = pairs.report
    reasons = tuple(f"line {one.line:,}: {one.reason}" for one in report.first)
    whole = read < MOST_CHECKED
    return Looked(Path(path), read, report.skipped, reasons, report.note, whole)


def share_used(spec: FigureZSpec) -> str:
    """How much of the user's file a run takes, in a sentence; empty where it has none."""
    if spec.data == SHIPPED:
        return ""
    from attn_core.training.material import pairs_used

    most, found = pairs_used(spec), look(spec.data, spec.protocol)
    if found.read > most:
        there = f" of the {found.read:,}" if found.whole else ""
        return f"The run takes the first {most:,}{there} pairs of the file."
    if found.whole:
        return f"The run takes all pairs of the file: {found.read:,}, and it would take up to {most:,}."
    return f"The run takes the first {most:,} pairs of the file, or all where it has fewer."


def _pairs() -> Any:
    """Loaded when a file is looked at, and not with the page."""
    from attn_core.training import pairs

    return pairs
