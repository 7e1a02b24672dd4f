"""Laws of cost: what a method declares is what it does, and nothing quietly grows with N²."""

from __future__ import annotations

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import FlopCounterMode

from attn_core import METHODS, Dims, Shape, get_method

HEADS, WIDTH = 2, 16
# Small enough that windows, ranks and landmarks are far below the lengths.
SETTINGS = {
    "linformer": {"rank": 32},
    "nystromformer": {"landmarks": 32},
    "low_rank": {"rank": 32},
    "performer": {"features": 32},
    "longformer": {"window": 32},
    "reformer": {"bucket": 32, "rounds": 2},
    "bigbird": {"block": 32},
    "multiscale": {"scales": (1, 4), "window": 32},
}
every_method_and_role = pytest.mark.parametrize(
    ("name", "causal"),
    [
        (name, causal)
        for name, method in METHODS.items()
        for causal in (False, True)
        if ("decoder" if causal else "encoder") in method.roles
    ],
)


def run(name: str, length: int, causal: bool) -> None:
    op = get_method(name).build(Dims(HEADS, WIDTH, length, length), **SETTINGS.get(name, {}))
    q, k, v = torch.randn(3, 1, HEADS, length, WIDTH).unbind()
    with torch.no_grad():
        op(q, k, v, causal=causal)


def declared(name: str, length: int, causal: bool) -> int:
    shape = Shape(1, HEADS, length, length, WIDTH, causal=causal)
    return get_method(name).cost(shape, **SETTINGS.get(name, {})).flops


def counted(name: str, length: int, causal: bool) -> int:
    with FlopCounterMode(display=False) as counter:
        run(name, length, causal)
    return counter.get_total_flops()


@every_method_and_role
def test_declared_cost_grows_like_counted_flops(name: str, causal: bool) -> None:
    short, long = 2048, 4096
    stated = declared(name, long, causal) / declared(name, short, causal)
    actual = counted(name, long, causal) / counted(name, short, causal)
    assert stated == pytest.approx(actual, rel=0.06)


@every_method_and_role
def test_counted_flops_are_the_necessary_ones_and_little_more(name: str, causal: bool) -> None:
    """Tiles compute some masked pairs; a causal half of a square may be computed whole."""
    ratio = counted(name, 2048, causal) / declared(name, 2048, causal)
    assert 0.95 <= ratio <= 3.2


class LargestTensor(TorchDispatchMode):
    """The most elements any operation gave back."""

    elements = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        result = func(*args, **(kwargs or {}))
        for tensor in result if isinstance(result, (tuple, list)) else (result,):
            if isinstance(tensor, torch.Tensor) and tensor.numel():
                # Storage, not shape: an expanded view holds nothing.
                held = tensor.untyped_storage().nbytes() // tensor.element_size()
                self.elements = max(self.elements, held)
        return result


def largest(name: str, length: int, causal: bool) -> int:
    with LargestTensor() as spy:
        run(name, length, causal)
    return spy.elements


@every_method_and_role
def test_no_tensor_grows_with_the_square_of_the_length(name: str, causal: bool) -> None:
    growth = largest(name, 8192, causal) / largest(name, 4096, causal)
    memory = get_method(name).complexity["memory"]
    bound = 4.1 if "N²" in memory else 2.9 if "√N" in memory else 2.1
    assert growth <= bound


@every_method_and_role
def test_costs_are_positive_and_grow_with_batch_and_heads(name: str, causal: bool) -> None:
    settings, method = SETTINGS.get(name, {}), get_method(name)
    one = method.cost(Shape(1, 1, 512, 512, 16, causal=causal), **settings)
    many = method.cost(Shape(3, 4, 512, 512, 16, causal=causal), **settings)
    for field in ("flops", "bytes_moved", "peak_bytes"):
        assert 0 < getattr(one, field) < getattr(many, field)
    assert many.flops == 12 * one.flops


def test_exact_attention_declares_the_textbook_count() -> None:
    cost = get_method("flash").cost(Shape(1, 8, 4096, 4096, 64))
    assert cost.flops == 4 * 8 * 4096 * 4096 * 64
