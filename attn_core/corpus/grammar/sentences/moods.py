"""How somebody is, and how somebody feels."""

from __future__ import annotations

from attn_core.corpus.grammar import phrases
from attn_core.corpus.grammar.clauses import be_like, english, predicate
from attn_core.corpus.grammar.french import to
from attn_core.corpus.grammar.phrases import Phrase, Text
from attn_core.corpus.grammar.scene import Scene, pronoun
from attn_core.corpus.lexicon.actions import verbs
from attn_core.corpus.lexicon.adjectives import pick
from attn_core.corpus.lexicon.people import STATES, TEMPERS
from attn_core.corpus.lexicon.surroundings import PAINS
from attn_core.corpus.lexicon.times import HABIT_TIMES
from attn_core.corpus.lexicon.words import Adjective

AFFECTED = pick("tired, ill, happy, unhappy, satisfied")
DEGREES = [
    ("very", "très"),
    ("rather", "plutôt"),
    ("too", "trop"),
    ("quite", "assez"),
    ("always", "toujours"),
]
TIRING = verbs("work, sleep, sing, dance, run, swim, laugh, smile, cry, wait, travel")


def temper(scene: Scene) -> Text:
    who, adjective, degree = scene.anyone(), scene.pick(TEMPERS), scene.pick(DEGREES)
    if scene.chance(0.3):
        return refused_temper(scene, who, adjective, scene.pick(("not", "never", "no longer")))
    french = adjective.form(who.feminine, who.plural)
    en, fr = be_like(
        who,
        scene.pick(("present", "past")),
        f"{degree[0]} {adjective.en}",
        f"{degree[1]} {french}",
    )
    return en + ".", fr + "."


def refused_temper(scene: Scene, who: Phrase, adjective: Adjective, refusal: str) -> Text:
    french = adjective.form(who.feminine, who.plural)
    en, fr = be_like(who, scene.pick(("present", "past")), adjective.en, french, refusal)
    return en + ".", fr + "."


def state(scene: Scene) -> Text:
    who, adjective = scene.gendered(), scene.pick(STATES)
    time = scene.pick(
        [("this morning", "ce matin"), ("yesterday", "hier"), ("last night", "hier soir")]
    )
    french = adjective.form(who.feminine, who.plural)
    en, fr = be_like(who, "past", adjective.en, french)
    return f"{en} {time[0]}.", f"{fr} {time[1]}."


def because_tired(scene: Scene) -> Text:
    who, doing, adjective = scene.gendered(), scene.pick(TIRING), scene.pick(AFFECTED)
    again = pronoun(who)
    en, fr = be_like(who, "past", adjective.en, adjective.form(who.feminine, who.plural))
    how = scene.pick([("a lot", "beaucoup"), ("too much", "trop"), ("very little", "très peu")])
    said = f"{again.fr} {predicate(again, doing, 'before', adverb=how[1])}"
    return f"{en} because {english(again, doing, 'before')} {how[0]}.", f"{fr} parce que {said}."


def pain(scene: Scene) -> Text:
    who, noun = scene.anyone(), scene.pick(PAINS)
    part = to(phrases.the(noun).fr)
    if scene.chance(0.4):
        return (
            f"{who.en}'s {noun.en} has been hurting since yesterday.",
            f"{who.fr} a mal {part} depuis hier.",
        )
    again = scene.pick(HABIT_TIMES[:3])
    return f"{who.en}'s {noun.en} hurts {again[0]}.", f"{who.fr} a mal {part} {again[1]}."
