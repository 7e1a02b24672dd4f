"""Who is in a document, and which words the sentences between must leave alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from random import Random
from typing import TypeVar

from attn_core.corpus.grammar import phrases
from attn_core.corpus.grammar.phrases import Phrase, Text
from attn_core.corpus.lexicon.geography import CITIES, ENGLISH_CITIES
from attn_core.corpus.lexicon.names import MEN, WOMEN
from attn_core.corpus.lexicon.people import KIN, PERSONS
from attn_core.corpus.lexicon.words import Noun

OWNERS, BYSTANDERS = 9, 8
PRONOUNS = [
    Phrase("I", "je", person=0),
    Phrase("we", "nous", plural=True, person=3),
    Phrase("you", "vous", plural=True, person=4),
    Phrase("he", "il", pronoun_en="he"),
    Phrase("she", "elle", feminine=True, pronoun_en="she"),
    Phrase("they", "ils", plural=True, person=5, pronoun_en="they"),
]
POSSESSIVE = {0: "my", 3: "our", 4: "your", 5: "their"}
T = TypeVar("T")


class Scene:
    """Owners and bystanders are different persons, women and men with equal chances."""

    def __init__(self, rng: Random, owners: list[Phrase], others: list[Phrase]) -> None:
        self.rng, self.owners, self.others = rng, owners, others
        self.banned: set[str] = set()

    @classmethod
    def drawn(cls, rng: Random) -> Scene:
        women, men = rng.sample(WOMEN, OWNERS + BYSTANDERS), rng.sample(MEN, OWNERS + BYSTANDERS)
        names: list[Phrase] = []
        for woman, man in zip(women, men, strict=True):
            female = rng.random() < 0.5
            name = woman if female else man
            names.append(Phrase(name, name, female, pronoun_en="she" if female else "he"))
        return cls(rng, names[:OWNERS], names[OWNERS:])

    def ban(self, nouns: Iterable[Noun]) -> None:
        for noun in nouns:
            self.banned.update((noun.en, noun.fr))

    def pick(self, choices: Sequence[T]) -> T:
        return self.rng.choice(choices)

    def chance(self, odds: float) -> bool:
        return self.rng.random() < odds

    def noun(self, choices: Sequence[Noun]) -> Noun:
        """One that the document does not follow."""
        while True:
            noun = self.rng.choice(choices)
            if noun.en not in self.banned and noun.fr not in self.banned:
                return noun

    def named(self) -> Phrase:
        """Somebody who owns nothing that the document follows."""
        return self.pick(self.others)

    def anyone(self) -> Phrase:
        return self.pick(self.owners if self.chance(0.3) else self.others)

    def kin(self) -> Phrase:
        return person(phrases.owned(self.pick(("my", "our", "my")), self.pick(KIN)))

    def somebody(self) -> Phrase:
        return person(phrases.the(self.pick(PERSONS)))

    def people(self) -> Phrase:
        return phrases.the(self.pick(PERSONS), plural=True)

    def third(self) -> Phrase:
        """One person, of known gender."""
        return self.pick((self.named, self.named, self.kin, self.somebody))()

    def gendered(self) -> Phrase:
        """One or several, of known gender."""
        return self.people() if self.chance(0.25) else self.third()

    def actor(self) -> Phrase:
        """Anybody who may act, with a pronoun or without."""
        return self.pick(PRONOUNS) if self.chance(0.4) else self.gendered()


def person(phrase: Phrase) -> Phrase:
    pronoun = "she" if phrase.feminine else "he"
    return Phrase(phrase.en, phrase.fr, phrase.feminine, pronoun_en=pronoun)


def their(subject: Phrase) -> str:
    """The English possessive that goes back to the subject."""
    return POSSESSIVE.get(subject.person) or ("her" if subject.feminine else "his")


def pronoun(subject: Phrase) -> Phrase:
    """The subject, spoken of once more."""
    return Phrase(
        subject.pronoun_en,
        subject.pronoun_fr,
        subject.feminine,
        subject.plural,
        subject.person,
        subject.pronoun_en,
    )


def city(scene: Scene) -> Text:
    name = scene.pick(CITIES)
    return ENGLISH_CITIES.get(name, name), name
