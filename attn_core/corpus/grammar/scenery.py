"""Sentences about places, animals, weather and events: what is where, how it is, and when it happens."""

from __future__ import annotations

from attn_core.corpus.grammar import phrases
from attn_core.corpus.grammar.clauses import AVOIR, be_like, english, predicate
from attn_core.corpus.grammar.french import of
from attn_core.corpus.grammar.french import the as the_fr
from attn_core.corpus.grammar.persons import city
from attn_core.corpus.grammar.phrases import Phrase
from attn_core.corpus.grammar.scene import Scene
from attn_core.corpus.lexicon.actions import VERBS
from attn_core.corpus.lexicon.adjectives import COLOURS, pick
from attn_core.corpus.lexicon.kinds import ABSOLUTE
from attn_core.corpus.lexicon.names import (
    COUNTRIES,
    DAYS,
    FUTURE_TIMES,
    HABIT_TIMES,
    MONTHS,
    NUMBERS,
    PAST_TIMES,
)
from attn_core.corpus.lexicon.people import PERSONS
from attn_core.corpus.lexicon.surroundings import (
    ANIMALS,
    EVENTS,
    FRUIT,
    IDEAS,
    NATURE,
    PARTS,
    PLACES,
    ROOMS,
)
from attn_core.corpus.lexicon.things import KIND
from attn_core.corpus.lexicon.words import Adjective

Text = tuple[str, str]
OF_ANIMALS = pick("big, small, old, beautiful, white, black, grey, brown, fat, young, wild")
LIKE_ANIMALS = pick(
    "big, small, old, fast, slow, noisy, curious, calm, strong, fat, young, clever, brave, lazy"
)
OF_NATURE = pick("big, small, beautiful, magnificent, pretty, huge, old, splendid")
OF_PARTS = pick("open, closed, dirty, clean, old, solid, wide, narrow, white, blue, green, grey")
OF_PLACES = pick(
    "big, small, old, beautiful, famous, quiet, noisy, modern, clean, magnificent, closed, empty, important"
)
OF_IDEAS = pick(
    "good, bad, strange, interesting, real, beautiful, ridiculous, complicated, new, simple, original, important"
)
OF_EVENTS = pick(
    "long, short, boring, interesting, sad, funny, moving, disappointing, important, perfect"
)
BETTER = {"good": ("better", "meilleur", "meilleure")}
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
BUILDINGS = [
    "cinema",
    "theatre",
    "museum",
    "hospital",
    "station",
    "school",
    "town hall",
    "church",
    "post office",
    "bank",
    "university",
    "factory",
    "embassy",
    "courthouse",
    "police station",
    "cathedral",
    "supermarket",
]
NORTH = [("north", "nord"), ("south", "sud"), ("centre", "centre")]


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


def idea(scene: Scene) -> Text:
    who, noun, adjective = scene.third(), scene.pick(IDEAS), scene.pick(OF_IDEAS)
    what = phrases.a(noun, adjective)
    which = scene.rng.randrange(3)
    if which == 0:
        return f"it was {what.en} for {who.en}.", f"ce était {what.fr} pour {who.fr}."
    if which == 1:
        return f"{who.en} told us about {what.en}.", f"{who.fr} nous a parlé {of(what.fr)}."
    whose = phrases.the(noun, *([adjective] if adjective.before else []))
    other = scene.pick([one for one in OF_IDEAS if not one.before])
    subject = Phrase(f"{who.en}'s {whose.en[4:]}", f"{whose.fr} {of(who.fr)}", noun.feminine)
    en, fr = be_like(
        subject, scene.pick(("present", "past", "future")), other.en, other.form(noun.feminine)
    )
    return en + ".", fr + "."


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


def date(scene: Scene) -> Text:
    noun, month, where = scene.pick(EVENTS), scene.pick(MONTHS), scene.pick(PLACES)
    day, year = 2 + scene.rng.randrange(27), 2027 + scene.rng.randrange(6)
    what = phrases.the(noun)
    if scene.chance(0.5):
        return (
            f"{what.en} will take place on {day} {month[0]} {year}.",
            f"{what.fr} aura lieu le {day} {month[1]} {year}.",
        )
    return (
        f"{what.en} took place {where.en} on {day} {month[0]}.",
        f"{what.fr} a eu lieu {where.fr} le {day} {month[1]}.",
    )


def event(scene: Scene) -> Text:
    noun, adjective, other = scene.pick(EVENTS), *scene.rng.sample(OF_EVENTS, 2)
    plural = scene.chance(0.4)
    what = phrases.the(noun, plural=plural)
    tense, refusal = scene.pick((("past", ""), ("future", ""), ("past", "not"), ("would", "")))
    one, two = adjective.form(noun.feminine, plural), other.form(noun.feminine, plural)
    en, fr = be_like(what, tense, f"{adjective.en} but {other.en}", f"{one} mais {two}")
    if refusal or scene.chance(0.5):
        en, fr = be_like(what, tense, f"very {adjective.en}", f"très {one}", refusal)
        time = scene.pick(FUTURE_TIMES) if tense == "future" else ("", "")
        return f"{en} {time[0]}".strip() + ".", f"{fr} {time[1]}".strip() + "."
    return en + ".", fr + "."


def outing(scene: Scene) -> Text:
    """aller: à contracts, and the participle agrees."""
    who, place = scene.gendered(), scene.pick(PLACES)
    tense, refusal = scene.pick(
        (("past", ""), ("future", ""), ("habit", ""), ("present", ""), ("past", "not"))
    )
    times = {"past": PAST_TIMES[:10], "future": FUTURE_TIMES}.get(tense, HABIT_TIMES)
    time = scene.pick(times)
    fr = f"{who.fr} {predicate(who, VERBS['go'], tense, refusal)} {place.to_fr} {time[1]}."
    return f"{english(who, VERBS['go'], tense, refusal)} {place.to_en} {time[0]}.", fr


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


def garden(scene: Scene) -> Text:
    """tout, agreeing."""
    noun, fruit = scene.pick(FRUIT), scene.chance(0.5)
    adjective = scene.pick(pick("delicious, excellent, expensive, fresh, tasteless"))
    whole = "toutes" if noun.feminine else "tous"
    market = scene.pick([place for place in PLACES if place.noun.en in ("market", "supermarket")])
    subject = Phrase(
        f"all the {noun.ens} {market.en}" if fruit else f"all our {noun.ens}",
        f"{whole} les {noun.frs} du {market.noun.fr}" if fruit else f"{whole} nos {noun.frs}",
        noun.feminine,
        True,
        5,
    )
    time = scene.pick(
        [("this year", "cette année"), ("this week", "cette semaine"), ("today", "aujourd'hui")]
    )
    tense = scene.pick(("present", "past"))
    en, fr = be_like(subject, tense, adjective.en, adjective.form(noun.feminine, True))
    return f"{en} {time[0]}.", f"{fr} {time[1]}."


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


SCENERY = [
    there_are,
    in_the_house,
    parts,
    comparison,
    best_of,
    idea,
    weather,
    date,
    event,
    outing,
    outing,
    nature,
    garden,
    mixed,
    this_and_that,
    nearby,
]
