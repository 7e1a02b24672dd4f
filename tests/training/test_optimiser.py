"""The optimiser's own step against the library's, matrix by matrix."""

import torch
from torch import nn

from attn_core.training.muon import Muon

SHAPES = ((8, 8), (8, 24), (24, 8), (8, 8))


def weights():
    generator = torch.Generator().manual_seed(3)
    return [nn.Parameter(torch.randn(shape, generator=generator)) for shape in SHAPES]


def test_many_matrices_at_once_take_the_steps_that_torch_takes_one_by_one():
    ours, theirs = weights(), weights()
    mine = Muon(ours, lr=0.02, weight_decay=0.1)
    library = torch.optim.Muon(theirs, lr=0.02, weight_decay=0.1, adjust_lr_fn="match_rms_adamw")
    generator = torch.Generator().manual_seed(4)
    for _ in range(4):
        for one, other in zip(ours, theirs, strict=True):
            one.grad = torch.randn(one.shape, generator=generator)
            other.grad = one.grad.clone()
        mine.step()
        library.step()
    for one, other, first in zip(ours, theirs, weights(), strict=True):
        moved = (other - first).norm()
        # bf16 products in another order: a few parts in a thousand of the way gone.
        assert (one - other).norm() < 0.02 * moved


def test_a_weight_without_a_gradient_stays_as_it_is():
    still, moving = weights()[:2]
    before = still.detach().clone()
    moving.grad = torch.ones_like(moving)
    Muon([still, moving], lr=0.02, weight_decay=0.1).step()
    assert torch.equal(still, before)
