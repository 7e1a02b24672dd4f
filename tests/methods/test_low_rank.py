"""linformer, nystromformer and low_rank against dense products."""

import pytest
import torch
import torch.nn.functional as F

from attn_core import Dims, get_method
from tests.methods.agreement import agrees, build, dense, draw, near


def linformer_reference(op, q, k, v, keep, causal):
    length = k.shape[2]
    e = op.key_projection[:, :length]
    f = e if op.value_projection is None else op.value_projection[:, :length]
    zero_padded = keep[:, None, :, None]
    keys, values = e @ (k * zero_padded), f @ (v * zero_padded)
    return (q @ keys.transpose(-2, -1) / q.shape[3] ** 0.5).softmax(-1) @ values


@pytest.mark.parametrize("share", [True, False])
@pytest.mark.parametrize("extra_keys", [0, 9])
def test_linformer_attends_to_projected_keys_and_values(share: bool, extra_keys: int) -> None:
    agrees("linformer", linformer_reference, rank=5, share=share, extra_keys=extra_keys)


def pooled_reference(op, q, k, v, keep, causal):
    outs = []
    segment = torch.arange(k.shape[2]) * op.rank // max(k.shape[2], op.dims.max_keys)
    for b in range(q.shape[0]):
        groups = [(segment == s) & keep[b] for s in range(op.rank)]
        groups = [g for g in groups if g.any()]
        keys = torch.stack([k[b][:, g].mean(1) for g in groups], 1)
        values = torch.stack([v[b][:, g].mean(1) for g in groups], 1)
        outs.append((q[b] @ keys.transpose(-2, -1) / q.shape[3] ** 0.5).softmax(-1) @ values)
    return torch.stack(outs)


def test_pooled_linformer_attends_to_means_of_real_tokens() -> None:
    agrees("linformer", pooled_reference, rank=6, projection="pool", extra_keys=4)


def test_linformer_equals_exact_attention_when_every_key_is_its_own_mixture() -> None:
    q, k, v = (draw(24, seed=seed) for seed in range(3))
    everything = torch.ones(24, 24, dtype=torch.bool)
    near(build("linformer", 24, rank=24, projection="pool")(q, k, v), dense(q, k, v, everything))


def test_linformer_stretches_its_projection_past_the_plan_and_keeps_its_scale() -> None:
    op = build("linformer", 16, rank=4, extend="interpolate")
    longer = op.mixtures(48, None, draw(1))[0]
    expected = F.interpolate(op.key_projection[None], size=48, mode="linear")[0] / 3
    near(longer, expected)
    assert op(draw(48), draw(48), draw(48)).shape == draw(48).shape


def nystrom_reference(op, q, k, v, keep, causal):
    out = []
    for b in range(q.shape[0]):
        real = keep[b].nonzero()[:, 0]
        count, marks = len(real), min(op.landmarks, len(real))
        segment = torch.arange(count) * marks // count
        means = [
            torch.stack([x[b][:, real[segment == s]].mean(1) for s in range(marks)], 1)
            for x in (q, k)
        ]

        def weights(x, y):
            return (x @ y.transpose(-2, -1) / q.shape[3] ** 0.5).softmax(-1)

        a = weights(*means)
        z = torch.stack([m.T / (m.sum(0).max() * m.sum(1).max()) for m in a])
        eye = torch.eye(marks, dtype=q.dtype)
        for _ in range(op.iterations):
            az = a @ z
            z = z @ (13 * eye - az @ (15 * eye - az @ (7 * eye - az))) / 4
        rebuilt = weights(q[b], means[1]) @ z @ weights(means[0], k[b][:, real]) @ v[b][:, real]
        if op.convolution is not None:
            kept = (v[b] * keep[b][:, None]).transpose(1, 2)
            filters = op.convolution[:, None, None, :].expand(-1, v.shape[3], -1, -1)
            rebuilt = rebuilt + torch.stack(
                [
                    F.conv1d(x, w, padding="same", groups=v.shape[3]).T
                    for x, w in zip(kept, filters, strict=True)
                ]
            )
        out.append(rebuilt)
    return torch.stack(out)


@pytest.mark.parametrize("conv", [0, 5])
def test_nystromformer_rebuilds_the_matrix_from_its_landmarks(conv: int) -> None:
    agrees("nystromformer", nystrom_reference, landmarks=6, conv=conv)


def test_nystromformer_with_every_token_a_landmark_converges_to_exact_attention() -> None:
    q, k, v = (draw(12, seed=seed) for seed in range(3))
    exact = dense(q, k, v, torch.ones(12, 12, dtype=torch.bool))
    near(build("nystromformer", 12, landmarks=12, iterations=40)(q, k, v), exact, 1e-5)


def low_rank_reference(op, q, k, v, keep, causal):
    anchors = op.anchors
    rows = (q @ anchors.transpose(-2, -1) / q.shape[3] ** 0.5).softmax(-1)
    scores = anchors @ k.transpose(-2, -1) / q.shape[3] ** 0.5
    columns = scores.masked_fill(~keep[:, None, None, :], -1e300).softmax(-1)
    return rows @ columns @ v


@pytest.mark.parametrize("extra_keys", [0, 9])
def test_low_rank_is_the_product_of_its_two_factors(extra_keys: int) -> None:
    agrees("low_rank", low_rank_reference, rank=5, extra_keys=extra_keys)


def test_the_low_rank_matrix_has_at_most_that_rank() -> None:
    view = build("low_rank", 40, rank=3).view(draw(40), draw(40, seed=1))
    ranks = torch.linalg.matrix_rank(view.block(slice(None), slice(None)))
    assert int(ranks.max()) <= 3


def test_linformer_mixes_before_a_layer_projects_and_gets_the_same() -> None:
    from attn_core.model import AttentionLayer

    op = get_method("linformer").build(Dims(4, 8, 30, 30), rank=5, share=False)
    layer = AttentionLayer(op, 24).double()
    x = torch.randn(2, 30, 24, dtype=torch.float64)
    keep = torch.arange(30).expand(2, -1) < 21
    q, k, v = (layer._heads(project(x)) for project in (layer.query, layer.key, layer.value))
    plain = layer.output(op(q, k, v, key_keep=keep).transpose(1, 2).flatten(2))
    near(layer(x, key_keep=keep), plain)
