"""Sentences about persons: what they are, how old, where from, how they feel, what they do all day.

None of them speaks of a thing, so any person of the document may stand in them.
"""

from __future__ import annotations

from attn_core.corpus.grammar import phrases
from attn_core.corpus.grammar.clauses import be, be_like, english, predicate
from attn_core.corpus.grammar.french import the, to
from attn_core.corpus.grammar.phrases import Phrase
from attn_core.corpus.grammar.scene import Scene, pronoun, their
from attn_core.corpus.lexicon.actions import VERBS
from attn_core.corpus.lexicon.adjectives import pick
from attn_core.corpus.lexicon.names import (
    CITIES,
    COUNTRIES,
    DAYS,
    ENGLISH_CITIES,
    FUTURE_TIMES,
    HABIT_TIMES,
    LANGUAGES,
    MONTHS,
    NUMBERS,
    PAST_TIMES,
)
from attn_core.corpus.lexicon.people import KIN, PROFESSIONS
from attn_core.corpus.lexicon.surroundings import PAINS
from attn_core.corpus.lexicon.words import Adjective, an

Text = tuple[str, str]
TEMPERS = pick(
    """kind, polite, shy, proud, patient, serious, lazy, brave, curious, jealous, generous, clever, honest, discreet,
    talkative, creative, active, loyal, sensitive, calm, nervous, funny, rich, poor, famous, strong, elegant"""
)
STATES = pick(
    """happy, unhappy, tired, ill, angry, worried, surprised, ready, absent, calm, nervous, busy, satisfied,
    disappointed, sad"""
)
AFFECTED = pick("tired, ill, happy, unhappy, satisfied")
DEGREES = [
    ("very", "très"),
    ("rather", "plutôt"),
    ("too", "trop"),
    ("quite", "assez"),
    ("always", "toujours"),
]
MOVES = [
    "go",
    "come back",
    "leave",
    "go out",
    "arrive",
    "fall",
    "get up",
    "go to bed",
    "wake up",
    "fall asleep",
    "rest",
    "get dressed",
    "hurry",
    "sit down",
    "get lost",
    "get bored",
    "have fun",
    "make a mistake",
]
ROUTINE = ["get up", "go to bed", "wake up", "go out", "go home", "leave", "arrive"]
DOINGS = [
    "work",
    "sleep",
    "sing",
    "dance",
    "run",
    "swim",
    "laugh",
    "smile",
    "cry",
    "wait",
    "travel",
    "cough",
    "rest",
    "read",
    "study",
    "get bored",
]
PLAY = [
    "football:au football",
    "chess:aux échecs",
    "cards:aux cartes",
    "tennis:au tennis",
    "the piano:du piano",
    "the guitar:de la guitare",
    "the violin:du violon",
    "the flute:de la flûte",
]
HOURS = [(str(hour), f"{hour} heures") for hour in range(5, 12)]
ON_DAYS = [("every day", "tous les jours"), *((f"on {en}s", f"le {fr}") for en, fr in DAYS)]


def city(scene: Scene) -> Text:
    name = scene.pick(CITIES)
    return ENGLISH_CITIES.get(name, name), name


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
    who, doing, adjective = scene.gendered(), VERBS[scene.pick(DOINGS[:11])], scene.pick(AFFECTED)
    again = pronoun(who)
    en, fr = be_like(who, "past", adjective.en, adjective.form(who.feminine, who.plural))
    how = scene.pick([("a lot", "beaucoup"), ("too much", "trop"), ("very little", "très peu")])
    said = f"{again.fr} {predicate(again, doing, 'before', adverb=how[1])}"
    return f"{en} because {english(again, doing, 'before')} {how[0]}.", f"{fr} parce que {said}."


def move(scene: Scene) -> Text:
    who, verb = scene.gendered(), VERBS[scene.pick(MOVES[1:])]
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
        VERBS[scene.pick(ROUTINE)],
        scene.pick(HOURS),
        scene.pick(ON_DAYS),
    )
    tense = scene.pick(("present", "habit", "present"))
    fr = f"{who.fr} {predicate(who, verb, tense)} à {hour[1]} {habit[1]}."
    return f"{english(who, verb, tense)} at {hour[0]} o'clock {habit[0]}.", fr


def day_of(scene: Scene) -> Text:
    who, verb, day = (
        scene.anyone(),
        VERBS[scene.pick(("arrive", "leave", "come back", "go home"))],
        scene.pick(DAYS),
    )
    evening = scene.pick([("morning", "matin"), ("evening", "soir"), ("afternoon", "après-midi")])
    tense = scene.pick(("past", "future"))
    fr = f"{who.fr} {predicate(who, verb, tense)} {day[1]} {evening[1]}."
    return f"{english(who, verb, tense)} on {day[0]} {evening[0]}.", fr


def language(scene: Scene) -> Text:
    who, tongue, other = scene.anyone(), *scene.rng.sample(LANGUAGES, 2)
    which = scene.rng.randrange(3)
    if which == 0:
        return (
            f"{who.en} speaks {tongue[0]} and {other[0]}.",
            f"{who.fr} parle {tongue[1]} et {other[1]}.",
        )
    if which == 1:
        return (
            f"{who.en} understands {tongue[0]} but does not speak {other[0]}.",
            f"{who.fr} comprend {the(tongue[1], False)} mais ne parle pas {other[1]}.",
        )
    years = scene.pick(NUMBERS[:9])
    return (
        f"{who.en} has been learning {tongue[0]} for {years[0]} years.",
        f"{who.fr} apprend {the(tongue[1], False)} depuis {years[1]} ans.",
    )


def residence(scene: Scene) -> Text:
    who, where, years, country = (
        scene.anyone(),
        city(scene),
        scene.pick(NUMBERS),
        scene.pick(COUNTRIES),
    )
    which = scene.rng.randrange(3)
    if which == 0:
        return (
            f"{who.en} has lived in {where[0]} for {years[0]} years.",
            f"{who.fr} habite à {where[1]} depuis {years[1]} ans.",
        )
    if which == 1:
        time = scene.pick(PAST_TIMES[1:6])
        came = "revenue" if who.feminine else "revenu"
        return (
            f"{who.en} came back from {country[0]} {time[0]}.",
            f"{who.fr} est {came} {country[1]} {time[1]}.",
        )
    time = scene.pick(FUTURE_TIMES[1:7])
    return f"{who.en} will go to {country[0]} {time[0]}.", f"{who.fr} ira {country[2]} {time[1]}."


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


def doing(scene: Scene) -> Text:
    """An imperfect that another event breaks into."""
    who, verb, other = scene.actor(), VERBS[scene.pick(DOINGS)], scene.gendered()
    event = VERBS[scene.pick(("arrive", "come back", "go home", "fall", "wake up", "go out"))]
    fr = f"{who.fr} {predicate(who, verb, 'during')} quand {other.fr} {predicate(other, event, 'past')}."
    return f"{english(who, verb, 'during')} when {english(other, event, 'past')}.", fr


def pastime(scene: Scene) -> Text:
    who, habit = scene.actor(), scene.pick(HABIT_TIMES)
    en, _, fr = scene.pick(PLAY).partition(":")
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


ABOUT_PERSONS = [
    profession,
    wish_to_become,
    age,
    birth,
    temper,
    state,
    because_tired,
    move,
    routine,
    day_of,
    language,
    residence,
    pain,
    doing,
    pastime,
    kinship,
]
