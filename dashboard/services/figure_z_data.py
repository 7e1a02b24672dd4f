"""Where Figure Z may read pairs from: the shipped corpus, a file in the allowed folder, or an upload that was kept.
No streamlit here."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

from attn_core.store import home
from attn_core.store.errors import explained

SHIPPED = "shipped"
FOLDER_VARIABLE = "ATTN_CORE_DATA"
UPLOADS = "uploads"
# A file of millions of rows is looked at here only so far; the run reads all of it.
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
            return f"The first {pairs} read, {self.skipped:,} rows skipped on the way; the run reads the rest."
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


def usable(text: str) -> str:
    """The data as a run takes it: it exists, may be read, and has at least one pair."""
    path = data_named(text)
    if path != SHIPPED and not look(path).read:
        raise ValueError(f"{text!r} has no usable pair.")
    return path


def keep_upload(data: bytes) -> Path:
    """The upload under the store's folder, named by its content: the same file twice is kept once."""
    path = home() / UPLOADS / f"{hashlib.sha256(data).hexdigest()}.csv"
    with explained(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            part = path.with_suffix(".part")
            part.write_bytes(data)
            part.replace(path)
    return path


def take_upload(data: bytes, name: str = "The file") -> Looked:
    """Keeps an upload that can be read and has pairs; one that cannot leaves nothing behind, and is called by its
    reader's name for it."""
    path = keep_upload(data)
    try:
        found = look(str(path))
        if not found.read:
            raise ValueError(f"{name} has no usable pair: {found.line}")
    except ValueError as problem:
        path.unlink(missing_ok=True)
        raise ValueError(str(problem).replace(str(path), name).replace(path.name, name)) from None
    return found


def look(path: str) -> Looked:
    """What reading the file says, remembered until the file changes."""
    found = Path(path).stat()
    return _look(path, found.st_size, found.st_mtime_ns)


@lru_cache(maxsize=32)
def _look(path: str, _size: int, _changed: int) -> Looked:
    pairs = _reader()(Path(path))
    read = sum(1 for _ in islice(pairs, MOST_CHECKED))
    report = pairs.report
    reasons = tuple(f"line {one.line:,}: {one.reason}" for one in report.first)
    whole = read < MOST_CHECKED
    return Looked(Path(path), read, report.skipped, reasons, report.note, whole)


def _reader() -> Callable[[Path], Any]:
    from attn_core.corpus.reader import PairFile

    return PairFile
