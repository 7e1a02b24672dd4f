"""Relative clauses: qui, que, où, dont."""

from __future__ import annotations

from attn_core.corpus.grammar import phrases
from attn_core.corpus.grammar.clauses import be_like, english, predicate
from attn_core.corpus.grammar.objects import ON_THINGS, acquired, owned_thing
from attn_core.corpus.grammar.phrases import Phrase, Text
from attn_core.corpus.grammar.scene import Scene, city
from attn_core.corpus.lexicon.actions import VERBS, verbs
from attn_core.corpus.lexicon.adjectives import pick
from attn_core.corpus.lexicon.geography import LANGUAGES
from attn_core.corpus.lexicon.people import PERSONS, STATES, TEMPERS
from attn_core.corpus.lexicon.surroundings import PLACES
from attn_core.corpus.lexicon.things import KINDS
from attn_core.corpus.lexicon.times import PAST_TIMES


def who_does(scene: Scene) -> Text:
    """A relative clause with qui."""
    noun, plural = scene.pick(PERSONS), scene.chance(0.4)
    who = phrases.the(noun, plural=plural)
    relative = scene.pick((lives, works, speaks))(scene, who)
    adjective = scene.pick(TEMPERS + STATES[:4])
    subject = Phrase(
        f"{who.en} who {relative[0]}",
        f"{who.fr} qui {relative[1]}",
        who.feminine,
        plural,
        who.person,
    )
    en, fr = be_like(subject, "present", adjective.en, adjective.form(who.feminine, plural))
    return en + ".", fr + "."


def lives(scene: Scene, who: Phrase) -> Text:
    where, verb = city(scene), VERBS["live"]
    return (
        f"{verb.en if who.plural else verb.third} in {where[0]}",
        f"{predicate(who, verb, 'present')} à {where[1]}",
    )


def works(scene: Scene, who: Phrase) -> Text:
    place, verb = scene.pick(PLACES), VERBS["work"]
    return (
        f"{verb.en if who.plural else verb.third} {place.en}",
        f"{predicate(who, verb, 'present')} {place.fr}",
    )


def speaks(scene: Scene, who: Phrase) -> Text:
    tongue, verb = scene.pick(LANGUAGES), VERBS["speak"]
    return (
        f"{verb.en if who.plural else verb.third} {tongue[0]}",
        f"{predicate(who, verb, 'present')} {tongue[1]}",
    )


def which_one(scene: Scene) -> Text:
    """A relative clause with que: the participle agrees with what stands before."""
    who, (noun, verb) = scene.actor(), acquired(scene)
    plural = scene.chance(0.35)
    what = phrases.the(noun, plural=plural)
    kind = next(kind for kind in KINDS if noun in kind.nouns)
    adjective = scene.pick(kind.said[:8])
    fr = f"{what.fr} que {who.fr} {predicate(who, verb, 'past', object_before=what)}"
    subject = Phrase(
        f"{what.en} that {english(who, verb, 'past')}", fr, noun.feminine, plural, what.person
    )
    tense, refusal = scene.pick((("present", ""), ("past", ""), ("past", "not")))
    en, fr = be_like(subject, tense, adjective.en, adjective.form(noun.feminine, plural), refusal)
    return en + ".", fr + "."


def where_it_was(scene: Scene) -> Text:
    """A relative clause with où."""
    who, place = scene.gendered(), scene.pick(PLACES)
    verb = scene.pick(verbs("work, sing, wait, dance, sleep, get lost"))
    what = phrases.the(place.noun)
    adjective = scene.pick(
        pick("big, small, quiet, noisy, famous, modern, old, isolated, dirty, clean")
    )
    tense = scene.pick(("present", "past"))
    subject = Phrase(
        f"{what.en} where {english(who, verb, tense)}",
        f"{what.fr} où {who.fr} {predicate(who, verb, tense)}",
        place.noun.feminine,
    )
    form = adjective.form(place.noun.feminine)
    en, fr = be_like(subject, "present", f"very {adjective.en}", f"très {form}")
    return en + ".", fr + "."


def spoken_of(scene: Scene) -> Text:
    """A relative clause with dont: of which one speaks, or whose."""
    noun, who = owned_thing(scene), scene.gendered()
    what = phrases.the(noun)
    if scene.chance(0.5):
        verb = scene.pick(verbs("need, talk about"))
        tense = scene.pick(("present", "during" if verb.en == "talk about" else "present"))
        fr = predicate(who, verb, tense) + (" besoin" if verb.en == "need" else "")
        adjective = scene.pick(ON_THINGS)
        subject = Phrase(
            f"{what.en} that {english(who, verb, tense)}",
            f"{what.fr} dont {who.fr} {fr}",
            noun.feminine,
        )
        en, fr = be_like(subject, "present", adjective.en, adjective.form(noun.feminine))
        return en + ".", fr + "."
    person = phrases.the(scene.pick(PERSONS))
    adjective = scene.pick(ON_THINGS)
    time = scene.pick(PAST_TIMES[:8])
    whose, dont = be_like(
        Phrase(what.en[4:], what.fr, noun.feminine),
        "present",
        adjective.en,
        adjective.form(noun.feminine),
    )
    came = scene.pick(verbs("arrive, come back, leave"))
    return (
        f"{person.en} whose {whose} {came.past} {time[0]}.",
        f"{person.fr} dont {dont} {predicate(person, came, 'past')} {time[1]}.",
    )
