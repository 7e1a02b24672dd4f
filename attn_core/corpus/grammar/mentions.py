"""The two sentences around a probe: a person comes by a thing, and later it is spoken of beside that person's name.

In the second sentence the name comes first and the pronoun right after it, so that nothing but the thing's noun,
sentences earlier, tells `il` from `elle`. Nothing in either sentence depends on the gender: not the verb, not the
frame, not what is said.
"""

from __future__ import annotations

from random import Random

from attn_core.corpus.grammar import french, phrases
from attn_core.corpus.grammar.clauses import english, predicate
from attn_core.corpus.grammar.french import CLOSE, OPEN
from attn_core.corpus.grammar.phrases import Phrase
from attn_core.corpus.lexicon.actions import VERBS
from attn_core.corpus.lexicon.kinds import ABSOLUTE, Kind
from attn_core.corpus.lexicon.names import COUNTRIES, NUMBERS, PAST_TIMES
from attn_core.corpus.lexicon.words import Adjective, Noun

REPORTED = [
    ("according to {}, ", "selon {}, "),
    ("as {} said, ", "comme l'a dit {}, "),
    ("as {} knows, ", "comme le sait {}, "),
]
JUDGED = [
    *REPORTED[:2],
    ("for {}, ", "pour {}, "),
    ("in {}'s opinion, ", "de l'avis de {}, "),
    ("in {}'s eyes, ", "aux yeux de {}, "),
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
STATES = {
    "need": ("present", "state"),
    "want": ("present", "state"),
    "look for": ("during",),
}
TASTED = [
    ("was ", "était "),
    ("is ", "est "),
    ("seemed ", "semblait "),
    ("was not ", "n'était pas "),
]


def introduction(rng: Random, person: Phrase, noun: Noun, kind: Kind) -> tuple[str, str]:
    """A person comes by a thing. The thing stands between marks."""
    verb = VERBS[rng.choice(kind.verbs)]
    adjectives: list[Adjective] = [rng.choice(kind.attributes)] if rng.random() < 0.6 else []
    thing = phrases.a(noun, *adjectives)
    marked_en, marked_fr = f"{OPEN}{thing.en}{CLOSE}", f"{OPEN}{thing.fr}{CLOSE}"
    if verb.en in STATES:
        tense, time = rng.choice(STATES[verb.en]), ("", "")
    else:
        tense, time = (
            ("past", rng.choice(PAST_TIMES)) if rng.random() < 0.75 else ("past", ("", ""))
        )
    en = f"{english(person, verb, tense)} {marked_en}"
    fr = f"{person.fr} {predicate(person, verb, tense)} {french.linked(verb.link, marked_fr)}"
    if not time[0]:
        return en + ".", fr + "."
    if rng.random() < 0.4:
        return f"{time[0]}, {en}.", f"{time[1]}, {fr}."
    return f"{en} {time[0]}.", f"{fr} {time[1]}."


def mention(rng: Random, person: Phrase, feminine: bool, kind: Kind) -> tuple[str, str]:
    """What is said of the thing, seen by its person. The pronouns stand between marks."""
    judged = rng.random() < 0.8
    frame_en, frame_fr = rng.choice(JUDGED if judged else REPORTED)
    said_en, said_fr = judgement(rng, feminine, kind) if judged else fact(rng, kind)
    en = f"{frame_en.format(person.en)}{OPEN}it{CLOSE} {said_en}."
    fr = f"{frame_fr.format(person.fr)}{OPEN}{'elle' if feminine else 'il'}{CLOSE} {said_fr}."
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
