"""The words of a PDF as Typst writes it: read through the character maps of its fonts, without a library."""

from __future__ import annotations

import re
import zlib

OBJECT = re.compile(rb"(\d+) 0 obj\n(.*?)\nendobj", re.S)
# Outside these stand the descriptions of pictures.
TEXT = re.compile(rb"\nBT (.*?)\nET\n", re.S)
# A string in brackets may hold brackets without a backslash, as long as each is closed.
LETTER = rb"\\.|[^\\()]"
CLOSED = rb"\((?:%b)*\)" % LETTER
NESTED = rb"\((?:%b|%b)*\)" % (LETTER, CLOSED)
SHOWN = re.compile(rb"/(\w+) [\d.]+ Tf|\(((?:%b|%b)*)\)" % (LETTER, NESTED), re.S)
ESCAPED = re.compile(rb"\\([0-7]{1,3}|.)", re.S)
LETTERS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def words_of(paper: bytes) -> str:
    """All pages, one after the other. Pictures have fonts of their own and are left out."""
    objects = {int(number): body for number, body in OBJECT.findall(paper)}
    return " ".join(
        _words(objects, body) for body in objects.values() if re.search(rb"/Type\s*/Page\b", body)
    )


def dense(text: str) -> str:
    """Without spaces and hyphens: a paper breaks its lines, and words, where it must."""
    return re.sub(r"[\s\u00ad\u2010-]", "", text)


def _words(objects: dict[int, bytes], page: bytes) -> str:
    fonts = re.search(rb"/Font\s*<<(.*?)>>", objects[_named(page, b"Resources")], re.S)
    assert fonts
    maps = {
        name: _letters(_stream(objects[_named(objects[int(number)], b"ToUnicode")]))
        for name, number in re.findall(rb"/(\w+) (\d+) 0 R", fonts[1])
    }
    found, letters = [], {}
    written = b"".join(TEXT.findall(_stream(objects[_named(page, b"Contents")])))
    for font, shown in SHOWN.findall(written):
        if font:
            letters = maps[font]
            found.append(" ")
        else:
            glyphs = ESCAPED.sub(_byte, shown)
            pairs = (glyphs[at : at + 2] for at in range(0, len(glyphs), 2))
            found.append("".join(letters.get(pair, "\ufffd") for pair in pairs))
    return "".join(found)


def _byte(escaped: re.Match[bytes]) -> bytes:
    """What a backslash and the letter or the octal number after it stand for."""
    said = escaped[1]
    return bytes([int(said, 8)]) if said.isdigit() else LETTERS.get(said, said)


def _named(body: bytes, name: bytes) -> int:
    found = re.search(rb"/" + name + rb" (\d+) 0 R", body)
    assert found, name
    return int(found[1])


def _stream(body: bytes) -> bytes:
    head, _, packed = body.partition(b"stream\n")
    packed = packed.rpartition(b"\nendstream")[0]
    return zlib.decompress(packed) if b"/FlateDecode" in head else packed


def _letters(characters: bytes) -> dict[bytes, str]:
    """Glyphs of two bytes, and the letters that each stands for."""
    pairs = re.findall(rb"^<([0-9A-F]{4})> <([0-9A-F]+)>$", characters, re.M)
    return {
        bytes.fromhex(glyph.decode()): bytes.fromhex(letters.decode()).decode("utf-16-be")
        for glyph, letters in pairs
    }
