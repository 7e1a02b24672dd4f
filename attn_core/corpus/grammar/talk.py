"""Questions, orders, wishes, and sentences of two clauses: relatives, conditions, reported speech."""

from __future__ import annotations

from attn_core.corpus.grammar import phrases
from attn_core.corpus.grammar.clauses import agreed, be, be_like, english, predicate
from attn_core.corpus.grammar.deeds import acquired
from attn_core.corpus.grammar.french import linked, of
from attn_core.corpus.grammar.persons import STATES, TEMPERS, city
from attn_core.corpus.grammar.phrases import Phrase
from attn_core.corpus.grammar.scene import Scene, pronoun, their
from attn_core.corpus.lexicon.actions import VERBS
from attn_core.corpus.lexicon.adjectives import pick
from attn_core.corpus.lexicon.names import (
    DAYS,
    FUTURE_TIMES,
    LANGUAGES,
    NUMBERS,
    PAST_TIMES,
)
from attn_core.corpus.lexicon.people import PERSONS
from attn_core.corpus.lexicon.surroundings import PLACES, ROOMS
from attn_core.corpus.lexicon.things import KIND, KINDS
from attn_core.corpus.lexicon.words import Noun

Text = tuple[str, str]
YOU = Phrase("you", "vous", plural=True, person=4)
THOU = Phrase("you", "tu", person=1)
FAMILIAR = [("Mum", "Maman"), ("Dad", "Papa"), ("Grandma", "Mamie"), ("Grandpa", "Papi")]
MODALS = [
    ("wants to", "veut"),
    ("must", "doit"),
    ("can", "peut"),
    ("would like to", "voudrait"),
    ("could", "pourrait"),
]
UNINTENDED = ("receive", "find", "lose", "forget", "discover")
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
ON_THINGS = pick(
    "expensive, heavy, light, ugly, beautiful, old, dirty, superb, strange, useless, perfect, magnificent"
)


def owned_thing(scene: Scene) -> Noun:
    return scene.noun(
        KIND[
            scene.pick(("furniture", "clothes", "container", "device", "tool", "toy", "paper"))
        ].nouns
    )


def did_you(scene: Scene) -> Text:
    """est-ce que."""
    who = scene.pick((YOU, scene.third()))
    noun, verb = acquired(scene)
    what = phrases.the(noun, plural=scene.chance(0.3)) if scene.chance(0.6) else phrases.a(noun)
    fr = f"est-ce que {who.fr} {predicate(who, verb, 'past')} {linked(verb.link, what.fr)} ?"
    return f"did {who.en} {verb.en} {what.en}?", fr


def have_you(scene: Scene) -> Text:
    """The same to somebody close: tu."""
    who, (noun, verb) = scene.pick(FAMILIAR), acquired(scene)
    if scene.chance(0.5):
        what = phrases.owned(scene.pick(("my", "our")), noun)
        return f"{who[0]}, have you seen {what.en}?", f"{who[1]}, est-ce que tu as vu {what.fr} ?"
    what = phrases.the(noun)
    fr = f"{who[1]}, pourquoi est-ce que tu {predicate(THOU, verb, 'past')} {linked(verb.link, what.fr)} ?"
    return f"{who[0]}, why did you {verb.en} {what.en}?", fr


def where_is(scene: Scene) -> Text:
    noun, plural = owned_thing(scene), scene.chance(0.4)
    what = phrases.owned(scene.pick(("my", "our", "your")), noun, plural=plural)
    if scene.chance(0.3):
        who = scene.third()
        whole = phrases.the(noun, plural=plural)
        what = Phrase(
            f"{who.en}'s {whole.en[4:]}",
            f"{whole.fr} {of(who.fr)}",
            noun.feminine,
            plural,
            whole.person,
        )
    tense = scene.pick(("present", "past"))
    is_en, est_fr = be(what, tense)
    return f"where {is_en} {what.en}?", f"où {est_fr} {what.fr} ?"


