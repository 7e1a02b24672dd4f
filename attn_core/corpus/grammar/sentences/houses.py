"""Things and parts of houses: where they are, and how."""

from __future__ import annotations

from attn_core.corpus.grammar import phrases
from attn_core.corpus.grammar.clauses import be_like
from attn_core.corpus.grammar.french import of
from attn_core.corpus.grammar.phrases import Phrase, Text
from attn_core.corpus.grammar.scene import Scene
from attn_core.corpus.lexicon.adjectives import COLOURS, pick
from attn_core.corpus.lexicon.kinds import ABSOLUTE
from attn_core.corpus.lexicon.numbers import NUMBERS
from attn_core.corpus.lexicon.surroundings import PARTS, PLACES, ROOMS
from attn_core.corpus.lexicon.things import KIND
from attn_core.corpus.lexicon.words import listed

OF_PARTS = pick("open, closed, dirty, clean, old, solid, wide, narrow, white, blue, green, grey")
BUILDINGS = listed(
    """cinema, theatre, museum, hospital, station, school, town hall, church, post office, bank, university,
    factory, embassy, courthouse, police station, cathedral, supermarket"""
)


def in_the_house(scene: Scene) -> Text:
    room, kind = (
        scene.pick(ROOMS),
        scene.pick((KIND["furniture"], KIND["ornament"], KIND["device"])),
    )
    noun, many = scene.noun(kind.nouns), scene.chance(0.5)
    if many:
        number = scene.pick(NUMBERS[:5])
        colour = scene.pick(list(COLOURS.values()))
        en, fr = phrases.bare(noun, True, colour)
        return f"there are {number[0]} {en} {room.en}.", f"il y a {number[1]} {fr} {room.fr}."
    what = phrases.the(noun)
    where = scene.pick(("present", "past", "future"))
    en, fr = be_like(what, where, room.en, room.fr)
    return en + ".", fr + "."


def parts(scene: Scene) -> Text:
    """A plural subject and what agrees with it."""
    noun, adjective = scene.noun(PARTS), scene.pick(OF_PARTS)
    place = scene.pick([place for place in PLACES if place.noun.en in BUILDINGS])
    plural = noun.en not in ("roof", "ceiling", "floor", "staircase")
    what = phrases.the(noun, plural=plural)
    whole = phrases.the(place.noun)
    subject = Phrase(
        f"{what.en} of {whole.en}", f"{what.fr} {of(whole.fr)}", what.feminine, plural, what.person
    )
    form = adjective.form(what.feminine, plural)
    tense, refusal = scene.pick(
        (("present", ""), ("past", ""), ("present", "no longer"), ("past", "not"))
    )
    en, fr = be_like(subject, tense, adjective.en, form, refusal)
    return en + ".", fr + "."


def mixed(scene: Scene) -> Text:
    """Two subjects of either gender: the adjective is feminine only if both are."""
    kind = KIND[scene.pick(("furniture", "clothes", "container"))]
    one, other = scene.noun(kind.nouns), scene.noun(kind.nouns)
    if one is other:
        return parts(scene)
    left, right = phrases.the(one), phrases.the(other)
    feminine = one.feminine and other.feminine
    adjective = scene.pick(
        pick("expensive, dirty, clean, old, broken, heavy, light, perfect, ugly")
    )
    subject = Phrase(f"{left.en} and {right.en}", f"{left.fr} et {right.fr}", feminine, True, 5)
    tense, refusal = scene.pick(
        (("present", ""), ("past", ""), ("present", "not"), ("past", "no longer"))
    )
    if adjective.en == "broken" and refusal == "no longer":
        refusal = "not"
    en, fr = be_like(subject, tense, adjective.en, adjective.form(feminine, True), refusal)
    return en + ".", fr + "."


def this_and_that(scene: Scene) -> Text:
    """Demonstratives: ce, cet, cette, ces."""
    kind = scene.pick(
        [
            KIND[name]
            for name in ("furniture", "clothes", "vehicle", "tool", "instrument", "container")
        ]
    )
    noun, plural = scene.noun(kind.nouns), scene.chance(0.4)
    adjective, degree = (
        scene.pick([one for one in kind.said if one.en not in ABSOLUTE]),
        scene.pick((("too", "trop"), ("very", "très"), ("quite", "assez"))),
    )
    what = phrases.this(noun, plural=plural)
    form = adjective.form(noun.feminine, plural)
    en, fr = be_like(
        what, scene.pick(("present", "past")), f"{degree[0]} {adjective.en}", f"{degree[1]} {form}"
    )
    return en + ".", fr + "."
