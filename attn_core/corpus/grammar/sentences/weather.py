"""The weather of towns and countries."""

from __future__ import annotations

from attn_core.corpus.grammar.french import the as the_fr
from attn_core.corpus.grammar.phrases import Text
from attn_core.corpus.grammar.scene import Scene, city
from attn_core.corpus.lexicon.geography import COUNTRIES
from attn_core.corpus.lexicon.times import DAYS, MONTHS

SKIES = [
    ("it is raining", "il pleut"),
    ("it is snowing", "il neige"),
    ("it is very cold", "il fait très froid"),
    ("it is too hot", "il fait trop chaud"),
    ("the weather is fine", "il fait beau"),
    ("it is already dark", "il fait déjà nuit"),
]
PAST_SKIES = [
    ("it rained a lot", "il a beaucoup plu"),
    ("it snowed a lot", "il a beaucoup neigé"),
    ("it was very cold", "il faisait très froid"),
    ("the weather was fine", "il faisait beau"),
]
NORTH = [("north", "nord"), ("south", "sud"), ("centre", "centre")]


def weather(scene: Scene) -> Text:
    where, which = city(scene), scene.rng.randrange(4)
    if which == 0:
        sky, month = scene.pick(PAST_SKIES[:2]), scene.pick(MONTHS)
        return (
            f"{sky[0]} in {where[0]} in {month[0]}.",
            f"{sky[1]} à {where[1]} en {month[1]}.",
        )
    if which == 1:
        sky, day = scene.pick(PAST_SKIES[2:]), scene.pick(DAYS)
        return f"{sky[0]} in {where[0]} on {day[0]}.", f"{sky[1]} à {where[1]} {day[1]}."
    sky, country = scene.pick(SKIES[:5]), scene.pick(COUNTRIES)
    if which == 2:
        side = scene.pick(NORTH)
        return (
            f"{sky[0]} in the {side[0]} of {country[0]}.",
            f"{sky[1]} dans le {side[1]} {country_of(country)}.",
        )
    often = scene.pick(
        [("today", "aujourd'hui"), ("this evening", "ce soir"), ("at the moment", "en ce moment")]
    )
    return f"{sky[0]} in {where[0]} {often[0]}.", f"{sky[1]} à {where[1]} {often[1]}."


def country_of(country: tuple[str, str, str]) -> str:
    """`le nord de l'Italie`: a part of a country takes the article that `venir d'Italie` lacks."""
    _, of_it, in_it = country
    if not in_it.startswith("en "):
        return of_it
    name = in_it[3:]
    return f"de {the_fr(name, True)}"
