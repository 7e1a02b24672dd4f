"""What somebody does all day: coming and going, work, play."""

from __future__ import annotations

from attn_core.corpus.grammar import phrases
from attn_core.corpus.grammar.clauses import english, predicate
from attn_core.corpus.grammar.phrases import Phrase, Text
from attn_core.corpus.grammar.scene import Scene, their
from attn_core.corpus.lexicon.actions import VERBS, verbs
from attn_core.corpus.lexicon.people import KIN
from attn_core.corpus.lexicon.times import DAYS, HABIT_TIMES, PAST_TIMES
from attn_core.corpus.lexicon.words import pairs

MOVES = verbs(
    """come back, leave, go out, arrive, fall, get up, go to bed, wake up, fall asleep, rest, get dressed,
    hurry, sit down, get lost, get bored, have fun, make a mistake"""
)
ROUTINE = verbs("get up, go to bed, wake up, go out, go home, leave, arrive")
DOINGS = verbs(
    """work, sleep, sing, dance, run, swim, laugh, smile, cry, wait, travel, cough, rest, read, study, get bored"""
)
PLAY = pairs(
    """football:au football, chess:aux échecs, cards:aux cartes, tennis:au tennis, the piano:du piano,
    the guitar:de la guitare, the violin:du violon, the flute:de la flûte"""
)
HOURS = [(str(hour), f"{hour} heures") for hour in range(5, 12)]
ON_DAYS = [("every day", "tous les jours"), *((f"on {en}s", f"le {fr}") for en, fr in DAYS)]


def move(scene: Scene) -> Text:
    who, verb = scene.gendered(), scene.pick(MOVES)
    time = scene.pick(PAST_TIMES)
    refusal = "not" if scene.chance(0.25) else ""
    if refusal:
        time = scene.pick(PAST_TIMES[:6])
    en, fr = (
        english(who, verb, "past", refusal),
        f"{who.fr} {predicate(who, verb, 'past', refusal)}",
    )
    if scene.chance(0.4):
        return f"{time[0]}, {en}.", f"{time[1]}, {fr}."
    return f"{en} {time[0]}.", f"{fr} {time[1]}."


def routine(scene: Scene) -> Text:
    who, verb, hour, habit = (
        scene.actor(),
        scene.pick(ROUTINE),
        scene.pick(HOURS),
        scene.pick(ON_DAYS),
    )
    tense = scene.pick(("present", "habit", "present"))
    fr = f"{who.fr} {predicate(who, verb, tense)} à {hour[1]} {habit[1]}."
    return f"{english(who, verb, tense)} at {hour[0]} o'clock {habit[0]}.", fr


def day_of(scene: Scene) -> Text:
    who, verb, day = (
        scene.anyone(),
        scene.pick(verbs("arrive, leave, come back, go home")),
        scene.pick(DAYS),
    )
    evening = scene.pick([("morning", "matin"), ("evening", "soir"), ("afternoon", "après-midi")])
    tense = scene.pick(("past", "future"))
    fr = f"{who.fr} {predicate(who, verb, tense)} {day[1]} {evening[1]}."
    return f"{english(who, verb, tense)} on {day[0]} {evening[0]}.", fr


def doing(scene: Scene) -> Text:
    """An imperfect that another event breaks into."""
    who, verb, other = scene.actor(), scene.pick(DOINGS), scene.gendered()
    event = scene.pick(verbs("arrive, come back, go home, fall, wake up, go out"))
    fr = f"{who.fr} {predicate(who, verb, 'during')} quand {other.fr} {predicate(other, event, 'past')}."
    return f"{english(who, verb, 'during')} when {english(other, event, 'past')}.", fr


def pastime(scene: Scene) -> Text:
    who, habit = scene.actor(), scene.pick(HABIT_TIMES)
    en, fr = scene.pick(PLAY)
    verb = VERBS["play"]
    tense, refusal = scene.pick(
        (("present", ""), ("habit", ""), ("present", "never"), ("present", "no longer"))
    )
    if refusal:
        if fr.startswith(("du ", "de la ")):
            fr = "de " + fr.removeprefix("du ").removeprefix("de la ")
        with_en, with_fr = kin_of(scene, who)
        return (
            f"{english(who, verb, tense, refusal)} {en} with {with_en}.",
            f"{who.fr} {predicate(who, verb, tense, refusal)} {fr} avec {with_fr}.",
        )
    return (
        f"{english(who, verb, tense)} {en} {habit[0]}.",
        f"{who.fr} {predicate(who, verb, tense)} {fr} {habit[1]}.",
    )


def kin_of(scene: Scene, who: Phrase) -> Text:
    kin = phrases.owned(their(who), scene.pick(KIN))
    return kin.en, kin.fr
