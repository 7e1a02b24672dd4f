"""What a word knows about itself in both languages, and how tables of words are read.

A table is text: entries between commas, the languages between colons, a plural that the rules
would get wrong after a slash: "knife/knives:couteau, safe:coffre-fort/coffres-forts".
"""

from __future__ import annotations

from dataclasses import dataclass

# Their h does not let go of the article: le homard, la harpe; and two that begin with a spoken y.
ASPIRATED = [
    "haie",
    "halte",
    "hamac",
    "hamster",
    "hangar",
    "hache",
    "haricot",
    "harpe",
    "hasard",
    "haut",
    "hauteur",
    "hérisson",
    "hibou",
    "hochet",
    "homard",
    "honteu",
    "hors",
    "huit",
    "hutte",
    "yacht",
    "yaourt",
]
VOWELS = "aeiouyéèêâàîôûœhAEIOUYÉÈÊÂÀÎÔÛŒH"
UNLIKE_THEIR_SPELLING = (
    "uniform",
    "university",
    "use",
    "unique",
    "ukulele",
    "unit",
    "European",
    "one",
    "used",
)
SILENT_H = ("hour", "honest", "heir")


@dataclass(frozen=True, slots=True)
class Noun:
    en: str
    ens: str
    fr: str
    frs: str
    gender: str  # "m" or "f"

    @property
    def feminine(self) -> bool:
        return self.gender == "f"


@dataclass(frozen=True, slots=True)
class Twin:
    """An English noun with two accepted French names of opposite gender."""

    en: str
    m: Noun
    f: Noun


@dataclass(frozen=True, slots=True)
class Adjective:
    en: str
    m: str
    f: str
    mp: str
    fp: str
    before: bool = False  # stands before its noun
    prevocalic: str = ""  # bel, nouvel, vieil

    def form(self, feminine: bool, plural: bool = False) -> str:
        if plural:
            return self.fp if feminine else self.mp
        return self.f if feminine else self.m


def vocalic(french: str) -> bool:
    """Whether words before it elide."""
    return french[0] in VOWELS and not french.startswith(tuple(ASPIRATED))


def an(english: str) -> str:
    """The English indefinite article with what follows it."""
    spoken = english.startswith(SILENT_H) or (
        english[0] in "aeiouAEIOU" and not english.startswith(UNLIKE_THEIR_SPELLING)
    )
    return ("an " if spoken else "a ") + english


def english_plural(word: str) -> str:
    head, of, rest = word.partition(" of ")
    if head.endswith(("s", "x", "ch", "sh", "z")):
        head += "es"
    elif head.endswith("y") and head[-2] not in "aeiou":
        head = head[:-1] + "ies"
    else:
        head += "s"
    return head + of + rest


def french_plural(word: str) -> str:
    """Of a noun or of a masculine adjective; in `table de chevet` only the head takes it."""
    for link in (" de ", " d'", " à ", " en ", " au ", " aux "):
        head, found, rest = word.partition(link)
        if found:
            return french_plural(head) + link + rest
    return " ".join(one_plural(part) for part in word.split(" "))


def one_plural(word: str) -> str:
    if word.endswith(("s", "x", "z")):
        return word
    if word.endswith("al"):
        return word[:-2] + "aux"
    if word.endswith(("au", "eu")):
        return word + "x"
    return word + "s"


def entries(table: str) -> list[list[str]]:
    return [
        [part.strip() for part in entry.split(":")]
        for entry in table.replace("\n", " ").split(",")
        if entry.strip()
    ]


def listed(table: str) -> list[str]:
    """Entries of one language."""
    return [word for (word,) in entries(table)]


def pairs(table: str) -> list[tuple[str, str]]:
    """English and French, of words that need no grammar."""
    return [(en, fr) for en, fr in entries(table)]


def noun(english: str, french: str, gender: str) -> Noun:
    en, _, ens = english.partition("/")
    fr, _, frs = french.partition("/")
    return Noun(en, ens or english_plural(en), fr, frs or french_plural(fr), gender)


def nouns(m: str = "", f: str = "") -> list[Noun]:
    return [
        noun(en, fr, gender) for table, gender in ((m, "m"), (f, "f")) for en, fr in entries(table)
    ]


def twins(table: str) -> list[Twin]:
    return [
        Twin(en.partition("/")[0], noun(en, m, "m"), noun(en, f, "f"))
        for en, m, f in entries(table)
    ]


def adjectives(table: str, before: bool = False) -> dict[str, Adjective]:
    """By their English word: "english:masculine:feminine", the plural masculine after a slash."""
    found = {}
    for en, m, f in entries(table):
        m, _, mp = m.partition("/")
        f, _, fp = f.partition("/")
        prevocalic = PREVOCALIC.get(m, "")
        found[en] = Adjective(en, m, f, mp or french_plural(m), fp or f + "s", before, prevocalic)
    return found


PREVOCALIC = {"beau": "bel", "nouveau": "nouvel", "vieux": "vieil"}
