"""Somebody does something to a thing: objects, pronouns, participles."""

from __future__ import annotations

from attn_core.corpus.grammar import phrases
from attn_core.corpus.grammar.clauses import agreed, english, predicate
from attn_core.corpus.grammar.french import linked
from attn_core.corpus.grammar.objects import acquired, described
from attn_core.corpus.grammar.phrases import Phrase, Text
from attn_core.corpus.grammar.scene import Scene, their
from attn_core.corpus.lexicon.actions import verbs
from attn_core.corpus.lexicon.adjectives import COLOURS
from attn_core.corpus.lexicon.things import KIND
from attn_core.corpus.lexicon.times import FUTURE_TIMES, HABIT_TIMES, PAST_TIMES
from attn_core.corpus.lexicon.words import listed

HANDED = listed(
    "furniture, clothes, vehicle, paper, container, device, tool, instrument, toy, ornament"
)


def deed(scene: Scene) -> Text:
    """Somebody bought a small red lamp."""
    who, (noun, verb), time = scene.actor(), acquired(scene), scene.pick(PAST_TIMES)
    what = described(scene, noun)
    fr = f"{who.fr} {predicate(who, verb, 'past')} {linked(verb.link, what.fr)} {time[1]}."
    return f"{english(who, verb, 'past')} {what.en} {time[0]}.", fr


def taken_up(scene: Scene) -> Text:
    """A second clause with the object before the verb, and the participle that agrees with it."""
    who, noun = scene.third(), scene.noun(KIND[scene.pick(HANDED)].nouns)
    plural = scene.chance(0.35)
    what = phrases.the(noun, plural=plural) if plural or scene.chance(0.4) else phrases.a(noun)
    first = scene.pick(verbs("find, buy, receive, choose, borrow, photograph"))
    then = scene.pick(verbs("sell, give back, clean, show, describe, keep, lose, forget, draw"))
    time = scene.pick(PAST_TIMES[:10])
    clitic = "les" if plural else "la" if noun.feminine else "le"
    again = Phrase(who.en, who.fr, who.feminine, who.plural, who.person)
    link_en = "to us " if then.en in ("show", "give back") else ""
    own = "nous " if link_en else ""
    fr = f"{who.fr} {predicate(who, first, 'past')} {what.fr} et {own}"
    fr += f"{predicate(again, then, 'past', clitic=clitic, object_before=what)} {time[1]}."
    it = "them" if plural else "it"
    return f"{english(who, first, 'past')} {what.en} and {then.past} {it} {link_en}{time[0]}.", fr


def made_by(scene: Scene) -> Text:
    """A passive: the participle agrees with the subject."""
    who, (noun, verb) = scene.third(), acquired(scene)
    plural = scene.chance(0.4)
    what = phrases.the(noun, plural=plural)
    done = agreed(verb.fr.participle, noun.feminine, plural)
    was, a = ("were", "ont") if plural else ("was", "a")
    time = scene.pick(PAST_TIMES[:10])
    en = f"{what.en} {was} {verb.participle} by {who.en} {time[0]}."
    return en, f"{what.fr} {a} été {done} par {who.fr} {time[1]}."


def chores(scene: Scene) -> Text:
    """Possessives, and each of the simple tenses."""
    who = scene.actor()
    kind = KIND[scene.pick(("furniture", "clothes", "vehicle", "tool", "container"))]
    plural = scene.chance(0.3)
    what = phrases.owned(their(who), scene.noun(kind.nouns), plural=plural)
    verb = scene.pick(
        verbs("clean, look for, hide, repair, sell, keep, lend, photograph, protect")
    )
    tense = scene.pick(("future", "habit", "present", "would", "during"))
    time = {
        "future": scene.pick(FUTURE_TIMES),
        "habit": scene.pick(HABIT_TIMES),
        "present": scene.pick(HABIT_TIMES),
    }
    when = time.get(tense, ("", ""))
    if tense == "would":
        when = scene.pick(
            [("with pleasure", "avec plaisir"), ("without hesitation", "sans hésiter")]
        )
    fr = f"{who.fr} {predicate(who, verb, tense)} {what.fr} {when[1]}".strip()
    return f"{english(who, verb, tense)} {what.en} {when[0]}".strip() + ".", fr + "."


def colourful(scene: Scene) -> Text:
    """Two coloured things, joined."""
    who, kind = scene.third(), KIND["clothes"]
    one, other = scene.noun(kind.nouns), scene.noun(kind.nouns)
    first, then = scene.rng.sample(list(COLOURS.values()), 2)
    if one is other:
        return deed(scene)
    left, right = phrases.a(one, first), phrases.a(other, then)
    verb = scene.pick(verbs("wear, buy, choose, sell, wash, order"))
    fr = f"{who.fr} {predicate(who, verb, 'past')} {left.fr} et {right.fr}."
    return f"{english(who, verb, 'past')} {left.en} and {right.en}.", fr
