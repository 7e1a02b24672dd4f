"""Sentences in which somebody does something to a thing, an animal or a person: objects, pronouns, participles."""

from __future__ import annotations

from attn_core.corpus.grammar import phrases
from attn_core.corpus.grammar.clauses import agreed, english, predicate
from attn_core.corpus.grammar.french import linked, of, to
from attn_core.corpus.grammar.phrases import Phrase
from attn_core.corpus.grammar.scene import Scene, pronoun, their
from attn_core.corpus.lexicon.actions import VERBS, Verb
from attn_core.corpus.lexicon.adjectives import BEFORE, COLOURS, pick
from attn_core.corpus.lexicon.names import FUTURE_TIMES, HABIT_TIMES, NUMBERS, PAST_TIMES
from attn_core.corpus.lexicon.surroundings import ANIMALS, DRINKS, FOOD, FRUIT
from attn_core.corpus.lexicon.things import KIND, KINDS
from attn_core.corpus.lexicon.words import Noun

Text = tuple[str, str]
TO_ANIMALS = [
    "feed",
    "see",
    "watch",
    "follow",
    "draw",
    "stroke",
    "adopt",
    "photograph",
    "look for",
    "find",
]
TO_PERSONS = [
    "meet",
    "thank",
    "invite",
    "help",
    "call",
    "recognize",
    "wait for",
    "see",
    "follow",
    "protect",
    "admire",
]
STATIVE = {"need", "want", "know", "like", "love", "prefer", "hate", "deserve", "fear"}
OFTEN = [
    ("often", "souvent"),
    ("rarely", "rarement"),
    ("sometimes", "parfois"),
    ("always", "toujours"),
]
AT_LAST = [("finally", "enfin"), ("already", "déjà"), ("nearly", "presque")]
SIZES = [BEFORE[word] for word in ("big", "small", "beautiful", "old", "new", "pretty")]
OF_ANIMALS = pick("big, small, old, beautiful, white, black, grey, brown, young, fat")
HANDED = [
    "furniture",
    "clothes",
    "vehicle",
    "paper",
    "container",
    "device",
    "tool",
    "instrument",
    "toy",
    "ornament",
]
GIFTS = ["clothes", "paper", "tool", "toy", "container"]
CLITICS = [  # who receives
    ("me", "me"),
    ("us", "nous"),
    ("you", "vous"),
    ("him", "lui"),
    ("her", "lui"),
    ("them", "leur"),
]


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


def deed(scene: Scene) -> Text:
    """Somebody bought a small red lamp."""
    who, (noun, verb), time = scene.actor(), acquired(scene), scene.pick(PAST_TIMES)
    what = described(scene, noun)
    fr = f"{who.fr} {predicate(who, verb, 'past')} {linked(verb.link, what.fr)} {time[1]}."
    return f"{english(who, verb, 'past')} {what.en} {time[0]}.", fr


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
        verb = VERBS[
            scene.pick(("buy", "find", "order", "sell", "see", "understand", "eat", "say", "lose"))
        ]
        fr = f"{who.fr} ne {predicate(who, verb, 'past', adverb='rien')} {place[1]}."
        return f"{english(who, verb, 'past')} nothing {place[0]}.", fr
    verb = VERBS[scene.pick(("meet", "see", "recognize", "invite", "help", "call"))]
    return (
        f"{english(who, verb, 'past')} nobody {place[0]}.",
        f"{who.fr} ne {predicate(who, verb, 'past')} personne {place[1]}.",
    )


