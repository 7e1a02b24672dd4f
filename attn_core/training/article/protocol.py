"""The published recipe as data: its constants, and what had to be decided because it does not say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from attn_core.model.config import Attention

PAIRS = 4
DROPOUT = 0.1
TEACHER_PATIENCE = 20
TIMED_PASSES = 10
# Whichever of these is asked for, the teacher is one of them.
EXACT = ("softmax", "flash")

# Said where the recipe is shown: each could have been otherwise.
DECISIONS = (
    "The decoder reads the very tokens it must predict, at their own places.",
    "Cross-entropy and distillation are means over all positions, padding included.",
    "The divergence is divided by the number of tokens, not of sentences: otherwise it would outweigh "
    "cross-entropy by the sequence length, and no student could reach the low cross-entropy reported.",
    "A student starts from the trained teacher's weights, with its own attention.",
    "Noise for the encoder is drawn once for each length and stays the same in every step.",
    "Dropout acts on what each sub-layer adds. There is no normalisation after the last layer.",
    "Early stopping looks at the cross-entropy of each training step, with dropout; the weights after the last "
    "step are kept. The patience of the students was not published; here it is a setting.",
    "Linformer's E is trained with the rest.",
    "Performer's denominators get no 1e-6: with elu + 1 features they are sums of thousands of positive "
    "terms, of which that is no part that fp32 could hold.",
    "Longformer is trained in its O(N·w) form, exact attention in its fused one: the same numbers as the dense "
    "forms, which are timed beside them.",
    "Only tokens that occur get an embedding: without gradients, Adam would leave the others as drawn.",
)


@dataclass(frozen=True)
class Settings:
    """What of a run's settings this protocol reads."""

    methods: tuple[Attention, ...]
    length: int
    lengths: tuple[int, ...]
    width: int
    batch: int
    seeds: tuple[int, ...]
    device: str
    teacher_steps: int
    student_steps: int
    learning_rate: float
    temperature: float
    patience: int

    @classmethod
    def of(cls, spec: Mapping[str, Any]) -> Settings:
        """A ValueError for what the recipe does not have."""
        for name, only in (("layers", 1), ("heads", 1), ("positions", "none"), ("convolution", 0)):
            if spec.get(name, only) != only:
                raise ValueError(f"article: {name} must be {only!r}, got {spec[name]!r}")
        methods = tuple(Attention(one["method"], one["params"]) for one in spec["methods"])
        for method in methods:
            if not method.holds("encoder"):
                raise ValueError(
                    f"article: {method.method} has no encoder role, and here the decoder is not causal"
                )
        if spec["batch"] > PAIRS:
            raise ValueError(f"article: batch must be at most {PAIRS}, got {spec['batch']!r}")
        first = spec.get("seed", 0)
        return cls(
            methods=methods,
            length=spec["length"],
            lengths=tuple(sorted({spec["length"], *spec["lengths"]})),
            width=spec["width"],
            batch=spec["batch"],
            seeds=tuple(range(first, first + spec["seeds"])),
            device=spec["device"],
            teacher_steps=spec["teacher_steps"],
            student_steps=spec["student_steps"],
            learning_rate=spec["learning_rate"],
            temperature=spec["temperature"],
            patience=spec["patience"],
        )

    @property
    def teacher(self) -> Attention:
        """Exact attention: the first of that kind among the methods, or the textbook form."""
        exact = (one for one in self.methods if one.method in EXACT)
        return next(exact, Attention(EXACT[0]))

    @property
    def students(self) -> Sequence[Attention]:
        return [one for one in self.methods if one != self.teacher]