def when_will(scene: Scene) -> Text:
    who = scene.gendered()
    verb = VERBS[scene.pick(("arrive", "come back", "leave", "go home", "return"))]
    word = scene.pick(
        [("when", "quand"), ("why", "pourquoi"), ("with whom", "avec qui"), ("how", "comment")]
    )
    where = city(scene)
    if scene.chance(0.5):
        fr = (
            f"{word[1]} est-ce que {who.fr} {predicate(who, VERBS['go'], 'future')} à {where[1]} ?"
        )
        return f"{word[0]} will {who.en} go to {where[0]}?", fr
    fr = f"{word[1]} est-ce que {who.fr} {predicate(who, verb, 'past')} ?"
    return f"{word[0]} did {who.en} {verb.en}?", fr


def do_you_speak(scene: Scene) -> Text:
    """Inversion."""
    which = scene.rng.randrange(4)
    tongue, where, number = scene.pick(LANGUAGES), city(scene), scene.pick(NUMBERS)
    if which == 0:
        return f"do you speak {tongue[0]}?", f"parlez-vous {tongue[1]} ?"
    if which == 1:
        return (
            f"have you lived in {where[0]} for {number[0]} years?",
            f"habitez-vous à {where[1]} depuis {number[1]} ans ?",
        )
    noun = owned_thing(scene)
    what = phrases.the(noun)
    if which == 2:
        place = scene.pick(PLACES)
        seen = agreed("vu", noun.feminine, True)
        fr = f"combien de {noun.frs} avez-vous {seen} {place.fr} ?"
        return f"how many {noun.ens} have you seen {place.en}?", fr
    adjective = scene.pick(ON_THINGS)
    it = "elle" if noun.feminine else "il"
    return f"is {what.en} {adjective.en}?", f"{what.fr} est-{it} {adjective.form(noun.feminine)} ?"


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
        VERBS[scene.pick(("clean", "hide", "sell", "bring", "repair", "show"))],
        scene.pick(DAYS),
    )
    return (
        f"{verb.en} {what.en} before {day[0]}.",
        f"{verb.fr.present[4]} {what.fr} avant {day[1]}.",
    )


def forbidden(scene: Scene) -> Text:
    what = phrases.the(owned_thing(scene), plural=scene.chance(0.3))
    verb = VERBS[scene.pick(("forget", "lose", "break", "sell", "hide", "throw away", "move"))]
    word = scene.pick((("not", "pas"), ("never", "jamais")))
    en = f"do not {verb.en}" if word[0] == "not" else f"never {verb.en}"
    return f"{en} {what.en}!", f"ne {verb.fr.present[4]} {word[1]} {what.fr} !"


def wish(scene: Scene) -> Text:
    """A modal and an infinitive."""
    who = scene.third()
    verb = VERBS[
        scene.pick(("sell", "keep", "clean", "find", "repair", "hide", "buy", "lend", "show"))
    ]
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


def who_does(scene: Scene) -> Text:
    """A relative clause with qui."""
    noun, plural = scene.pick(PERSONS), scene.chance(0.4)
    who = phrases.the(noun, plural=plural)
    relative = scene.pick((lives, works, speaks))(scene, who)
    adjective = scene.pick(TEMPERS + STATES[:4])
    subject = Phrase(
        f"{who.en} who {relative[0]}",
        f"{who.fr} qui {relative[1]}",
        who.feminine,
        plural,
        who.person,
    )
    en, fr = be_like(subject, "present", adjective.en, adjective.form(who.feminine, plural))
    return en + ".", fr + "."


def lives(scene: Scene, who: Phrase) -> Text:
    where, verb = city(scene), VERBS["live"]
    return (
        f"{verb.en if who.plural else verb.third} in {where[0]}",
        f"{predicate(who, verb, 'present')} à {where[1]}",
    )


def works(scene: Scene, who: Phrase) -> Text:
    place, verb = scene.pick(PLACES), VERBS["work"]
    return (
        f"{verb.en if who.plural else verb.third} {place.en}",
        f"{predicate(who, verb, 'present')} {place.fr}",
    )