def taken_up(scene: Scene) -> Text:
    """A second clause with the object before the verb, and the participle that agrees with it."""
    who, noun = scene.third(), scene.noun(KIND[scene.pick(HANDED)].nouns)
    plural = scene.chance(0.35)
    what = phrases.the(noun, plural=plural) if plural or scene.chance(0.4) else phrases.a(noun)
    first = VERBS[scene.pick(("find", "buy", "receive", "choose", "borrow", "photograph"))]
    then = VERBS[
        scene.pick(
            ("sell", "give back", "clean", "show", "describe", "keep", "lose", "forget", "draw")
        )
    ]
    time = scene.pick(PAST_TIMES[:10])
    clitic = "les" if plural else "la" if noun.feminine else "le"
    again = Phrase(who.en, who.fr, who.feminine, who.plural, who.person)
    link_en = "to us " if then.en in ("show", "give back") else ""
    own = "nous " if link_en else ""
    fr = f"{who.fr} {predicate(who, first, 'past')} {what.fr} et {own}"
    fr += f"{predicate(again, then, 'past', clitic=clitic, object_before=what)} {time[1]}."
    it = "them" if plural else "it"
    return f"{english(who, first, 'past')} {what.en} and {then.past} {it} {link_en}{time[0]}.", fr


def gift(scene: Scene) -> Text:
    """The receiver stands before the French verb."""
    who, kind = scene.third(), KIND[scene.pick(GIFTS)]
    verb = VERBS[scene.pick(("give", "show", "lend", "send", "bring"))]
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
    verb = VERBS[scene.pick(("give", "show", "lend", "send"))]
    whom = scene.pick((scene.somebody, scene.people, scene.named))()
    what, time = described(scene, scene.noun(kind.nouns)), scene.pick(PAST_TIMES[:8])
    fr = f"{who.fr} {predicate(who, verb, 'past')} {what.fr} {to(whom.fr)} {time[1]}."
    return f"{english(who, verb, 'past')} {what.en} to {whom.en} {time[0]}.", fr


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


def animal(scene: Scene) -> Text:
    who, verb, noun = scene.actor(), VERBS[scene.pick(TO_ANIMALS)], scene.noun(ANIMALS)
    time, which = scene.pick(PAST_TIMES), scene.rng.randrange(3)
    if which == 0:
        number = scene.pick(NUMBERS[:9])
        en, fr = f"{number[0]} {noun.ens}", f"{number[1]} {noun.frs}"
    else:
        what = (
            described(scene, noun) if which == 1 else phrases.the(noun, plural=scene.chance(0.5))
        )
        en, fr = what.en, what.fr
    said = f"{who.fr} {predicate(who, verb, 'past')} {fr} {time[1]}."
    return f"{english(who, verb, 'past')} {en} {time[0]}.", said


def encounter(scene: Scene) -> Text:
    """A person as the object, named or as a pronoun."""
    who, verb, time = scene.actor(), VERBS[scene.pick(TO_PERSONS)], scene.pick(PAST_TIMES)
    if scene.chance(0.5):
        whom = scene.pick((scene.somebody, scene.people))()
        fr = f"{who.fr} {predicate(who, verb, 'past')} {linked(verb.link, whom.fr)} {time[1]}."
        return f"{english(who, verb, 'past')} {whom.en} {time[0]}.", fr
    en, fr, whom = scene.pick(
        (
            ("him", "le", Phrase("", "")),
            ("her", "la", Phrase("", "", True)),
            ("them", "les", Phrase("", "", False, True)),
        )
    )
    tense, refusal = scene.pick((("past", ""), ("past", "not"), ("future", ""), ("past", "never")))
    if tense == "future":
        time = scene.pick(FUTURE_TIMES)
    elif refusal:
        time = ("", "")
    said = predicate(who, verb, tense, refusal, clitic=fr, object_before=whom)
    return (
        f"{english(who, verb, tense, refusal)} {en} {time[0]}".strip() + ".",
        f"{who.fr} {said} {time[1]}".strip() + ".",
    )


def habit(scene: Scene) -> Text:
    """An adverb stands before the English verb and behind the French one."""
    who, adverb = scene.actor(), scene.pick(OFTEN)
    noun = scene.noun(scene.pick((DRINKS, FOOD)))
    verb = VERBS["drink" if noun in DRINKS else "eat"]
    meal = scene.pick(
        [("in the morning", "le matin"), ("in the evening", "le soir"), ("at midday", "à midi")]
    )
    tense = scene.pick(("present", "present", "habit"))
    if tense == "habit":
        adverb = ("", "")
    some = (
        f"de {phrases.the(noun).fr}"
        if not phrases.the(noun).fr.startswith("le ")
        else f"du {noun.fr}"
    )
    fr = f"{who.fr} {predicate(who, verb, tense, adverb=adverb[1])} {some} {meal[1]}."
    return f"{english(who, verb, tense, adverb=adverb[0])} {noun.en} {meal[0]}.", fr


