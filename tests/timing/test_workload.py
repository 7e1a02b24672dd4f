"""What is timed: the pass that was asked for, on inputs fixed by the seed, with nothing left from the run before."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from attn_core.timing.spec import Choice, SweepSpec
from attn_core.timing.workload import backend, build, make_inputs, one_pass, small

SPEC = SweepSpec((Choice("linformer", {"rank": 8}),), (32,), heads=2, head_dim=16)


def test_the_seed_fixes_the_inputs_whatever_the_method():
    again = replace(SPEC, methods=(Choice("softmax"),))
    first, second = (make_inputs(spec, spec.cells[0]) for spec in (SPEC, again))
    other = make_inputs(replace(SPEC, seed=1), SPEC.cells[0])
    assert all(torch.equal(a, b) for a, b in zip(first.qkv, second.qkv, strict=True))
    assert not torch.equal(first.q, other.q)
    assert not torch.equal(first.q, first.k)


def test_the_layout_is_batch_heads_length_width():
    spec = replace(SPEC, batch=3, role="cross", keys=20, which="forward+backward")
    inputs = make_inputs(spec, spec.cells[0])
    assert inputs.q.shape == (3, 2, 32, 16)
    assert inputs.k.shape == inputs.v.shape == (3, 2, 20, 16)
    assert inputs.grad is not None and inputs.grad.shape == (3, 2, 32, 16)


def test_a_seed_of_the_methods_own_counts_for_more_than_the_sweeps():
    def drawn(own: int, seed: int) -> torch.Tensor:
        choice = Choice("performer", {"seed": own, "features": 16})
        spec = SweepSpec((choice,), (32,), heads=2, head_dim=16, seed=seed)
        inputs = make_inputs(SPEC, SPEC.cells[0])
        return build(spec, spec.cells[0])(*inputs.qkv)

    assert torch.equal(drawn(3, 0), drawn(3, 5))
    assert torch.equal(drawn(0, 0), drawn(0, 5))
    assert not torch.equal(drawn(0, 5), drawn(5, 5))


def test_a_forward_pass_builds_no_graph(monkeypatch):
    op, inputs = build(SPEC, SPEC.cells[0]), make_inputs(SPEC, SPEC.cells[0])
    seen = []
    monkeypatch.setattr(
        op, "attend", lambda *a: seen.append((torch.is_grad_enabled(), op.training))
    )
    _, run = one_pass(SPEC, op, inputs)
    run()
    assert seen == [(False, False)]


def test_a_backward_pass_starts_from_cleared_gradients_every_time():
    spec = replace(SPEC, which="forward+backward")
    op, inputs = build(spec, spec.cells[0]), make_inputs(spec, spec.cells[0])
    prepare, run = one_pass(spec, op, inputs)
    prepare()
    run()
    leaves = [*inputs.qkv, *op.parameters()]
    first = [leaf.grad.clone() for leaf in leaves]
    assert len(leaves) > 3  # the projections learn too
    prepare()
    assert all(leaf.grad is None for leaf in leaves)
    run()
    assert all(torch.equal(leaf.grad, grad) for leaf, grad in zip(leaves, first, strict=True))
    assert op.training


def test_the_decoder_role_is_causal():
    spec = replace(SPEC, methods=(Choice("softmax"),), role="decoder")
    op, inputs = build(spec, spec.cells[0]), make_inputs(spec, spec.cells[0])
    seen = []
    op.attend = lambda q, k, v, key_keep, causal: seen.append(causal)
    one_pass(spec, op, inputs)[1]()
    assert seen == [True]


@pytest.mark.parametrize(
    ("method", "setting", "expected"),
    [
        ("flash", None, "sdpa flash"),
        ("longformer", None, "tiles"),
        ("longformer", "flex", "flex"),
        ("multiscale", "flex", "tiles"),
        ("performer", "flex", "torch"),
    ],
)
def test_the_backend_is_what_the_method_really_runs_on(monkeypatch, method, setting, expected):
    if setting:
        monkeypatch.setenv("ATTN_CORE_SPARSE", setting)
    spec = replace(SPEC, methods=(Choice(method),))
    op, inputs = build(spec, spec.cells[0]), make_inputs(spec, spec.cells[0])
    assert backend(spec, op, inputs) == expected


def test_the_small_call_that_wakes_the_libraries_is_never_longer_than_the_cell():
    spec = replace(SPEC, lengths=(4096,), role="cross", keys=50)
    tiny = small(spec.cells[0])
    assert (tiny.queries, tiny.keys) == (128, 50)
    assert small(SPEC.cells[0]) == SPEC.cells[0]
