"""The lines of a text file of any size, in bounded memory: a line that is too long is only ever a mark."""

import codecs
import io
from collections.abc import Callable, Iterator
from pathlib import Path

from attn_core.corpus.encoding import Text, unreadable

BLOCK = 1 << 20
LONGEST = 100_000  # characters of a row; csv itself gives up a field at 131,072
TOO_LONG = None
SPOILT = "\0\ufffd"


class Lines:
    """Blocks of bytes to lines with their ends. `spoilt` once anything needs a closer look."""

    def __init__(self, path: Path, text: Text, on_block: Callable[[int], None]) -> None:
        self.path = path
        self.spoilt = False
        self._text = text
        self._on_block = on_block
        decoder = codecs.getincrementaldecoder(text.encoding)
        wide = text.encoding.startswith(("utf-16", "utf-32"))
        self._strict = decoder("strict")
        self._lenient = decoder("replace" if wide else "surrogateescape")

    def __iter__(self) -> Iterator[str | None]:
        """Lines, and TOO_LONG in the place of one that outgrows the memory set aside for it."""
        held = ""
        dropping = False
        for block, last in self._blocks():
            held += block
            if dropping:
                end = _first_end(held, last)
                if end is None:
                    held = held[-1:] if held.endswith("\r") else ""
                    continue
                held, dropping = held[end:], False
            cut = len(held) if last else _last_end(held)
            yield from io.StringIO(held[:cut], newline="")
            held = held[cut:]
            if len(held) > LONGEST:
                yield TOO_LONG
                held, dropping = "", True

    def _blocks(self) -> Iterator[tuple[str, bool]]:
        """Decoded blocks, and whether each is the last."""
        read = self._text.start
        try:
            with self.path.open("rb", buffering=0) as file:
                file.seek(read)
                while True:
                    block = file.read(BLOCK)
                    read += len(block)
                    text = self._decode(block, last=not block)
                    if any(sign in text for sign in SPOILT):
                        self.spoilt = True
                    yield text, not block
                    if not block:
                        return
                    self._on_block(read)
        except OSError as error:
            raise unreadable(self.path, error) from error

    def _decode(self, block: bytes, last: bool) -> str:
        before = self._strict.getstate()
        try:
            return self._strict.decode(block, last)
        except UnicodeDecodeError:
            self.spoilt = True
            self._lenient.setstate(before)
            text = self._lenient.decode(block, last)
            self._strict.setstate(self._lenient.getstate())
            return text


def _last_end(text: str) -> int:
    """Just after the last line end; a closing \\r waits, since \\n may follow in the next block."""
    return max(text.rfind("\n"), text.rfind("\r", 0, -1)) + 1


def _first_end(text: str, last: bool) -> int | None:
    newline = text.find("\n")
    carriage = text.find("\r", 0, newline if newline >= 0 else len(text))
    if carriage < 0:
        return newline + 1 if newline >= 0 else None
    if carriage == len(text) - 1 and not last:
        return None
    return carriage + 2 if carriage + 1 == newline else carriage + 1