def speaks(scene: Scene, who: Phrase) -> Text:
    tongue, verb = scene.pick(LANGUAGES), VERBS["speak"]
    return (
        f"{verb.en if who.plural else verb.third} {tongue[0]}",
        f"{predicate(who, verb, 'present')} {tongue[1]}",
    )


def which_one(scene: Scene) -> Text:
    """A relative clause with que: the participle agrees with what stands before."""
    who, (noun, verb) = scene.actor(), acquired(scene)
    plural = scene.chance(0.35)
    what = phrases.the(noun, plural=plural)
    kind = next(kind for kind in KINDS if noun in kind.nouns)
    adjective = scene.pick(kind.said[:8])
    fr = f"{what.fr} que {who.fr} {predicate(who, verb, 'past', object_before=what)}"
    subject = Phrase(
        f"{what.en} that {english(who, verb, 'past')}", fr, noun.feminine, plural, what.person
    )
    tense, refusal = scene.pick((("present", ""), ("past", ""), ("past", "not")))
    en, fr = be_like(subject, tense, adjective.en, adjective.form(noun.feminine, plural), refusal)
    return en + ".", fr + "."


def where_it_was(scene: Scene) -> Text:
    """A relative clause with où."""
    who, place = scene.gendered(), scene.pick(PLACES)
    verb = VERBS[scene.pick(("work", "sing", "wait", "dance", "sleep", "get lost"))]
    what = phrases.the(place.noun)
    adjective = scene.pick(
        pick("big, small, quiet, noisy, famous, modern, old, isolated, dirty, clean")
    )
    tense = scene.pick(("present", "past"))
    subject = Phrase(
        f"{what.en} where {english(who, verb, tense)}",
        f"{what.fr} où {who.fr} {predicate(who, verb, tense)}",
        place.noun.feminine,
    )
    form = adjective.form(place.noun.feminine)
    en, fr = be_like(subject, "present", f"very {adjective.en}", f"très {form}")
    return en + ".", fr + "."


def spoken_of(scene: Scene) -> Text:
    """A relative clause with dont: of which one speaks, or whose."""
    noun, who = owned_thing(scene), scene.gendered()
    what = phrases.the(noun)
    if scene.chance(0.5):
        verb = VERBS[scene.pick(("need", "talk about"))]
        tense = scene.pick(("present", "during" if verb.en == "talk about" else "present"))
        fr = predicate(who, verb, tense) + (" besoin" if verb.en == "need" else "")
        adjective = scene.pick(ON_THINGS)
        subject = Phrase(
            f"{what.en} that {english(who, verb, tense)}",
            f"{what.fr} dont {who.fr} {fr}",
            noun.feminine,
        )
        en, fr = be_like(subject, "present", adjective.en, adjective.form(noun.feminine))
        return en + ".", fr + "."
    person = phrases.the(scene.pick(PERSONS))
    adjective = scene.pick(ON_THINGS)
    time = scene.pick(PAST_TIMES[:8])
    whose, dont = be_like(
        Phrase(what.en[4:], what.fr, noun.feminine),
        "present",
        adjective.en,
        adjective.form(noun.feminine),
    )
    came = VERBS[scene.pick(("arrive", "come back", "leave"))]
    return (
        f"{person.en} whose {whose} {came.past} {time[0]}.",
        f"{person.fr} dont {dont} {predicate(person, came, 'past')} {time[1]}.",
    )


