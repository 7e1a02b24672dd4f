"""Documents written by the grammar: sentences that belong together, with pronouns that reach back.

Every document has a few owners. Each is introduced with one thing and most are named again later, beside a pronoun
for that thing; in which order, and how far back, is drawn anew for each document. Whether a thing is masculine or
feminine is a coin of its own, tossed before the noun is chosen; for half of the probed things the noun is a twin,
whose gender only the French text tells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

from attn_core.corpus.document import Document, Pair, Probe, Span
from attn_core.corpus.grammar import fillers, mentions
from attn_core.corpus.grammar.french import CLOSE, OPEN
from attn_core.corpus.grammar.phrases import Phrase, sentence
from attn_core.corpus.grammar.scene import Scene
from attn_core.corpus.lexicon.kinds import Kind
from attn_core.corpus.lexicon.things import KINDS
from attn_core.corpus.lexicon.words import Noun

SHORTEST, LONGEST = 8, 40
TRIES = 1000


@dataclass(frozen=True, slots=True)
class Owned:
    """A person, what that person comes by, and whether the pronoun for it is asked for."""

    person: Phrase
    noun: Noun
    kind: Kind
    twin: bool
    probed: bool


def documents(seed: int = 0, seen: set[Pair] | None = None) -> Iterator[Document]:
    """Documents without end, the same for the same seed. With `seen`, no pair is ever written twice."""
    rng = Random(seed)
    while True:
        yield document(rng, seen)


def document(rng: Random, seen: set[Pair] | None = None) -> Document:
    length = drawn_length(rng)
    scene = Scene.drawn(rng)
    owners = drawn_owners(rng, scene, length)
    scene.ban(owner.noun for owner in owners)
    return Draft(rng, scene, set() if seen is None else seen).written(plan(rng, owners, length))


def drawn_length(rng: Random) -> int:
    """Many of 12 to 20 sentences, some shorter, some much longer."""
    which = rng.random()
    if which < 0.15:
        return rng.randrange(SHORTEST, 12)
    if which < 0.75:
        return rng.randrange(12, 21)
    return rng.randrange(21, LONGEST + 1)


def drawn_owners(rng: Random, scene: Scene, length: int) -> list[Owned]:
    """Every probed thing has its own coin. Both genders must be in play, so where the coins agree there comes
    one more owner, never probed, with a thing of the other gender: the coins themselves stay free."""
    probed = min(max(round(length * (0.3 + 0.15 * rng.random())), 3), 8)
    coins = [rng.random() < 0.5 for _ in range(probed)]
    if len(set(coins)) == 1:
        coins.append(not coins[0])
    elif rng.random() < 0.3 and 2 * len(coins) + 1 < length:
        coins.append(rng.random() < 0.5)
    things: list[Owned] = []
    for place, feminine in enumerate(coins):
        taken = {one.noun.en for one in things}
        things.append(drawn_thing(rng, scene.owners[place], feminine, place < probed, taken))
    return things


def drawn_thing(
    rng: Random, person: Phrase, feminine: bool, probed: bool, taken: set[str]
) -> Owned:
    """The kind is drawn before anything depends on the gender, and so is whether English tells."""
    kind, twin = rng.choice(KINDS), rng.random() < 0.5
    while True:
        if twin:
            pair = rng.choice(kind.twins)
            noun = pair.f if feminine else pair.m
        else:
            noun = rng.choice(kind.f if feminine else kind.m)
        if noun.en not in taken:
            return Owned(person, noun, kind, twin, probed)
        kind = rng.choice(KINDS)


def plan(rng: Random, owners: list[Owned], length: int) -> list[Owned | None]:
    """An owner's first place is the introduction, the second the probe; the rest is filled with other sentences."""
    places: list[Owned | None] = [*owners, *(owner for owner in owners if owner.probed)]
    places += [None] * (length - len(places))
    rng.shuffle(places)
    return places


class Draft:
    """A document while it is written."""

    def __init__(self, rng: Random, scene: Scene, seen: set[Pair]) -> None:
        self.rng, self.scene, self.seen = rng, scene, seen
        self.pairs: list[Pair] = []
        self.probes: list[Probe] = []

    def written(self, places: list[Owned | None]) -> Document:
        introduced: dict[str, tuple[Span, Span]] = {}
        just_said: Owned | None = None
        for owner in places:
            if owner is None:
                self.filler(just_said)
                just_said = None
            elif owner.person.en not in introduced:
                introduced[owner.person.en] = self.introduction(owner)
                just_said = None
            else:
                self.probe(owner, *introduced[owner.person.en])
                just_said = owner
        return Document(tuple(self.pairs), tuple(self.probes))

    def introduction(self, owner: Owned) -> tuple[Span, Span]:
        return self.add(
            lambda: mentions.introduction(self.rng, owner.person, owner.noun, owner.kind)
        )

    def probe(self, owner: Owned, evidence_en: Span, evidence_fr: Span) -> None:
        feminine = owner.noun.feminine
        en, fr = self.add(lambda: mentions.mention(self.rng, owner.person, feminine, owner.kind))
        gold, other = ("elle", "il") if feminine else ("il", "elle")
        self.probes.append(
            Probe(
                pronoun=fr,
                gold=gold,
                other=other,
                gender=owner.noun.gender,
                english=en,
                evidence_fr=(evidence_fr,),
                evidence_en=() if owner.twin else (evidence_en,),
                evidence="target" if owner.twin else "both",
            )
        )

    def filler(self, just_said: Owned | None) -> None:
        """Something else; after a probe at times one more word about the same thing, which asks nothing new."""
        if just_said is not None and self.rng.random() < 0.3:
            feminine, kind = just_said.noun.feminine, just_said.kind
            self.add(lambda: mentions.afterthought(self.rng, feminine, kind))
        else:
            self.add(lambda: fillers.filler(self.rng, self.scene))

    def add(self, write: Callable[[], tuple[str, str]]) -> tuple[Span, Span]:
        """One more pair, unlike all before it; and what was marked in it."""
        for _ in range(TRIES):
            en, fr = sentence(*write())
            (en, start_en, end_en), (fr, start_fr, end_fr) = unmarked(en), unmarked(fr)
            pair = Pair(en, fr)
            if pair not in self.seen:
                break
        else:
            raise ValueError(
                f"{len(self.seen):,} pairs are written and no new one was found in {TRIES:,} tries."
            )
        self.seen.add(pair)
        place = len(self.pairs)
        self.pairs.append(pair)
        return Span(place, start_en, end_en), Span(place, start_fr, end_fr)


def unmarked(text: str) -> tuple[str, int, int]:
    """The text without marks, and where they stood."""
    start = text.find(OPEN)
    if start < 0:
        return text, 0, 0
    end = text.find(CLOSE) - 1
    return text.replace(OPEN, "").replace(CLOSE, ""), start, end
