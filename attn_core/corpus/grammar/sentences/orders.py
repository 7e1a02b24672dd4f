"""Orders and wishes."""

from __future__ import annotations

from attn_core.corpus.grammar import phrases
from attn_core.corpus.grammar.objects import owned_thing
from attn_core.corpus.grammar.phrases import Text
from attn_core.corpus.grammar.scene import Scene, pronoun, their
from attn_core.corpus.lexicon.actions import verbs
from attn_core.corpus.lexicon.surroundings import ROOMS
from attn_core.corpus.lexicon.times import DAYS, FUTURE_TIMES

MODALS = [
    ("wants to", "veut"),
    ("must", "doit"),
    ("can", "peut"),
    ("would like to", "voudrait"),
    ("could", "pourrait"),
]
GIVING_AWAY = [
    ("wants to sell", "veut", "vendre"),
    ("is going to lend", "va", "prêter"),
    ("has to show", "doit", "montrer"),
]
HOLDING_ON = [
    ("does not want to lose", "ne veut pas", "perdre"),
    ("can no longer repair", "ne peut plus", "réparer"),
    ("refuses to sell", "refuse de", "vendre"),
]


def order(scene: Scene) -> Text:
    """The imperative."""
    what = phrases.the(owned_thing(scene), plural=scene.chance(0.3))
    if scene.chance(0.5):
        place = scene.pick(ROOMS)
        return (
            f"put {what.en} {place.en}, please.",
            f"mettez {what.fr} {place.fr}, s'il vous plaît.",
        )
    verb, day = (
        scene.pick(verbs("clean, hide, sell, bring, repair, show")),
        scene.pick(DAYS),
    )
    return (
        f"{verb.en} {what.en} before {day[0]}.",
        f"{verb.fr.present[4]} {what.fr} avant {day[1]}.",
    )


def forbidden(scene: Scene) -> Text:
    what = phrases.the(owned_thing(scene), plural=scene.chance(0.3))
    verb = scene.pick(verbs("forget, lose, break, sell, hide, throw away, move"))
    word = scene.pick((("not", "pas"), ("never", "jamais")))
    en = f"do not {verb.en}" if word[0] == "not" else f"never {verb.en}"
    return f"{en} {what.en}!", f"ne {verb.fr.present[4]} {word[1]} {what.fr} !"


def wish(scene: Scene) -> Text:
    """A modal and an infinitive."""
    who = scene.third()
    verb = scene.pick(verbs("sell, keep, clean, find, repair, hide, buy, lend, show"))
    modal_en, modal_fr = scene.pick(MODALS)
    what, time = phrases.owned(their(who), owned_thing(scene)), scene.pick(FUTURE_TIMES)
    return (
        f"{who.en} {modal_en} {verb.en} {what.en} {time[0]}.",
        f"{who.fr} {modal_fr} {verb.fr.infinitive} {what.fr} {time[1]}.",
    )


def wish_for(scene: Scene) -> Text:
    """The pronoun goes before the infinitive."""
    who, noun, plural = scene.third(), owned_thing(scene), scene.chance(0.3)
    own = phrases.owned(their(who), noun, plural=plural)
    (did_en, did_fr), (wants_en, wants_fr, to_do) = scene.pick(
        (
            (
                scene.pick((("cleaned", "nettoyé"), ("repaired", "réparé"))),
                scene.pick(GIVING_AWAY),
            ),
            (scene.pick((("kept", "gardé"), ("hid", "caché"))), scene.pick(HOLDING_ON)),
        )
    )
    clitic = "les" if plural else "la" if noun.feminine else "le"
    again = pronoun(who)
    it = "them" if plural else "it"
    return (
        f"{who.en} {did_en} {own.en} because {again.en} {wants_en} {it}.",
        f"{who.fr} a {did_fr} {own.fr} parce que {again.fr} {wants_fr} {clitic} {to_do}.",
    )