def condition(scene: Scene) -> Text:
    who = scene.third()
    again = pronoun(who)
    sky = scene.pick(
        [
            ("it rains", "il pleut"),
            ("it snows", "il neige"),
            ("the weather is fine", "il fait beau"),
        ]
    )
    if scene.chance(0.5):
        day, place = scene.pick(DAYS), scene.pick(PLACES)
        verb, refusal = VERBS["go"], scene.pick(("", "not"))
        fr = f"si {sky[1]} {day[1]}, {who.fr} {predicate(who, verb, 'future', refusal)} {place.to_fr}."
        return (
            f"if {sky[0]} on {day[0]}, {english(who, verb, 'future', refusal)} {place.to_en}.",
            fr,
        )
    verb = VERBS[scene.pick(("arrive", "come back", "go home", "go out"))]
    then = VERBS[
        scene.pick(("rest", "sleep", "work", "sing", "go for a walk", "cry", "go to bed"))
    ]
    return (
        f"when {english(who, verb, 'present')}, {english(again, then, 'future')}.",
        f"quand {who.fr} {predicate(who, verb, 'future')}, {again.fr} {predicate(again, then, 'future')}.",
    )


def if_only(scene: Scene) -> Text:
    """An imperfect after si, a conditional after it."""
    who, what = scene.third(), phrases.the(owned_thing(scene))
    again = pronoun(who)
    state = scene.pick(pick("rich, ready, brave, patient, busy, angry, poor, serious"))
    verb = VERBS[scene.pick(("sell", "buy", "keep", "repair", "lend", "hide"))]
    refusal = scene.pick(("", "", "not"))
    then = f"{again.fr} {predicate(again, verb, 'would', refusal)} {what.fr}"
    fr = f"si {who.fr} était {state.form(who.feminine)}, {then}."
    return f"if {who.en} were {state.en}, {english(again, verb, 'would', refusal)} {what.en}.", fr


def thinks(scene: Scene) -> Text:
    """Reported speech after que."""
    who, noun = scene.third(), owned_thing(scene)
    verb = VERBS[scene.pick(("think", "say", "know", "hope", "believe"))]
    plural = scene.chance(0.3)
    what, adjective = phrases.this(noun, plural=plural), scene.pick(ON_THINGS)
    tense = scene.pick(("present", "future") if verb.en == "hope" else ("present", "past"))
    said = "sait" if verb.en == "know" else predicate(who, verb, "present")
    en, fr = be_like(what, tense, adjective.en, adjective.form(noun.feminine, plural))
    return f"{who.en} {verb.third} that {en}.", f"{who.fr} {said} que {fr}."


def while_doing(scene: Scene) -> Text:
    """en -ant."""
    who = scene.third()
    verb, other = (
        VERBS[scene.pick(("sing", "laugh", "smile", "cry", "fall", "dance"))],
        scene.pick(("work", "cook", "wait", "dance", "travel", "run")),
    )
    if verb.en == other:
        other = "wait"
    doing = VERBS[other]
    time = scene.pick(PAST_TIMES[:8])
    fr = f"{who.fr} {predicate(who, verb, 'past')} en {doing.fr.gerund} {time[1]}."
    return f"{english(who, verb, 'past')} while {doing.ing} {time[0]}.", fr


def just_done(scene: Scene) -> Text:
    """venir de, être en train de, aller."""
    who, (noun, verb) = scene.third(), acquired(scene)
    while verb.en in UNINTENDED:
        noun, verb = acquired(scene)
    what = phrases.a(noun) if scene.chance(0.5) else phrases.the(noun)
    infinitive = verb.fr.infinitive
    en, fr = scene.pick(
        (
            (f"has just {verb.participle}", f"vient de {infinitive}"),
            (f"is going to {verb.en}", f"va {infinitive}"),
            (f"has forgotten to {verb.en}", f"a oublié de {infinitive}"),
            (f"has decided to {verb.en}", f"a décidé de {infinitive}"),
            (f"refuses to {verb.en}", f"refuse de {infinitive}"),
            (f"hopes to {verb.en}", f"espère {infinitive}"),
        )
    )
    return f"{who.en} {en} {what.en}.", f"{who.fr} {fr} {linked(verb.link, what.fr)}."


TALK = [
    did_you,
    have_you,
    where_is,
    when_will,
    do_you_speak,
    order,
    forbidden,
    wish,
    wish_for,
    who_does,
    which_one,
    which_one,
    where_it_was,
    spoken_of,
    condition,
    if_only,
    thinks,
    while_doing,
    just_done,
]
