"""Two verbs in one sentence: conditions, reported speech, gerunds, infinitives."""

from __future__ import annotations

from attn_core.corpus.grammar import phrases
from attn_core.corpus.grammar.clauses import be_like, english, predicate
from attn_core.corpus.grammar.french import linked
from attn_core.corpus.grammar.objects import ON_THINGS, acquired, owned_thing
from attn_core.corpus.grammar.phrases import Text
from attn_core.corpus.grammar.scene import Scene, pronoun
from attn_core.corpus.lexicon.actions import VERBS, verbs
from attn_core.corpus.lexicon.adjectives import pick
from attn_core.corpus.lexicon.surroundings import PLACES
from attn_core.corpus.lexicon.times import DAYS, PAST_TIMES

UNINTENDED = ("receive", "find", "lose", "forget", "discover")


def condition(scene: Scene) -> Text:
    who = scene.third()
    again = pronoun(who)
    sky = scene.pick(
        [
            ("it rains", "il pleut"),
            ("it snows", "il neige"),
            ("the weather is fine", "il fait beau"),
        ]
    )
    if scene.chance(0.5):
        day, place = scene.pick(DAYS), scene.pick(PLACES)
        verb, refusal = VERBS["go"], scene.pick(("", "not"))
        fr = f"si {sky[1]} {day[1]}, {who.fr} {predicate(who, verb, 'future', refusal)} {place.to_fr}."
        return (
            f"if {sky[0]} on {day[0]}, {english(who, verb, 'future', refusal)} {place.to_en}.",
            fr,
        )
    verb = scene.pick(verbs("arrive, come back, go home, go out"))
    then = scene.pick(verbs("rest, sleep, work, sing, go for a walk, cry, go to bed"))
    return (
        f"when {english(who, verb, 'present')}, {english(again, then, 'future')}.",
        f"quand {who.fr} {predicate(who, verb, 'future')}, {again.fr} {predicate(again, then, 'future')}.",
    )


def if_only(scene: Scene) -> Text:
    """An imperfect after si, a conditional after it."""
    who, what = scene.third(), phrases.the(owned_thing(scene))
    again = pronoun(who)
    state = scene.pick(pick("rich, ready, brave, patient, busy, angry, poor, serious"))
    verb = scene.pick(verbs("sell, buy, keep, repair, lend, hide"))
    refusal = scene.pick(("", "", "not"))
    then = f"{again.fr} {predicate(again, verb, 'would', refusal)} {what.fr}"
    fr = f"si {who.fr} était {state.form(who.feminine)}, {then}."
    return f"if {who.en} were {state.en}, {english(again, verb, 'would', refusal)} {what.en}.", fr


def thinks(scene: Scene) -> Text:
    """Reported speech after que."""
    who, noun = scene.third(), owned_thing(scene)
    verb = scene.pick(verbs("think, say, know, hope, believe"))
    plural = scene.chance(0.3)
    what, adjective = phrases.this(noun, plural=plural), scene.pick(ON_THINGS)
    tense = scene.pick(("present", "future") if verb.en == "hope" else ("present", "past"))
    said = "sait" if verb.en == "know" else predicate(who, verb, "present")
    en, fr = be_like(what, tense, adjective.en, adjective.form(noun.feminine, plural))
    return f"{who.en} {verb.third} that {en}.", f"{who.fr} {said} que {fr}."


def while_doing(scene: Scene) -> Text:
    """en -ant."""
    who = scene.third()
    verb, other = (
        scene.pick(verbs("sing, laugh, smile, cry, fall, dance")),
        scene.pick(("work", "cook", "wait", "dance", "travel", "run")),
    )
    if verb.en == other:
        other = "wait"
    doing = VERBS[other]
    time = scene.pick(PAST_TIMES[:8])
    fr = f"{who.fr} {predicate(who, verb, 'past')} en {doing.fr.gerund} {time[1]}."
    return f"{english(who, verb, 'past')} while {doing.ing} {time[0]}.", fr


def just_done(scene: Scene) -> Text:
    """venir de, être en train de, aller."""
    who, (noun, verb) = scene.third(), acquired(scene)
    while verb.en in UNINTENDED:
        noun, verb = acquired(scene)
    what = phrases.a(noun) if scene.chance(0.5) else phrases.the(noun)
    infinitive = verb.fr.infinitive
    en, fr = scene.pick(
        (
            (f"has just {verb.participle}", f"vient de {infinitive}"),
            (f"is going to {verb.en}", f"va {infinitive}"),
            (f"has forgotten to {verb.en}", f"a oublié de {infinitive}"),
            (f"has decided to {verb.en}", f"a décidé de {infinitive}"),
            (f"refuses to {verb.en}", f"refuse de {infinitive}"),
            (f"hopes to {verb.en}", f"espère {infinitive}"),
        )
    )
    return f"{who.en} {en} {what.en}.", f"{who.fr} {fr} {linked(verb.link, what.fr)}."
