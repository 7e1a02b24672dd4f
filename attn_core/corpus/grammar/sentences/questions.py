"""Questions."""

from __future__ import annotations

from attn_core.corpus.grammar import phrases
from attn_core.corpus.grammar.clauses import agreed, be, predicate
from attn_core.corpus.grammar.french import linked, of
from attn_core.corpus.grammar.objects import ON_THINGS, acquired, owned_thing
from attn_core.corpus.grammar.phrases import Phrase, Text
from attn_core.corpus.grammar.scene import Scene, city
from attn_core.corpus.lexicon.actions import VERBS, verbs
from attn_core.corpus.lexicon.geography import LANGUAGES
from attn_core.corpus.lexicon.numbers import NUMBERS
from attn_core.corpus.lexicon.surroundings import PLACES

YOU = Phrase("you", "vous", plural=True, person=4)
THOU = Phrase("you", "tu", person=1)
FAMILIAR = [("Mum", "Maman"), ("Dad", "Papa"), ("Grandma", "Mamie"), ("Grandpa", "Papi")]


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
    verb = scene.pick(verbs("arrive, come back, leave, go home, return"))
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
