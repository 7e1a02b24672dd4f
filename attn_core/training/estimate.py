"""What a run will take, said before it starts: seconds and memory, from the work it must do."""

from __future__ import annotations

from attn_core.contract import Shape
from attn_core.environment import Environment
from attn_core.timing.roofline import GUESSED_CORE, GUESSED_GPU
from attn_core.timing.spec import Choice
from attn_core.training.spec import FigureZSpec

# Of the guessed rate, as trainings were seen to reach it.
SHARE = 0.35
VOCABULARY = 4096
# Weights, gradients, and what the optimiser keeps of them; each in 4 bytes.
COPIES, BYTES = 5, 4
# What a layer keeps for the backward pass, in numbers of a token's width.
KEPT_PER_LAYER = 40
OVERHEAD_S = 15.0


def estimate(spec: FigureZSpec, environment: Environment) -> tuple[float, int]:
    """Seconds and bytes, roughly: within a factor of two on machines like those it was tried on."""
    cuda = spec.device == "cuda"
    rate = GUESSED_GPU["float32"].gemm_flops_per_s if cuda else (
        GUESSED_CORE.gemm_flops_per_s * max(1, environment.threads)
    )  # fmt: skip
    tokens = spec.batch * spec.length
    weights = 28 * spec.layers * spec.width**2 + VOCABULARY * spec.width
    dense = 6 * weights * tokens
    teacher = dense + 3 * _attention(spec, Choice("flash"))
    total = teacher * spec.teacher_steps
    steps = spec.transfer_steps + spec.student_steps
    for choice in spec.methods:
        # The teacher reads every batch too, without a backward pass.
        total += steps * (dense + 3 * _attention(spec, choice) + teacher / 3)
    seconds = spec.seeds * (total / (rate * SHARE) + OVERHEAD_S * (1 + len(spec.methods)) / 6)
    memory = BYTES * (COPIES * weights + 2 * spec.layers * KEPT_PER_LAYER * tokens * spec.width)
    return seconds, int(memory)


def _attention(spec: FigureZSpec, choice: Choice) -> float:
    """One forward pass in all its roles; exact attention where the method has no such role."""
    total = 0.0
    for role in ("encoder", "decoder", "cross"):
        method = choice if role in choice.definition.roles else Choice("flash")
        shape = Shape(
            spec.batch, spec.heads, spec.length, spec.length, spec.width // spec.heads,
            causal=role == "decoder",
        )  # fmt: skip
        total += method.definition.cost(shape, **method.params).flops
    return spec.layers * total
