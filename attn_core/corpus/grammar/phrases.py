"""Noun phrases in both languages: article, adjectives where each language wants them, agreement."""

from __future__ import annotations

from dataclasses import dataclass

from attn_core.corpus.grammar import french
from attn_core.corpus.lexicon.words import Adjective, Noun, an, vocalic

# A sentence, or a part of one, in English and in French.
Text = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Phrase:
    """A noun phrase, or a subject: what it is called, and what agrees with it."""

    en: str
    fr: str
    feminine: bool = False
    plural: bool = False
    person: int = 2  # of je tu il nous vous ils; plural nouns are 5
    pronoun_en: str = "it"

    @property
    def pronoun_fr(self) -> str:
        base = "elle" if self.feminine else "il"
        return base + "s" if self.plural else base


def bare(noun: Noun, plural: bool = False, *adjectives: Adjective) -> Text:
    """Adjectives and noun without an article, in English and in French."""
    en = " ".join([*(one.en for one in adjectives), noun.ens if plural else noun.en])
    fr = noun.frs if plural else noun.fr
    for one in adjectives:
        if not one.before:
            fr = f"{fr} {one.form(noun.feminine, plural)}"
    for one in reversed(adjectives):
        if one.before:
            fr = before(one, noun.feminine, plural, fr)
    return en, fr


def before(adjective: Adjective, feminine: bool, plural: bool, rest: str) -> str:
    if adjective.prevocalic and not feminine and not plural and vocalic(rest):
        return f"{adjective.prevocalic} {rest}"
    return f"{adjective.form(feminine, plural)} {rest}"


def a(noun: Noun, *adjectives: Adjective) -> Phrase:
    en, fr = bare(noun, False, *adjectives)
    article = "une" if noun.feminine else "un"
    return Phrase(an(en), f"{article} {fr}", noun.feminine)


def the(noun: Noun, *adjectives: Adjective, plural: bool = False) -> Phrase:
    en, fr = bare(noun, plural, *adjectives)
    fr = f"les {fr}" if plural else french.the(fr, noun.feminine)
    person, pronoun = (5, "they") if plural else (2, "it")
    return Phrase(f"the {en}", fr, noun.feminine, plural, person, pronoun)


def some(noun: Noun, *adjectives: Adjective) -> Phrase:
    """`des`, which is `de` before an adjective."""
    en, fr = bare(noun, True, *adjectives)
    ahead = any(one.before for one in adjectives)
    return Phrase(f"some {en}", f"{'de' if ahead else 'des'} {fr}", noun.feminine, True, 5, "they")


def this(noun: Noun, *adjectives: Adjective, plural: bool = False) -> Phrase:
    en, fr = bare(noun, plural, *adjectives)
    if plural:
        return Phrase(f"these {en}", f"ces {fr}", noun.feminine, True, 5, "they")
    article = "cette" if noun.feminine else "cet" if vocalic(fr) else "ce"
    return Phrase(f"this {en}", f"{article} {fr}", noun.feminine)


OWNERS = {  # English possessive: French before a masculine, a feminine, a plural
    "my": ("mon", "ma", "mes"),
    "his": ("son", "sa", "ses"),
    "her": ("son", "sa", "ses"),
    "our": ("notre", "notre", "nos"),
    "your": ("votre", "votre", "vos"),
    "their": ("leur", "leur", "leurs"),
}


def owned(owner: str, noun: Noun, *adjectives: Adjective, plural: bool = False) -> Phrase:
    en, fr = bare(noun, plural, *adjectives)
    masculine, feminine, several = OWNERS[owner]
    if plural:
        return Phrase(f"{owner} {en}", f"{several} {fr}", noun.feminine, True, 5, "they")
    article = feminine if noun.feminine and not vocalic(fr) else masculine
    return Phrase(f"{owner} {en}", f"{article} {fr}", noun.feminine)


def sentence(en: str, fr: str) -> Text:
    """With a capital at the start of each and the French words joined."""
    return capital(en), capital(french.joined(fr))


def capital(text: str) -> str:
    for place, letter in enumerate(text):
        if letter.isalpha():
            return text[:place] + letter.upper() + text[place + 1 :]
    return text