def abstinence(scene: Scene) -> Text:
    """ne … pas de, after which no article stands."""
    who, refusal = scene.actor(), scene.pick(("not", "never", "no longer"))
    noun = scene.noun(scene.pick((DRINKS, FOOD)))
    verb = VERBS["drink" if noun in DRINKS else "eat"]
    meal = scene.pick(
        [("in the morning", "le matin"), ("in the evening", "le soir"), ("at work", "au travail")]
    )
    fr = f"{who.fr} {predicate(who, verb, 'present', refusal)} de {noun.fr} {meal[1]}."
    return f"{english(who, verb, 'present', refusal)} {noun.en} {meal[0]}.", fr


def tastes(scene: Scene) -> Text:
    """What is liked takes the definite article in French."""
    who = scene.third()
    noun, other = scene.rng.sample(scene.pick((DRINKS, FOOD)), 2)
    if scene.banned & {noun.en, other.en, noun.fr, other.fr}:
        return abstinence(scene)
    first, then = VERBS[scene.pick(("like", "love"))], VERBS[scene.pick(("prefer", "hate"))]
    again = pronoun(who)
    fr = f"{who.fr} {predicate(who, first, 'present')} {phrases.the(noun).fr} mais {again.fr} "
    fr += f"{predicate(again, then, 'present')} {phrases.the(other).fr}."
    return (
        f"{english(who, first, 'present')} {noun.en} but {english(again, then, 'present')} {other.en}.",
        fr,
    )


def shopping(scene: Scene) -> Text:
    """Quantities take a bare de."""
    who, noun, time = scene.actor(), scene.noun(FRUIT), scene.pick(PAST_TIMES[:8])
    which = scene.rng.randrange(3)
    verb = VERBS[scene.pick(("buy", "sell", "wash", "eat", "cook", "receive"))]
    if which == 0:
        number = scene.pick(NUMBERS[:6])
        en, fr = f"{number[0]} kilos of {noun.ens}", f"{number[1]} kilos {of(noun.frs)}"
    elif which == 1:
        en, fr = scene.pick([("a lot of", "beaucoup"), ("too many", "trop"), ("enough", "assez")])
        en, fr = f"{en} {noun.ens}", f"{fr} {of(noun.frs)}"
    else:
        number = scene.pick(NUMBERS)
        en, fr = f"{number[0]} {noun.ens}", f"{number[1]} {noun.frs}"
    said = f"{who.fr} {predicate(who, verb, 'past')} {fr} {time[1]}."
    return f"{english(who, verb, 'past')} {en} {time[0]}.", said


def chores(scene: Scene) -> Text:
    """Possessives, and each of the simple tenses."""
    who = scene.actor()
    kind = KIND[scene.pick(("furniture", "clothes", "vehicle", "tool", "container"))]
    plural = scene.chance(0.3)
    what = phrases.owned(their(who), scene.noun(kind.nouns), plural=plural)
    verb = VERBS[
        scene.pick(
            (
                "clean",
                "look for",
                "hide",
                "repair",
                "sell",
                "keep",
                "lend",
                "photograph",
                "protect",
            )
        )
    ]
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
    verb = VERBS[scene.pick(("wear", "buy", "choose", "sell", "wash", "order"))]
    fr = f"{who.fr} {predicate(who, verb, 'past')} {left.fr} et {right.fr}."
    return f"{english(who, verb, 'past')} {left.en} and {right.en}.", fr


DEEDS = [
    deed,
    deed,
    refused,
    nothing_else,
    taken_up,
    gift,
    gift_to,
    made_by,
    animal,
    encounter,
    habit,
    abstinence,
    tastes,
    shopping,
    chores,
    colourful,
]
