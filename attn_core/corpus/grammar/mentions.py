"""The two sentences around a probe: somebody's thing becomes the topic, and later the talk comes back to it.

Between the two lie other sentences with things of both genders. Coming back, the pronoun stands right after a phrase
that names nothing, so that only the noun of the topic tells `il` from `elle`. Nothing in either sentence depends on the
gender otherwise: not the frame, not what is said.
"""

from __future__ import annotations

from random import Random

from attn_core.corpus.grammar import french, phrases
from attn_core.corpus.grammar.french import CLOSE, OPEN
from attn_core.corpus.grammar.phrases import Phrase
from attn_core.corpus.lexicon.geography import COUNTRIES
from attn_core.corpus.lexicon.kinds import ABSOLUTE, Kind
from attn_core.corpus.lexicon.numbers import NUMBERS
from attn_core.corpus.lexicon.words import Adjective, Noun

# Each with the preposition that French has before the thing.
TOPICS = [
    ("let us talk about {}.", "parlons {}.", "de"),
    ("let us turn to {}.", "passons {}.", "à"),
    ("I would like to tell you about {}.", "je voudrais vous parler {}.", "de"),
    ("do you remember {}?", "vous souvenez-vous {} ?", "de"),
    ("here is what I know about {}.", "voici ce que je sais {}.", "de"),
    ("we still have to talk about {}.", "nous devons encore parler {}.", "de"),
    ("let us think of {} for a moment.", "pensons un instant {}.", "à"),
]
RETURNS = [
    ("as I was saying, ", "comme je le disais, "),
    ("to come back to it, ", "pour y revenir, "),
    ("I repeat, ", "je le répète, "),
    ("as I told you, ", "comme je vous l'ai dit, "),
    ("in short, ", "bref, "),
]
DEGREES = [
    ("", ""),
    ("very ", "très "),
    ("too ", "trop "),
    ("rather ", "plutôt "),
    ("really ", "vraiment "),
    ("a little too ", "un peu trop "),
    ("so ", "si "),
]
ABSOLUTE_DEGREES = [
    ("", ""),
    ("really ", "vraiment "),
    ("simply ", "tout simplement "),
    ("absolutely ", "absolument "),
]
BEING = [
    ("was ", "était "),
    ("is ", "est "),
    ("will be ", "sera "),
    ("seemed ", "semblait "),
    ("would be ", "serait "),
    ("was not ", "n'était pas "),
    ("is no longer ", "n'est plus "),
]
TASTED = [
    ("was ", "était "),
    ("is ", "est "),
    ("seemed ", "semblait "),
    ("was not ", "n'était pas "),
]


def introduction(rng: Random, person: Phrase, noun: Noun, kind: Kind) -> tuple[str, str]:
    """A person's thing becomes the topic. The thing stands between marks."""
    adjectives: list[Adjective] = [rng.choice(kind.attributes)] if rng.random() < 0.5 else []
    thing = phrases.the(noun, *adjectives)
    frame_en, frame_fr, link = rng.choice(TOPICS)
    linked = french.of(thing.fr) if link == "de" else french.to(thing.fr)
    owned_en = f"{person.en}'s {OPEN}{thing.en.removeprefix('the ')}{CLOSE}"
    owned_fr = f"{OPEN}{linked}{CLOSE} de {person.fr}"
    return frame_en.format(owned_en), frame_fr.format(owned_fr)


def mention(rng: Random, feminine: bool, kind: Kind) -> tuple[str, str]:
    """What is said of the topic. The pronouns stand between marks."""
    frame_en, frame_fr = rng.choice(RETURNS)
    said_en, said_fr = judgement(rng, feminine, kind) if rng.random() < 0.8 else fact(rng, kind)
    en = f"{frame_en}{OPEN}it{CLOSE} {said_en}."
    fr = f"{frame_fr}{OPEN}{'elle' if feminine else 'il'}{CLOSE} {said_fr}."
    return en, fr


def afterthought(rng: Random, feminine: bool, kind: Kind) -> tuple[str, str]:
    """One more word about the thing just spoken of."""
    said_en, said_fr = judgement(rng, feminine, kind) if rng.random() < 0.8 else fact(rng, kind)
    return f"it {said_en}.", f"{'elle' if feminine else 'il'} {said_fr}."


def judgement(rng: Random, feminine: bool, kind: Kind) -> tuple[str, str]:
    adjective = rng.choice(kind.said)
    being_en, being_fr = rng.choice(TASTED if kind.name == "dish" else BEING)
    if being_en.endswith("longer "):
        degree_en, degree_fr = "", ""
    elif adjective.en in ABSOLUTE:
        degree_en, degree_fr = rng.choice(ABSOLUTE_DEGREES)
    else:
        degree_en, degree_fr = rng.choice(DEGREES[:3] if being_en.endswith("not ") else DEGREES)
    if adjective.en in ABSOLUTE and being_en.endswith("not "):
        degree_en, degree_fr = "", ""
    return (
        f"{being_en}{degree_en}{adjective.en}",
        f"{being_fr}{degree_fr}{adjective.form(feminine)}",
    )


def fact(rng: Random, kind: Kind) -> tuple[str, str]:
    """One in which nothing agrees but the pronoun."""
    which, number = rng.choice(kind.facts), rng.choice(NUMBERS)
    if which == "origin":
        country = rng.choice(COUNTRIES)
        return f"comes from {country[0]}", f"vient {country[1]}"
    if which == "cost":
        return f"cost {number[0]} euros", f"a coûté {number[1]} euros"
    if which == "worth":
        return f"is worth at least {number[0]} euros", f"vaut au moins {number[1]} euros"
    if which == "age":
        return f"is more than {number[0]} years old", f"a plus de {number[1]} ans"
    if which == "length":
        return f"is more than {number[0]} pages long", f"fait plus de {number[1]} pages"
    return (
        f"belonged to a friend {number[0]} years ago",
        f"appartenait à un ami il y a {number[1]} ans",
    )
