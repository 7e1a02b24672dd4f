"""Food and drink: what is eaten, liked, bought and left."""

from __future__ import annotations

from attn_core.corpus.grammar import phrases
from attn_core.corpus.grammar.clauses import be_like, english, predicate
from attn_core.corpus.grammar.french import of
from attn_core.corpus.grammar.phrases import Phrase, Text
from attn_core.corpus.grammar.scene import Scene, pronoun
from attn_core.corpus.lexicon.actions import VERBS, verbs
from attn_core.corpus.lexicon.adjectives import pick
from attn_core.corpus.lexicon.numbers import NUMBERS
from attn_core.corpus.lexicon.surroundings import DRINKS, FOOD, FRUIT, PLACES
from attn_core.corpus.lexicon.times import PAST_TIMES

OFTEN = [
    ("often", "souvent"),
    ("rarely", "rarement"),
    ("sometimes", "parfois"),
    ("always", "toujours"),
]


def habit(scene: Scene) -> Text:
    """An adverb stands before the English verb and behind the French one."""
    who, adverb = scene.actor(), scene.pick(OFTEN)
    noun = scene.noun(scene.pick((DRINKS, FOOD)))
    verb = VERBS["drink" if noun in DRINKS else "eat"]
    meal = scene.pick(
        [("in the morning", "le matin"), ("in the evening", "le soir"), ("at midday", "à midi")]
    )
    tense = scene.pick(("present", "present", "habit"))
    if tense == "habit":
        adverb = ("", "")
    some = of(phrases.the(noun).fr)
    fr = f"{who.fr} {predicate(who, verb, tense, adverb=adverb[1])} {some} {meal[1]}."
    return f"{english(who, verb, tense, adverb=adverb[0])} {noun.en} {meal[0]}.", fr


def abstinence(scene: Scene) -> Text:
    """ne … pas de, after which no article stands."""
    who, refusal = scene.actor(), scene.pick(("not", "never", "no longer"))
    noun = scene.noun(scene.pick((DRINKS, FOOD)))
    verb = VERBS["drink" if noun in DRINKS else "eat"]
    meal = scene.pick(
        [("in the morning", "le matin"), ("in the evening", "le soir"), ("at work", "au travail")]
    )
    fr = f"{who.fr} {predicate(who, verb, 'present', refusal)} de {noun.fr} {meal[1]}."
    return f"{english(who, verb, 'present', refusal)} {noun.en} {meal[0]}.", fr


def tastes(scene: Scene) -> Text:
    """What is liked takes the definite article in French."""
    who = scene.third()
    noun, other = scene.rng.sample(scene.pick((DRINKS, FOOD)), 2)
    if scene.banned & {noun.en, other.en, noun.fr, other.fr}:
        return abstinence(scene)
    first, then = scene.pick(verbs("like, love")), scene.pick(verbs("prefer, hate"))
    again = pronoun(who)
    fr = f"{who.fr} {predicate(who, first, 'present')} {phrases.the(noun).fr} mais {again.fr} "
    fr += f"{predicate(again, then, 'present')} {phrases.the(other).fr}."
    return (
        f"{english(who, first, 'present')} {noun.en} but {english(again, then, 'present')} {other.en}.",
        fr,
    )


def shopping(scene: Scene) -> Text:
    """Quantities take a bare de."""
    who, noun, time = scene.actor(), scene.noun(FRUIT), scene.pick(PAST_TIMES[:8])
    which = scene.rng.randrange(3)
    verb = scene.pick(verbs("buy, sell, wash, eat, cook, receive"))
    if which == 0:
        number = scene.pick(NUMBERS[:6])
        en, fr = f"{number[0]} kilos of {noun.ens}", f"{number[1]} kilos {of(noun.frs)}"
    elif which == 1:
        en, fr = scene.pick([("a lot of", "beaucoup"), ("too many", "trop"), ("enough", "assez")])
        en, fr = f"{en} {noun.ens}", f"{fr} {of(noun.frs)}"
    else:
        number = scene.pick(NUMBERS)
        en, fr = f"{number[0]} {noun.ens}", f"{number[1]} {noun.frs}"
    said = f"{who.fr} {predicate(who, verb, 'past')} {fr} {time[1]}."
    return f"{english(who, verb, 'past')} {en} {time[0]}.", said


def garden(scene: Scene) -> Text:
    """tout, agreeing."""
    noun, fruit = scene.pick(FRUIT), scene.chance(0.5)
    adjective = scene.pick(pick("delicious, excellent, expensive, fresh, tasteless"))
    whole = "toutes" if noun.feminine else "tous"
    market = scene.pick([place for place in PLACES if place.noun.en in ("market", "supermarket")])
    subject = Phrase(
        f"all the {noun.ens} {market.en}" if fruit else f"all our {noun.ens}",
        f"{whole} les {noun.frs} du {market.noun.fr}" if fruit else f"{whole} nos {noun.frs}",
        noun.feminine,
        True,
        5,
    )
    time = scene.pick(
        [("this year", "cette année"), ("this week", "cette semaine"), ("today", "aujourd'hui")]
    )
    tense = scene.pick(("present", "past"))
    en, fr = be_like(subject, tense, adjective.en, adjective.form(noun.feminine, True))
    return f"{en} {time[0]}.", f"{fr} {time[1]}."
