"""performer, kernelized and ssd against their dense kernels."""

import pytest
import torch
import torch.nn.functional as F

from tests.methods.agreement import agrees, build, dense, draw, near

MAPS = {
    "elu+1": lambda x: F.elu(x) + 1,
    "relu": torch.relu,
    "squared-relu": lambda x: x.relu() ** 2,
    "exp": torch.exp,
}


def normalised(weights, v, keep, causal):
    weights = weights * keep[:, None, None, :]
    if causal:
        weights = weights.tril()
    return weights / weights.sum(-1, keepdim=True).clamp_min(1e-30) @ v


def performer_reference(op, q, k, v, keep, causal):
    def features(x):
        x = x * x.shape[3] ** -0.25
        projected = x @ op.omega
        if op.kernel == "relu":
            return projected.relu() + 1e-3
        return (projected - x.square().sum(-1, keepdim=True) / 2).exp()

    return normalised(features(q) @ features(k).transpose(-2, -1), v, keep, causal)


ROLES = pytest.mark.parametrize(("causal", "extra_keys"), [(False, 0), (True, 0), (False, 9)])


@ROLES
@pytest.mark.parametrize("kernel", ["softmax", "relu"])
def test_performer_is_its_feature_kernel(causal: bool, extra_keys: int, kernel: str) -> None:
    agrees(
        "performer",
        performer_reference,
        causal=causal,
        extra_keys=extra_keys,
        features=20,
        kernel=kernel,
    )


def test_performer_converges_to_exact_attention_on_small_norms() -> None:
    q, k, v = (draw(64, seed=seed) / 2 for seed in range(3))
    exact = dense(q, k, v, torch.ones(64, 64, dtype=torch.bool))

    def error(features: int) -> float:
        errors = []
        for seed in range(4):
            out = build("performer", 64, features=features, seed=seed)(q, k, v)
            errors.append(float((out - exact).norm() / exact.norm()))
        return sum(errors) / 4

    few, many = error(64), error(4096)
    assert many < 0.06
    # 64 times the features: the error of a Monte-Carlo estimate falls by 8.
    assert 5 < few / many < 13


def test_orthogonal_features_are_orthogonal_with_the_norms_of_gaussians() -> None:
    omega = build("performer", 8, features=64).omega.double()
    for block in omega.T.split(8):
        gram = block @ block.T
        near(gram, torch.diag(gram.diagonal()), 1e-5)
    norms = build("performer", 8, features=8000).omega.norm(dim=0)
    # The square of a chi variable with 8 degrees of freedom: mean 8, variance 16.
    assert abs(float(norms.square().mean()) - 8) < 0.25
    assert abs(float(norms.square().var()) - 16) < 2


def test_orthogonal_features_point_everywhere_alike() -> None:
    """Without the sign fix the first coordinates of a QR basis lean to one side."""
    omega = build("performer", 8, features=8000).omega
    means = (omega / omega.norm(dim=0)).mean(1)
    assert float(means.abs().max()) < 0.02


def test_redrawing_changes_the_features_and_a_seed_repeats_them() -> None:
    op = build("performer", 8, features=16)
    first = op.omega.clone()
    op.redraw(5)
    assert not torch.equal(op.omega, first)
    op.redraw(0)
    assert torch.equal(op.omega, first)


def test_one_dominant_future_key_leaves_the_causal_past_its_precision() -> None:
    """A maximum over all keys would underflow every past feature here."""
    q, k, v = (draw(40, batch=1, seed=seed).float() for seed in range(3))
    op = build("performer", 40, features=32).float()
    far = k * 40
    far[:, :, 30:] = 0.0
    with_future = op(q, far, v, causal=True)[:, :, :30]
    without = op(q[:, :, :30], far[:, :, :30], v[:, :, :30], causal=True)
    near(with_future, without, 1e-5)
    assert float(without.abs().sum(-1).min()) > 0


def kernelized_reference(op, q, k, v, keep, causal):
    def features(x):
        return MAPS[op.feature_map](x if op.projection is None else x @ op.projection)

    return normalised(features(q) @ features(k).transpose(-2, -1), v, keep, causal)


@ROLES
@pytest.mark.parametrize("feature_map", MAPS)
@pytest.mark.parametrize("random_features", [0, 12])
def test_kernelized_is_its_feature_kernel(
    causal: bool, extra_keys: int, feature_map: str, random_features: int
) -> None:
    agrees(
        "kernelized",
        kernelized_reference,
        causal=causal,
        extra_keys=extra_keys,
        feature_map=feature_map,
        random_features=random_features,
    )


def ssd_reference(op, q, k, v, keep, causal):
    """The recurrence itself, token by token: S ← a·S + k vᵀ, z = q S."""
    rate = (k * op.decay_weight[:, None]).sum(-1) + op.decay_bias[:, None]
    decay = torch.where(keep[:, None, :], (-F.softplus(rate)).exp(), 1.0)
    state, out = torch.zeros(*k.shape[:2], k.shape[3], v.shape[3], dtype=k.dtype), []
    for t in range(q.shape[2]):
        added = k[:, :, t, :, None] * v[:, :, t, None, :] * keep[:, None, t, None, None]
        state = decay[:, :, t, None, None] * state + added
        out.append((q[:, :, t, None, :] @ state)[:, :, 0])
    return torch.stack(out, 2)


@pytest.mark.parametrize("chunk", [1, 16, 64])
def test_ssd_is_its_recurrence(chunk: int) -> None:
    agrees("ssd", ssd_reference, causal=True, chunk=chunk)


def test_ssd_learns_its_decay() -> None:
    op = build("ssd", 40)
    q, k, v = (draw(40, seed=seed) for seed in range(3))
    keep = torch.ones(2, 40, dtype=torch.bool)
    weight = torch.randn(q.shape, dtype=torch.float64)
    parameters = [op.decay_weight, op.decay_bias]
    ours = torch.autograd.grad((op(q, k, v, causal=True) * weight).sum(), parameters)
    expected = ssd_reference(op, q, k, v, keep, True)
    theirs = torch.autograd.grad((expected * weight).sum(), parameters)
    for mine, other in zip(ours, theirs, strict=True):
        near(mine, other)


def test_ssd_with_long_memories_keeps_its_digits_far_into_a_sequence() -> None:
    """Cumulative decays grow with N; differences of them must not lose what a single step needs."""
    op = build("ssd", 4096)
    op.decay_bias.data.fill_(3.0)
    q, k, v = (draw(4096, batch=1, seed=seed) for seed in range(3))
    double = op(q, k, v, causal=True)[:, :, -64:]
    single = op.float()(q.float(), k.float(), v.float(), causal=True)[:, :, -64:]
    near(single.double(), double, 1e-5)
