"""softmax and flash against the textbook formula."""

import pytest
import torch

from tests.methods.agreement import agrees, build, dense, draw, near, positions


def reference(op, q, k, v, keep, causal):
    allowed = keep[:, None, None, :]
    if causal:
        i, j = positions(q.shape[2])
        allowed = allowed & (j <= i)
    return dense(q, k, v, allowed)


@pytest.mark.parametrize("name", ["softmax", "flash"])
@pytest.mark.parametrize(("causal", "extra_keys"), [(False, 0), (True, 0), (False, 9)])
def test_it_is_textbook_attention(name: str, causal: bool, extra_keys: int) -> None:
    agrees(name, reference, causal=causal, extra_keys=extra_keys)


def test_causal_padding_longer_than_one_strip_of_the_mask() -> None:
    q, k, v = (draw(1100, batch=1, seed=seed) for seed in range(3))
    keep = torch.ones(1, 1100, dtype=torch.bool)
    keep[:, 500:530] = False
    out = build("flash", 1100)(q, k, v, key_keep=keep, causal=True)
    near(out, reference(None, q, k, v, keep, True))


def test_flash_names_the_kernel_torch_picks() -> None:
    q = draw(64)
    assert build("flash", 64).backend(q, q, q) in ("flash", "memory-efficient", "cudnn", "math")


def test_a_value_width_of_its_own_keeps_the_fused_kernel() -> None:
    """Unequal widths would send torch to its math path, which stores N×M."""
    q = draw(64)
    assert build("flash", 64).backend(q, q, q[..., :3]) == "flash"
