"""Sentences of other kinds, between those that introduce things and those that speak of them again."""

from __future__ import annotations

from random import Random

from attn_core.corpus.grammar.deeds import DEEDS
from attn_core.corpus.grammar.persons import ABOUT_PERSONS
from attn_core.corpus.grammar.scene import Scene
from attn_core.corpus.grammar.scenery import SCENERY
from attn_core.corpus.grammar.talk import TALK

CONSTRUCTIONS = [*ABOUT_PERSONS, *DEEDS, *SCENERY, *TALK]


def filler(rng: Random, scene: Scene) -> tuple[str, str]:
    return rng.choice(CONSTRUCTIONS)(scene)
