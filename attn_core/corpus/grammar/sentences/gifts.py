"""Somebody gives something to somebody."""

from __future__ import annotations

from attn_core.corpus.grammar import phrases
from attn_core.corpus.grammar.clauses import english, predicate
from attn_core.corpus.grammar.french import to
from attn_core.corpus.grammar.objects import described
from attn_core.corpus.grammar.phrases import Text
from attn_core.corpus.grammar.scene import Scene, their
from attn_core.corpus.lexicon.actions import verbs
from attn_core.corpus.lexicon.things import KIND
from attn_core.corpus.lexicon.times import PAST_TIMES

GIFTS = ["clothes", "paper", "tool", "toy", "container"]
CLITICS = [  # who receives
    ("me", "me"),
    ("us", "nous"),
    ("you", "vous"),
    ("him", "lui"),
    ("her", "lui"),
    ("them", "leur"),
]


def gift(scene: Scene) -> Text:
    """The receiver stands before the French verb."""
    who, kind = scene.third(), KIND[scene.pick(GIFTS)]
    verb = scene.pick(verbs("give, show, lend, send, bring"))
    en, fr = scene.pick(CLITICS)
    what, tense = phrases.a(scene.noun(kind.nouns)), scene.pick(("past", "future", "past"))
    refusal = "not" if scene.chance(0.2) else ""
    if refusal:
        what = phrases.owned(their(who), scene.noun(kind.nouns))
    said = predicate(who, verb, tense, refusal, clitic=fr)
    return f"{english(who, verb, tense, refusal)} {en} {what.en}.", f"{who.fr} {said} {what.fr}."


def gift_to(scene: Scene) -> Text:
    """… to somebody, with the contraction of à."""
    who, kind = scene.actor(), KIND[scene.pick(GIFTS)]
    verb = scene.pick(verbs("give, show, lend, send"))
    whom = scene.pick((scene.somebody, scene.people, scene.named))()
    what, time = described(scene, scene.noun(kind.nouns)), scene.pick(PAST_TIMES[:8])
    fr = f"{who.fr} {predicate(who, verb, 'past')} {what.fr} {to(whom.fr)} {time[1]}."
    return f"{english(who, verb, 'past')} {what.en} to {whom.en} {time[0]}.", fr
