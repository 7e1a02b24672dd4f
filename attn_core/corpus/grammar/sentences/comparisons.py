"""More, as much, and most."""

from __future__ import annotations

from attn_core.corpus.grammar import phrases
from attn_core.corpus.grammar.clauses import be_like
from attn_core.corpus.grammar.phrases import Text
from attn_core.corpus.grammar.scene import Scene
from attn_core.corpus.grammar.sentences.weather import weather
from attn_core.corpus.lexicon.adjectives import pick
from attn_core.corpus.lexicon.surroundings import ANIMALS, PLACES
from attn_core.corpus.lexicon.words import Adjective

LIKE_ANIMALS = pick(
    "big, small, old, fast, slow, noisy, curious, calm, strong, fat, young, clever, brave, lazy"
)
OF_PLACES = pick(
    "big, small, old, beautiful, famous, quiet, noisy, modern, clean, magnificent, closed, empty, important"
)


def comparative(adjective: Adjective) -> str:
    """`bigger`, `more curious`."""
    word = adjective.en
    if word in ("good", "bad"):
        return {"good": "better", "bad": "worse"}[word]
    if word in ("big", "fat", "sad"):
        return word + word[-1] + "er"
    if word in ("strong", "clever", "narrow", "quiet"):
        return word + "er"
    if word.endswith("y") and len(word) < 7:
        return word[:-1] + "ier"
    if len(word) <= 5 and word not in ("useful", "famous", "modern", "wooden"):
        return word + ("r" if word.endswith("e") else "er")
    return f"more {word}"


def superlative(adjective: Adjective) -> str:
    word = comparative(adjective)
    if word.startswith("more "):
        return "most " + word[5:]
    return {"better": "best", "worse": "worst"}.get(word) or word[:-2] + "est"


def comparison(scene: Scene) -> Text:
    one, other = scene.noun(ANIMALS), scene.noun(ANIMALS)
    if one is other:
        return weather(scene)
    adjective, plural = scene.pick(LIKE_ANIMALS), scene.chance(0.5)
    left, right = phrases.the(one, plural=plural), phrases.the(other, plural=plural)
    form = adjective.form(left.feminine, plural)
    tense = scene.pick(("present", "past"))
    if scene.chance(0.65):
        en, fr = be_like(
            left, tense, f"{comparative(adjective)} than {right.en}", f"plus {form} que {right.fr}"
        )
    else:
        en, fr = be_like(
            left, tense, f"as {adjective.en} as {right.en}", f"aussi {form} que {right.fr}"
        )
    return en + ".", fr + "."


def best_of(scene: Scene) -> Text:
    """A superlative keeps the adjective's place."""
    place, adjective = scene.pick(PLACES), scene.pick(OF_PLACES[:8])
    where = scene.pick(("city", "region", "country"))
    of_it = {"city": "de la ville", "region": "de la région", "country": "du pays"}[where]
    noun, feminine = place.noun, place.noun.feminine
    article, form = "la" if feminine else "le", adjective.form(feminine)
    after = f"{phrases.the(noun).fr} {article} plus {form}"
    fr = f"{article} plus {form} {noun.fr}" if adjective.before else after
    tense = scene.pick((("is", "ce est"), ("was", "ce était")))
    return (
        f"it {tense[0]} the {superlative(adjective)} {noun.en} in the {where}.",
        f"{tense[1]} {fr} {of_it}.",
    )
