"""Which languages somebody speaks, where somebody lives and goes."""

from __future__ import annotations

from attn_core.corpus.grammar.clauses import english, predicate
from attn_core.corpus.grammar.french import the as the_fr
from attn_core.corpus.grammar.phrases import Text
from attn_core.corpus.grammar.scene import Scene, city
from attn_core.corpus.lexicon.actions import VERBS
from attn_core.corpus.lexicon.geography import COUNTRIES, LANGUAGES
from attn_core.corpus.lexicon.numbers import NUMBERS
from attn_core.corpus.lexicon.surroundings import PLACES
from attn_core.corpus.lexicon.times import FUTURE_TIMES, HABIT_TIMES, PAST_TIMES


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
            f"{who.fr} comprend {the_fr(tongue[1], False)} mais ne parle pas {other[1]}.",
        )
    years = scene.pick(NUMBERS[:9])
    return (
        f"{who.en} has been learning {tongue[0]} for {years[0]} years.",
        f"{who.fr} apprend {the_fr(tongue[1], False)} depuis {years[1]} ans.",
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


def outing(scene: Scene) -> Text:
    """aller: à contracts, and the participle agrees."""
    who, place = scene.gendered(), scene.pick(PLACES)
    tense, refusal = scene.pick(
        (("past", ""), ("future", ""), ("habit", ""), ("present", ""), ("past", "not"))
    )
    times = {"past": PAST_TIMES[:10], "future": FUTURE_TIMES}.get(tense, HABIT_TIMES)
    time = scene.pick(times)
    fr = f"{who.fr} {predicate(who, VERBS['go'], tense, refusal)} {place.to_fr} {time[1]}."
    return f"{english(who, VERBS['go'], tense, refusal)} {place.to_en} {time[0]}.", fr
