"""What somebody did not do: ne … pas, que, rien, personne."""

from __future__ import annotations

from attn_core.corpus.grammar import phrases
from attn_core.corpus.grammar.clauses import english, predicate
from attn_core.corpus.grammar.objects import acquired
from attn_core.corpus.grammar.phrases import Text
from attn_core.corpus.grammar.scene import Scene, their
from attn_core.corpus.lexicon.actions import verbs


def refused(scene: Scene) -> Text:
    """With a negation, un and des become de."""
    who, (noun, verb) = scene.actor(), acquired(scene)
    tense, refusal = scene.pick(
        (("past", "not"), ("past", "never"), ("future", "not"), ("before", "not"))
    )
    en, fr = english(who, verb, tense, refusal), f"{who.fr} {predicate(who, verb, tense, refusal)}"
    if scene.chance(0.5):
        return f"{en} any {noun.ens}.", f"{fr} de {noun.frs}."
    what = phrases.owned(their(who), noun)
    return f"{en} {what.en}.", f"{fr} {what.fr}."


def nothing_else(scene: Scene) -> Text:
    """ne … que, ne … rien, ne … personne."""
    who, (noun, verb), which = scene.third(), acquired(scene), scene.rng.randrange(3)
    if which == 0:
        what = phrases.a(noun)
        subject = f"{who.fr} ne {predicate(who, verb, 'past')} que {what.fr}."
        return f"{who.en} only {verb.past} {what.en}.", subject
    place = scene.pick(
        [("at the market", "au marché"), ("in town", "en ville"), ("there", "là-bas")]
    )
    if which == 1:
        verb = scene.pick(verbs("buy, find, order, sell, see, understand, eat, say, lose"))
        fr = f"{who.fr} ne {predicate(who, verb, 'past', adverb='rien')} {place[1]}."
        return f"{english(who, verb, 'past')} nothing {place[0]}.", fr
    verb = scene.pick(verbs("meet, see, recognize, invite, help, call"))
    return (
        f"{english(who, verb, 'past')} nobody {place[0]}.",
        f"{who.fr} ne {predicate(who, verb, 'past')} personne {place[1]}.",
    )
