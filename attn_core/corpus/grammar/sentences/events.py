"""Events and ideas: when they are, and how."""

from __future__ import annotations

from attn_core.corpus.grammar import phrases
from attn_core.corpus.grammar.clauses import be_like
from attn_core.corpus.grammar.french import of
from attn_core.corpus.grammar.phrases import Phrase, Text
from attn_core.corpus.grammar.scene import Scene
from attn_core.corpus.lexicon.adjectives import pick
from attn_core.corpus.lexicon.surroundings import EVENTS, IDEAS, PLACES
from attn_core.corpus.lexicon.times import FUTURE_TIMES, MONTHS

OF_IDEAS = pick(
    "good, bad, strange, interesting, real, beautiful, ridiculous, complicated, new, simple, original, important"
)
OF_EVENTS = pick(
    "long, short, boring, interesting, sad, funny, moving, disappointing, important, perfect"
)


def date(scene: Scene) -> Text:
    noun, month, where = scene.pick(EVENTS), scene.pick(MONTHS), scene.pick(PLACES)
    day, year = 2 + scene.rng.randrange(27), 2027 + scene.rng.randrange(6)
    what = phrases.the(noun)
    if scene.chance(0.5):
        return (
            f"{what.en} will take place on {day} {month[0]} {year}.",
            f"{what.fr} aura lieu le {day} {month[1]} {year}.",
        )
    return (
        f"{what.en} took place {where.en} on {day} {month[0]}.",
        f"{what.fr} a eu lieu {where.fr} le {day} {month[1]}.",
    )


def event(scene: Scene) -> Text:
    noun, adjective, other = scene.pick(EVENTS), *scene.rng.sample(OF_EVENTS, 2)
    plural = scene.chance(0.4)
    what = phrases.the(noun, plural=plural)
    tense, refusal = scene.pick((("past", ""), ("future", ""), ("past", "not"), ("would", "")))
    one, two = adjective.form(noun.feminine, plural), other.form(noun.feminine, plural)
    en, fr = be_like(what, tense, f"{adjective.en} but {other.en}", f"{one} mais {two}")
    if refusal or scene.chance(0.5):
        en, fr = be_like(what, tense, f"very {adjective.en}", f"très {one}", refusal)
        time = scene.pick(FUTURE_TIMES) if tense == "future" else ("", "")
        return f"{en} {time[0]}".strip() + ".", f"{fr} {time[1]}".strip() + "."
    return en + ".", fr + "."


def idea(scene: Scene) -> Text:
    who, noun, adjective = scene.third(), scene.pick(IDEAS), scene.pick(OF_IDEAS)
    what = phrases.a(noun, adjective)
    which = scene.rng.randrange(3)
    if which == 0:
        return f"it was {what.en} for {who.en}.", f"ce était {what.fr} pour {who.fr}."
    if which == 1:
        return f"{who.en} told us about {what.en}.", f"{who.fr} nous a parlé {of(what.fr)}."
    whose = phrases.the(noun, *([adjective] if adjective.before else []))
    other = scene.pick([one for one in OF_IDEAS if not one.before])
    subject = Phrase(f"{who.en}'s {whose.en[4:]}", f"{whose.fr} {of(who.fr)}", noun.feminine)
    en, fr = be_like(
        subject, scene.pick(("present", "past", "future")), other.en, other.form(noun.feminine)
    )
    return en + ".", fr + "."
