"""Things that a person can own, by kind: what may be said of them is the same for both genders.

The kind decides the verbs and adjectives around a thing and the gender never does; only so does nothing
but the noun give the gender away. Twins are the nouns that leave the gender open in English.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from attn_core.corpus.lexicon.adjectives import pick
from attn_core.corpus.lexicon.words import Adjective, Noun, Twin, nouns, twins

ANYTHING = (
    "expensive, magnificent, perfect, useless, ridiculous, strange, ordinary, unique, original, remarkable, "
    "superb, splendid, impressive, disappointing, affordable, beautiful, ugly, small, big"
)


# Not more or less so: nothing is very perfect.
ABSOLUTE = frozenset(
    [
        "perfect",
        "magnificent",
        "unique",
        "superb",
        "splendid",
        "excellent",
        "delicious",
        "useless",
        "complete",
        "huge",
    ]
)
FACTS = "origin, cost, worth, age, owner"


@dataclass(frozen=True)
class Kind:
    name: str
    nouns: list[Noun]
    twins: list[Twin]
    verbs: list[str]  # how one comes by such a thing
    attributes: list[Adjective]  # beside the noun
    said: list[Adjective]  # of it, later
    facts: list[str]  # which remarks without an adjective suit it
    m: list[Noun] = field(init=False)
    f: list[Noun] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "m", [one for one in self.nouns if not one.feminine])
        object.__setattr__(self, "f", [one for one in self.nouns if one.feminine])


def kind(
    name: str,
    m: str,
    f: str,
    pairs: str,
    verbs: str,
    attributes: str,
    said: str,
    facts: str = FACTS,
) -> Kind:
    return dish(name, m, f, pairs, verbs, attributes, f"{ANYTHING}, {said}", facts)


def dish(
    name: str,
    m: str,
    f: str,
    pairs: str,
    verbs: str,
    attributes: str,
    said: str,
    facts: str = "cost",
) -> Kind:
    """A kind of which not just anything may be said."""
    return Kind(
        name,
        nouns(m, f),
        twins(pairs),
        verbs.split(", "),
        pick(attributes),
        pick(said),
        facts.split(", "),
    )
