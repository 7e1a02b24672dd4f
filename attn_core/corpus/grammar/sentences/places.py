"""What there is at a place, what is near it, and how far it is."""

from __future__ import annotations

from attn_core.corpus.grammar import phrases
from attn_core.corpus.grammar.clauses import AVOIR, be_like
from attn_core.corpus.grammar.french import of
from attn_core.corpus.grammar.phrases import Phrase, Text
from attn_core.corpus.grammar.scene import Scene
from attn_core.corpus.lexicon.adjectives import pick
from attn_core.corpus.lexicon.numbers import NUMBERS
from attn_core.corpus.lexicon.people import PERSONS
from attn_core.corpus.lexicon.surroundings import ANIMALS, NATURE, PLACES

OF_NATURE = pick("big, small, beautiful, magnificent, pretty, huge, old, splendid")


def there_are(scene: Scene) -> Text:
    place, noun = scene.pick(PLACES[:12]), scene.noun(scene.pick((PERSONS, PERSONS, ANIMALS)))
    number, which = scene.pick(NUMBERS), scene.rng.randrange(4)
    tense = scene.pick(("present", "past", "future"))
    many = {"present": "there are", "past": "there were", "future": "there will be"}[tense]
    a = {"present": AVOIR.present[2], "past": AVOIR.imperfect[2], "future": AVOIR.future[2]}[tense]
    if which == 0:
        return (
            f"{many} {number[0]} {noun.ens} {place.en}.",
            f"il y {a} {number[1]} {noun.frs} {place.fr}.",
        )
    if which == 1:
        no_longer = {"present": "are", "past": "were", "future": "will be"}[tense]
        if tense == "future":
            en = f"there will no longer be any {noun.ens} {place.en}."
        else:
            en = f"there {no_longer} no longer any {noun.ens} {place.en}."
        return en, f"il ne y {a} plus de {noun.frs} {place.fr}."
    en, fr = scene.pick([("a lot of", "beaucoup"), ("too many", "trop"), ("very few", "très peu")])
    return f"{many} {en} {noun.ens} {place.en}.", f"il y {a} {fr} {of(noun.frs)} {place.fr}."


def nature(scene: Scene) -> Text:
    noun, adjective, where = scene.noun(NATURE), scene.pick(OF_NATURE), scene.pick(PLACES)
    plural = scene.chance(0.5)
    tense = scene.pick(("present", "past"))
    near = phrases.the(where.noun)
    what = phrases.the(noun, plural=plural)
    subject = Phrase(
        f"{what.en} near {near.en}",
        f"{what.fr} près {of(near.fr)}",
        what.feminine,
        plural,
        what.person,
    )
    en, fr = be_like(subject, tense, adjective.en, adjective.form(noun.feminine, plural))
    return en + ".", fr + "."


def nearby(scene: Scene) -> Text:
    """Distances."""
    one, other = scene.rng.sample(PLACES[:16], 2)
    left, right = phrases.the(one.noun), phrases.the(other.noun)
    number, unit = (
        scene.pick(NUMBERS),
        scene.pick([("metres", "mètres"), ("kilometres", "kilomètres")]),
    )
    if scene.chance(0.5):
        number, unit = scene.pick(NUMBERS[:12]), ("minutes", "minutes")
    return (
        f"{left.en} is {number[0]} {unit[0]} from {right.en}.",
        f"{left.fr} est à {number[1]} {unit[1]} {of(right.fr)}.",
    )
