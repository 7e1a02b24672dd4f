"""Who somebody is: profession, age, birth, kin.

None of them speaks of a thing, so any person of the document may stand in them.
"""

from __future__ import annotations

from attn_core.corpus.grammar import phrases
from attn_core.corpus.grammar.clauses import be
from attn_core.corpus.grammar.phrases import Text
from attn_core.corpus.grammar.scene import Scene, city
from attn_core.corpus.lexicon.numbers import NUMBERS
from attn_core.corpus.lexicon.people import KIN, PROFESSIONS
from attn_core.corpus.lexicon.times import DAYS, MONTHS
from attn_core.corpus.lexicon.words import an


def profession(scene: Scene) -> Text:
    who, (m, f) = scene.anyone(), scene.pick(PROFESSIONS)
    noun = f if who.feminine else m
    tense = scene.pick(("present", "past"))
    is_en, est_fr = be(who, tense)
    if scene.chance(0.4):
        years = scene.pick(NUMBERS)
        if tense == "present":
            en, fr = (
                f"has been {an(noun.en)} for {years[0]} years",
                f"est {noun.fr} depuis {years[1]} ans",
            )
        else:
            en, fr = (
                f"was {an(noun.en)} for {years[0]} years",
                f"a été {noun.fr} pendant {years[1]} ans",
            )
        return f"{who.en} {en}.", f"{who.fr} {fr}."
    where = city(scene)
    return (
        f"{who.en} {is_en} {an(noun.en)} in {where[0]}.",
        f"{who.fr} {est_fr} {noun.fr} à {where[1]}.",
    )


def wish_to_become(scene: Scene) -> Text:
    who, (m, f) = scene.anyone(), scene.pick(PROFESSIONS)
    noun = f if who.feminine else m
    if scene.chance(0.5):
        return f"{who.en} wants to become {an(noun.en)}.", f"{who.fr} veut devenir {noun.fr}."
    year, became = 1950 + scene.rng.randrange(70), "devenue" if who.feminine else "devenu"
    return (
        f"{who.en} became {an(noun.en)} in {year}.",
        f"{who.fr} est {became} {noun.fr} en {year}.",
    )


def age(scene: Scene) -> Text:
    who, years = scene.anyone(), scene.pick(NUMBERS[8:])
    if scene.chance(0.5):
        return f"{who.en} is {years[0]} years old.", f"{who.fr} a {years[1]} ans."
    if scene.chance(0.5):
        day = scene.pick(DAYS)
        return (
            f"{who.en} will be {years[0]} years old on {day[0]}.",
            f"{who.fr} aura {years[1]} ans {day[1]}.",
        )
    month = scene.pick(MONTHS)
    return (
        f"{who.en} will be {years[0]} years old in {month[0]}.",
        f"{who.fr} aura {years[1]} ans en {month[1]}.",
    )


def birth(scene: Scene) -> Text:
    who, where, month = scene.anyone(), city(scene), scene.pick(MONTHS)
    day, year = 2 + scene.rng.randrange(27), 1930 + scene.rng.randrange(80)
    born = "née" if who.feminine else "né"
    return (
        f"{who.en} was born in {where[0]} on {day} {month[0]} {year}.",
        f"{who.fr} est {born} à {where[1]} le {day} {month[1]} {year}.",
    )


def kinship(scene: Scene) -> Text:
    who, other = scene.rng.sample(scene.others, 2)
    noun = scene.pick([one for one in KIN if one.feminine == who.feminine])
    if scene.chance(0.5):
        return (
            f"{who.en} is {other.en}'s {noun.en}.",
            f"{who.fr} est {phrases.the(noun).fr} de {other.fr}.",
        )
    years = scene.pick(NUMBERS)
    return (
        f"{other.en}'s {noun.en} is called {who.en} and is {years[0]} years old.",
        f"{phrases.the(noun).fr} de {other.fr} s'appelle {who.fr} et a {years[1]} ans.",
    )
