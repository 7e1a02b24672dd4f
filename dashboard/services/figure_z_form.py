"""What the controls of Figure Z offer, and their values as a checked run. No streamlit here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from attn_core import METHODS
from dashboard.services.figure_z_data import usable
from dashboard.services.figure_z_tokenizer import usable_tokenizer
from dashboard.services.validation import Bounds, choose, method_named, param_value

if TYPE_CHECKING:
    from attn_core.training.spec import FigureZSpec

PROTOCOLS = ("controlled", "article")
# As the URL and the control call them: preset and scale of the engine.
PRESETS: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "controlled": (("quick", "quick", "full"), ("paper", "paper", "full")),
    "article": (("small", "article", "small"), ("full", "article", "full")),
}
POSITIONS = ("none", "sinusoidal", "learned", "rotary", "alibi")
LONGEST = 65_536
LENGTH = Bounds("trained length", 256, 16, LONGEST)
MULTIPLES = ("×1", "×2", "×4", "×8")
SEEDS = Bounds("seeds", 1, 1, 20)
# Name of the setting, label, lowest and highest: what the engine takes, checked there once more.
SIZES: Mapping[str, tuple[str, int, int, str]] = {
    "width": ("Width", 8, 8192, "Numbers per token in every layer. Time grows with its square."),
    "layers": ("Layers", 1, 48, "Layers of the encoder and of the decoder. Time grows in proportion."),
    "heads": ("Heads", 1, 128, "Attention heads. The width must be an even multiple of them."),
    "batch": ("Batch", 1, 4096, "Rows in one training step. Memory grows in proportion."),
    "convolution": (
        "Convolution", 0, 127, "Width of a depthwise convolution beside attention; 0 leaves it out.",
    ),
    "teacher_steps": ("Teacher steps", 1, 10_000_000, "Training steps of the teacher at most."),
    "transfer_steps": (
        "Transfer steps", 0, 10_000_000, "Steps in which a student learns each attention output.",
    ),
    "student_steps": (
        "Student steps", 0, 10_000_000, "Steps in which a student learns the teacher's logits.",
    ),
    "patience": (
        "Patience", 1, 1_000_000, "Evaluations without progress after which a stage ends early.",
    ),
    "seed": ("First seed", 0, 2**31 - 21, "Where the seeds begin: the same seed, the same numbers."),
}  # fmt: skip


def preset_named(protocol: str, text: str) -> str:
    return choose("preset", text, [name for name, _, _ in PRESETS[protocol]])


def preset_spec(protocol: str, name: str) -> FigureZSpec:
    """The run behind a preset; an unknown name of another protocol gives that protocol's first."""
    from attn_core.training.spec import FigureZSpec

    known = {shown: (preset, scale) for shown, preset, scale in PRESETS[protocol]}
    preset, scale = known.get(name, next(iter(known.values())))
    return FigureZSpec.preset_of(preset, scale)


def preset_names(protocol: str) -> list[str]:
    return [name for name, _, _ in PRESETS[protocol]]


@dataclass(frozen=True)
class Form:
    """What the controls hold, lengths still as text. `sizes` are the settings of SIZES and what stands beside them."""

    protocol: str
    preset: str
    methods: Sequence[str]
    length: str
    multiples: Sequence[str]
    seeds: int
    data: str
    tokenizer: str
    device: str
    params: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    sizes: Mapping[str, Any] = field(default_factory=dict)


def spec_of(form: Form) -> FigureZSpec:
    """The run that the controls describe; a ValueError says in a sentence what is refused."""
    from attn_core.training.check import check_settings
    from attn_core.training.spec import FigureZSpec

    if not form.methods:
        raise ValueError("Choose at least one method.")
    length = LENGTH.parse(form.length)
    # The preset keeps its name, since its protocol stays.
    asked = preset_spec(form.protocol, form.preset).to_json() | {
        "methods": [_choice(name, form.params.get(name, {})) for name in form.methods],
        "length": length,
        "lengths": [length * multiple_named(one) for one in form.multiples],
        "seeds": SEEDS.check(form.seeds),
        "data": usable(form.data, form.protocol),
        "tokenizer": usable_tokenizer(form.tokenizer),
        "device": form.device,
        **form.sizes,
    }
    spec = FigureZSpec.from_json(asked)
    check_settings(spec)
    return spec


def _choice(name: str, drawn: Mapping[str, Any]) -> dict[str, Any]:
    method = method_named(name)
    known = {param.name: param for param in method.params}
    values = {key: param_value(method, known[key], value) for key, value in drawn.items()}
    plain = {key: list(one) if isinstance(one, tuple) else one for key, one in values.items()}
    return {"method": name, "params": plain}


def multiple_named(text: str) -> int:
    """How many times the trained length: ×2 is 2."""
    return int(choose("length", text, MULTIPLES).removeprefix("×"))


def multiples_of(spec: FigureZSpec) -> list[str]:
    """The lengths of a run as multiples of the trained one."""
    found = [f"×{one // spec.length}" for one in spec.lengths if one % spec.length == 0]
    return [one for one in MULTIPLES if one in found]


def methods_of(spec: FigureZSpec) -> list[str]:
    return [name for name in METHODS if name in {one.method for one in spec.methods}]


def preset_params(spec: FigureZSpec) -> dict[str, Mapping[str, Any]]:
    """The parameters that the preset gives its methods."""
    return {one.method: one.params for one in spec.methods}


def multiples_line(multiples: Sequence[str], length: str) -> str:
    """Few words for a button: 256 × 1, 2, 4."""
    factors = ", ".join(one.removeprefix("×") for one in MULTIPLES if one in multiples)
    return f"{length} × {factors}" if factors else f"{length} × 1"
