"""Somebody does something to an animal or a person."""

from __future__ import annotations

from attn_core.corpus.grammar import phrases
from attn_core.corpus.grammar.clauses import english, predicate
from attn_core.corpus.grammar.french import linked
from attn_core.corpus.grammar.objects import described
from attn_core.corpus.grammar.phrases import Phrase, Text
from attn_core.corpus.grammar.scene import Scene
from attn_core.corpus.lexicon.actions import verbs
from attn_core.corpus.lexicon.numbers import NUMBERS
from attn_core.corpus.lexicon.surroundings import ANIMALS
from attn_core.corpus.lexicon.times import FUTURE_TIMES, PAST_TIMES

TO_ANIMALS = verbs("feed, see, watch, follow, draw, stroke, adopt, photograph, look for, find")
TO_PERSONS = verbs(
    "meet, thank, invite, help, call, recognize, wait for, see, follow, protect, admire"
)


def animal(scene: Scene) -> Text:
    who, verb, noun = scene.actor(), scene.pick(TO_ANIMALS), scene.noun(ANIMALS)
    time, which = scene.pick(PAST_TIMES), scene.rng.randrange(3)
    if which == 0:
        number = scene.pick(NUMBERS[:9])
        en, fr = f"{number[0]} {noun.ens}", f"{number[1]} {noun.frs}"
    else:
        what = (
            described(scene, noun) if which == 1 else phrases.the(noun, plural=scene.chance(0.5))
        )
        en, fr = what.en, what.fr
    said = f"{who.fr} {predicate(who, verb, 'past')} {fr} {time[1]}."
    return f"{english(who, verb, 'past')} {en} {time[0]}.", said


def encounter(scene: Scene) -> Text:
    """A person as the object, named or as a pronoun."""
    who, verb, time = scene.actor(), scene.pick(TO_PERSONS), scene.pick(PAST_TIMES)
    if scene.chance(0.5):
        whom = scene.pick((scene.somebody, scene.people))()
        fr = f"{who.fr} {predicate(who, verb, 'past')} {linked(verb.link, whom.fr)} {time[1]}."
        return f"{english(who, verb, 'past')} {whom.en} {time[0]}.", fr
    en, fr, whom = scene.pick(
        (
            ("him", "le", Phrase("", "")),
            ("her", "la", Phrase("", "", True)),
            ("them", "les", Phrase("", "", False, True)),
        )
    )
    tense, refusal = scene.pick((("past", ""), ("past", "not"), ("future", ""), ("past", "never")))
    if tense == "future":
        time = scene.pick(FUTURE_TIMES)
    elif refusal:
        time = ("", "")
    said = predicate(who, verb, tense, refusal, clitic=fr, object_before=whom)
    return (
        f"{english(who, verb, tense, refusal)} {en} {time[0]}".strip() + ".",
        f"{who.fr} {said} {time[1]}".strip() + ".",
    )
