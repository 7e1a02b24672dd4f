"""A subject, a verb in a tense and what belongs to it, in the order of each language."""

from __future__ import annotations

from attn_core.corpus.grammar.phrases import Phrase
from attn_core.corpus.lexicon.actions import Verb
from attn_core.corpus.lexicon.verbs import french

REFLEXIVE = ("me", "te", "se", "nous", "vous", "se")
REFUSALS = {"not": "pas", "never": "jamais", "no longer": "plus"}
AVOIR, ETRE = french("avoir"), french("être")
PARTICIPLE_ENDING = {
    (False, False): "",
    (True, False): "e",
    (False, True): "s",
    (True, True): "es",
}


def agreed(participle: str, feminine: bool, plural: bool) -> str:
    if participle.endswith("s") and plural and not feminine:
        return participle
    if participle == "dû" and (feminine or plural):
        participle = "du"
    return participle + PARTICIPLE_ENDING[feminine, plural]


def english(subject: Phrase, verb: Verb, tense: str, refusal: str = "", adverb: str = "") -> str:
    """Subject and verb.

    Tenses: present, past, state (of a lasting past), habit (used to), during (was -ing), future, before (had), would.
    """
    single = subject.person == 2
    words = f"{adverb} " if adverb else ""
    if refusal in ("never", "no longer"):
        words, refusal = f"{refusal} {words}", ""
    if tense == "present":
        if refusal:
            return f"{subject.en} {'does' if single else 'do'} not {words}{verb.en}"
        return f"{subject.en} {words}{verb.third if single else verb.en}"
    if tense in ("past", "state"):
        if refusal:
            return f"{subject.en} did not {words}{verb.en}"
        return f"{subject.en} {words}{verb.past}"
    negated = "not " if refusal else ""
    if tense == "habit":
        return f"{subject.en} {words}used to {verb.en}"
    if tense == "during":
        was = "was" if subject.person in (0, 2) else "were"
        return f"{subject.en} {was} {negated}{words}{verb.ing}"
    if tense == "before":
        return f"{subject.en} had {negated}{words}{verb.participle}"
    return f"{subject.en} {'will' if tense == 'future' else 'would'} {negated}{words}{verb.en}"


def predicate(
    subject: Phrase,
    verb: Verb,
    tense: str,
    refusal: str = "",
    clitic: str = "",
    adverb: str = "",
    object_before: Phrase | None = None,
) -> str:
    """The French verb with everything that stands around it; `object_before` is what a participle agrees with."""
    person, table = subject.person, verb.fr
    ahead = f"{REFLEXIVE[person]} " if verb.reflexive else ""
    ahead += f"{clitic} " if clitic else ""
    if tense in ("past", "before"):
        etre = table.etre or verb.reflexive
        helper = ETRE if etre else AVOIR
        finite = (helper.present if tense == "past" else helper.imperfect)[person]
        target = subject if etre else object_before
        participle = table.participle
        if target is not None:
            participle = agreed(participle, target.feminine, target.plural)
        after = [REFUSALS.get(refusal, ""), adverb, participle]
    else:
        forms = {
            "present": table.present,
            "habit": table.imperfect,
            "state": table.imperfect,
            "during": table.imperfect,
            "future": table.future,
            "would": table.conditional,
        }[tense]
        finite = forms[person]
        after = [REFUSALS.get(refusal, ""), adverb]
    ne = "ne " if refusal else ""
    return " ".join([f"{ne}{ahead}{finite}", *(word for word in after if word)])


def be(subject: Phrase, tense: str, refusal: str = "") -> tuple[str, str]:
    """`was` and `était`, without the subject."""
    single, first = subject.person == 2, subject.person == 0
    not_en, not_fr = (f" {refusal}", f" {REFUSALS[refusal]}") if refusal else ("", "")
    if tense == "present":
        en, forms = "am" if first else "is" if single else "are", ETRE.present
    elif tense == "past":
        en, forms = "was" if single or first else "were", ETRE.imperfect
    elif tense == "future":
        en, forms = "will be", ETRE.future
    else:
        en, forms = "would be", ETRE.conditional
    if en.startswith(("will", "would")) and refusal:
        en = f"{en.split()[0]} {refusal} be"
        not_en = ""
    return en + not_en, ("ne " if refusal else "") + forms[subject.person] + not_fr


def be_like(subject: Phrase, tense: str, en: str, fr: str, refusal: str = "") -> tuple[str, str]:
    """A whole clause: the subject is so."""
    is_en, est_fr = be(subject, tense, refusal)
    return f"{subject.en} {is_en} {en}", f"{subject.fr} {est_fr} {fr}"
