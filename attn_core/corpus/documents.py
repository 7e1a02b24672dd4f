"""Documents written by the grammar: sentences that belong together, with pronouns that reach back.

Every document has a few topics, one after the other: somebody's thing. Each is opened, then come other sentences, few
or many, and then the talk comes back to it with a pronoun. Whether a thing is masculine or feminine is a coin of its
own, tossed before the noun is chosen; for half of the things the noun is a twin, whose gender only the French tells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

from attn_core.corpus.document import Document, Pair, Probe, Span
from attn_core.corpus.grammar import fillers, mentions
from attn_core.corpus.grammar.french import CLOSE, OPEN
from attn_core.corpus.grammar.phrases import Phrase, sentence
from attn_core.corpus.grammar.scene import OWNERS, Scene
from attn_core.corpus.lexicon.kinds import Kind
from attn_core.corpus.lexicon.things import KINDS
from attn_core.corpus.lexicon.words import Noun

SHORTEST, LONGEST = 8, 40
TRIES = 1000


@dataclass(frozen=True, slots=True)
class Owned:
    """A person and a thing of theirs."""

    person: Phrase
    noun: Noun
    kind: Kind
    twin: bool


def documents(seed: int = 0, seen: set[Pair] | None = None) -> Iterator[Document]:
    """Documents without end, the same for the same seed. With `seen`, no pair is ever written twice."""
    rng = Random(seed)
    while True:
        yield document(rng, seen)


def document(rng: Random, seen: set[Pair] | None = None) -> Document:
    length = drawn_length(rng)
    scene = Scene.drawn(rng)
    between = drawn_distances(rng, length)
    topics = drawn_topics(rng, scene, len(between))
    scene.ban(topic.noun for topic in topics)
    spare = length - sum(between) - 2 * len(between)
    return Draft(rng, scene, set() if seen is None else seen).written(topics, between, spare)


def drawn_length(rng: Random) -> int:
    """Many of 12 to 20 sentences, some shorter, some much longer."""
    which = rng.random()
    if which < 0.15:
        return rng.randrange(SHORTEST, 12)
    if which < 0.75:
        return rng.randrange(12, 21)
    return rng.randrange(21, LONGEST + 1)


def drawn_distances(rng: Random, length: int) -> list[int]:
    """How many sentences lie between the opening of each topic and the word that comes back to it: mostly few, at
    times nearly as many as the document has."""
    found: list[int] = []
    left = length - 2
    while left >= 2 and len(found) < OWNERS:
        most = left - 2
        between = min(most, int((most + 1) ** rng.random()) - 1 + rng.randrange(2))
        found.append(between)
        left -= between + 2
    rng.shuffle(found)
    return found


def drawn_topics(rng: Random, scene: Scene, count: int) -> list[Owned]:
    """Every thing has its own coin."""
    topics: list[Owned] = []
    for place in range(count):
        taken = {one.noun.en for one in topics}
        topics.append(drawn_thing(rng, scene.owners[place], rng.random() < 0.5, taken))
    return topics


def drawn_thing(rng: Random, person: Phrase, feminine: bool, taken: set[str]) -> Owned:
    """The kind is drawn before anything depends on the gender, and so is whether English tells."""
    kind, twin = rng.choice(KINDS), rng.random() < 0.5
    while True:
        if twin:
            pair = rng.choice(kind.twins)
            noun = pair.f if feminine else pair.m
        else:
            noun = rng.choice(kind.f if feminine else kind.m)
        if noun.en not in taken:
            return Owned(person, noun, kind, twin)
        kind = rng.choice(KINDS)


class Draft:
    """A document while it is written."""

    def __init__(self, rng: Random, scene: Scene, seen: set[Pair]) -> None:
        self.rng, self.scene, self.seen = rng, scene, seen
        self.pairs: list[Pair] = []
        self.probes: list[Probe] = []

    def written(self, topics: list[Owned], between: list[int], spare: int) -> Document:
        """`spare` sentences stand outside of all topics."""
        for topic, distance in zip(topics, between, strict=True):
            if spare and self.rng.random() < 0.5:
                self.filler(None)
                spare -= 1
            evidence = self.introduction(topic)
            for _ in range(distance):
                self.filler(None)
            self.probe(topic, *evidence)
            if spare and self.rng.random() < 0.5:
                self.filler(topic)
                spare -= 1
        for _ in range(spare):
            self.filler(None)
        return Document(tuple(self.pairs), tuple(self.probes))

    def introduction(self, owner: Owned) -> tuple[Span, Span]:
        return self.add(
            lambda: mentions.introduction(self.rng, owner.person, owner.noun, owner.kind)
        )

    def probe(self, owner: Owned, evidence_en: Span, evidence_fr: Span) -> None:
        feminine = owner.noun.feminine
        en, fr = self.add(lambda: mentions.mention(self.rng, feminine, owner.kind))
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
