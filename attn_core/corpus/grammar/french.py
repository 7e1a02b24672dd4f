"""What French does where words meet: elision and contraction.

Sentences are first written with whole words ("je ai", "que elle") and joined at the end; articles are joined
as soon as they are chosen, because `de` and `à` contract with le and les but not with l'.
Two marks may stand in a sentence while it is written: OPEN before and CLOSE after a stretch whose place is asked for.
"""

from __future__ import annotations

import re

from attn_core.corpus.lexicon.words import ASPIRATED, VOWELS, vocalic

OPEN, CLOSE = "\x01", "\x02"
_ELISION = re.compile(
    r"(?<![-\w])(?:([djnmtscDJNMTSC]|[qQ]u|[jJ]usqu|[lL]orsqu|[pP]uisqu)e|([lL])[ea])"
    rf" (?=[{OPEN}]?(?!(?:{'|'.join(ASPIRATED)}|onze))[{VOWELS}])"
)
_IF = re.compile(r"\b([sS])i (?=ils?\b)")


def joined(text: str) -> str:
    text = _ELISION.sub(lambda found: (found[1] or found[2]) + "'", text)
    return _IF.sub(r"\1'", text)


def the(word: str, feminine: bool) -> str:
    """`le`, `la` or `l'` before what follows it, adjective or noun."""
    if vocalic(word):
        return "l'" + word
    return ("la " if feminine else "le ") + word


def of(phrase: str) -> str:
    """`de` before a noun phrase."""
    if phrase.startswith("le "):
        return "du " + phrase[3:]
    if phrase.startswith("les "):
        return "des " + phrase[4:]
    return "de " + phrase


def to(phrase: str) -> str:
    """`à` before a noun phrase."""
    if phrase.startswith("le "):
        return "au " + phrase[3:]
    if phrase.startswith("les "):
        return "aux " + phrase[4:]
    return "à " + phrase


def linked(link: str, phrase: str) -> str:
    """A verb's own preposition before its object: besoin de, à, or none."""
    if link == "à":
        return to(phrase)
    if link == "de" or link.endswith(" de"):
        return link[:-2] + of(phrase)
    return f"{link} {phrase}" if link else phrase
