"""The things of a document that sentences are about: which, with which verb, and with which adjectives."""

from __future__ import annotations

from attn_core.corpus.grammar import phrases
from attn_core.corpus.grammar.phrases import Phrase
from attn_core.corpus.grammar.scene import Scene
from attn_core.corpus.lexicon.actions import VERBS, Verb
from attn_core.corpus.lexicon.adjectives import BEFORE, pick
from attn_core.corpus.lexicon.things import KIND, KINDS
from attn_core.corpus.lexicon.words import Noun

STATIVE = {"need", "want", "know", "like", "love", "prefer", "hate", "deserve", "fear"}
SIZES = [BEFORE[word] for word in ("big", "small", "beautiful", "old", "new", "pretty")]
OF_ANIMALS = pick("big, small, old, beautiful, white, black, grey, brown, young, fat")
ON_THINGS = pick(
    "expensive, heavy, light, ugly, beautiful, old, dirty, superb, strange, useless, perfect, magnificent"
)


def acquired(scene: Scene) -> tuple[Noun, Verb]:
    """A thing, and a verb of the past that goes with it."""
    kind = scene.pick(KINDS)
    verbs = [
        verb for verb in kind.verbs if verb not in STATIVE and verb not in ("look for", "inherit")
    ]
    return scene.noun(kind.nouns), VERBS[scene.pick(verbs)]


def described(scene: Scene, noun: Noun) -> Phrase:
    """The thing with an adjective before it, one behind it, or both."""
    which = scene.rng.randrange(3)
    kind = next((kind for kind in KINDS if noun in kind.nouns), None)
    attributes = kind.attributes if kind else OF_ANIMALS
    if which == 0:
        return phrases.a(noun)
    before = [one for one in attributes if one.before] or SIZES
    after = [one for one in attributes if not one.before]
    if which == 1 or not after:
        return phrases.a(noun, scene.pick(attributes))
    return phrases.a(noun, scene.pick(before), scene.pick(after))


def owned_thing(scene: Scene) -> Noun:
    return scene.noun(
        KIND[
            scene.pick(("furniture", "clothes", "container", "device", "tool", "toy", "paper"))
        ].nouns
    )
