"""A handful of hand-made documents with one probe each, enough to learn pieces from and to pack."""

import random

from attn_core.corpus.document import Document, Pair, Probe, Span

NOUNS = [
    ("the car", "la voiture", "f"),
    ("the house", "la maison", "f"),
    ("the boat", "le bateau", "m"),
    ("the garden", "le jardin", "m"),
    ("the church", "l'église", "f"),
    ("the tree", "l'arbre", "m"),
]
NAMES = ["Anne", "Paul", "Claire", "Hugo", "Léa", "Zoé"]
FILLERS = [
    (
        "{} doesn't know what she wants, does she?",
        "{} ne sait pas ce qu'elle veut, n'est-ce pas ?",
    ),
    ("“Yes,” said {}.", "« Oui », dit {}."),
    ("{} came back on 12 May 1987.", "{} est revenu le 12 mai 1987."),
    ("{} had already left.", "{} était déjà parti."),
]
PRONOUN = {"f": ("elle", "il"), "m": ("il", "elle")}


def document(seed: int, gap: int = 3) -> Document:
    draw = random.Random(seed)
    english, french, gender = draw.choice(NOUNS)
    name = draw.choice(NAMES)
    pairs = [Pair(f"{name} saw {english}.", f"{name} a vu {french}.")]
    for _ in range(gap):
        en, fr = draw.choice(FILLERS)
        other = draw.choice(NAMES)
        pairs.append(Pair(en.format(other), fr.format(other)))
    gold, other = PRONOUN[gender]
    last = Pair(f"{name} says that it is red.", f"{name} dit qu'{gold} est rouge.")
    at, it = last.fr.index(gold), last.en.index("it ")
    fr_start, en_start = pairs[0].fr.index(french), pairs[0].en.index(english)
    probe = Probe(
        pronoun=Span(gap + 1, at, at + len(gold)),
        gold=gold,
        other=other,
        gender=gender,
        english=Span(gap + 1, it, it + 2),
        evidence_fr=(Span(0, fr_start, fr_start + len(french)),),
        evidence_en=(Span(0, en_start, en_start + len(english)),),
        evidence="both",
    )
    return Document((*pairs, last), (probe,))


def documents(count: int, gap: int = 3) -> list[Document]:
    return [document(seed, gap) for seed in range(count)]


def texts(found: list[Document]) -> list[str]:
    return [text for one in found for pair in one.pairs for text in (pair.en, pair.fr)]
