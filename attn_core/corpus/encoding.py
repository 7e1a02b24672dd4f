"""What a file really is, from its first bytes: refused in one sentence, or the encoding of its text.

UTF-8 is tried first and strictly. A file that is not UTF-8 is read as Windows-1252 (which holds latin-1) only where
its other characters are those of French and English; anything else would be guessed letters, so it is refused.
"""

import codecs
import os
import stat
from dataclasses import dataclass
from pathlib import Path

HEAD = 4 << 20
MAGIC = (
    (b"\x1f\x8b", "compressed with gzip; unpack it first"),
    (b"PK\x03\x04", "a zip archive or a spreadsheet; unpack it, or save the sheet as CSV"),
    (b"BZh", "compressed with bzip2; unpack it first"),
    (b"\xfd7zXZ\x00", "compressed with xz; unpack it first"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstandard; unpack it first"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive; unpack it first"),
    (b"Rar!", "a RAR archive; unpack it first"),
    (b"%PDF-", "a PDF; save its table as CSV"),
    (b"PAR1", "a Parquet file; save it as CSV"),
    (b"SQLite format 3\x00", "an SQLite database; export its table as CSV"),
    (b"\xd0\xcf\x11\xe0", "an old spreadsheet; save the sheet as CSV"),
)
MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
EXPECTED = frozenset("àâäçéèêëîïôöùûüÿæœÀÂÄÇÉÈÊËÎÏÔÖÙÛÜŸÆŒ«»‘’“”–—…€°·£©®§áíóúñ¿¡\xa0\xad")
CONTROLS = frozenset(range(32)) - frozenset(b"\t\n\r\x0b\x0c\0\x1a")


class CsvError(ValueError):
    """A file of which no row can be read; the message is one sentence for whoever chose it."""


@dataclass(frozen=True)
class Text:
    """How to read a file's bytes as text."""

    encoding: str
    start: int  # bytes of the byte-order mark
    size: int
    note: str


def examine(path: Path) -> Text:
    """The encoding of a text file; CsvError for what is none."""
    try:
        facts = path.stat()
        if stat.S_ISDIR(facts.st_mode):
            raise CsvError(f"{path} is a folder; choose a CSV file.")
        if not stat.S_ISREG(facts.st_mode):
            raise CsvError(f"{path} is not a regular file; choose a CSV file.")
        with path.open("rb") as file:
            head = file.read(HEAD)
            size = os.fstat(file.fileno()).st_size
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from error
    if not head:
        raise CsvError(f"{path} is empty.")
    for magic, what in MAGIC:
        if head.startswith(magic):
            raise CsvError(f"{path} is {what}.")
    for mark, encoding in MARKS:
        if head.startswith(mark):
            return Text(encoding, len(mark), size, "")
    return _unmarked(path, head, size)


def unreadable(path: Path, error: Exception) -> CsvError:
    if isinstance(error, CsvError):
        return error
    if isinstance(error, FileNotFoundError):
        return CsvError(f"{path} does not exist.")
    if isinstance(error, PermissionError):
        return CsvError(f"{path} may not be read by this user.")
    reason = getattr(error, "strerror", None) or str(error)
    return CsvError(f"{str(path)!r} cannot be read: {reason}.")


def _unmarked(path: Path, head: bytes, size: int) -> Text:
    nulls = head.count(0)
    if nulls > len(head) // 10:
        raise CsvError(
            f"{path} is full of NUL bytes: it is UTF-16 without a byte-order mark, or no text; save it as UTF-8."
        )
    if sum(head.count(byte) for byte in CONTROLS) > len(head) // 100:
        raise CsvError(f"{path} is not text: it holds control characters; choose a CSV file.")
    whole = codecs.getincrementaldecoder("utf-8")("surrogateescape").decode(
        head, len(head) == size
    )
    foreign = [letter for letter in whole if letter > "\x7f"]
    broken = sum("\udc80" <= letter <= "\udcff" for letter in foreign)
    if broken <= len(foreign) - broken:
        return Text("utf-8", 0, size, "")
    windows = [letter for letter in head.decode("cp1252", "replace") if letter > "\x7f"]
    known = sum(letter in EXPECTED for letter in windows)
    if known < 0.9 * len(windows):
        raise CsvError(
            f"The encoding of {path} is neither UTF-8 nor Windows-1252 (latin-1); save it as UTF-8."
        )
    return Text("cp1252", 0, size, "it is not UTF-8 and was read as Windows-1252 (latin-1)")
