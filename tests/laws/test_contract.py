"""Laws of the contract: facts as data, and refusals that name the method, the value and what is allowed."""

from __future__ import annotations

import inspect
import pickle
from typing import Any

import pytest
import torch

from attn_core import METHODS, Dims, Shape, get_method
from attn_core.contract import ROLES, Param
from tests.laws.cases import every_method

DIMS = Dims(heads=2, head_dim=8, max_queries=32, max_keys=32)


def tensors(queries: int = 32, keys: int = 32, dtype: torch.dtype = torch.float32, width: int = 8):
    return (
        torch.randn(1, 2, queries, width).to(dtype),
        torch.randn(1, 2, keys, width).to(dtype),
        torch.randn(1, 2, keys, width).to(dtype),
    )


def causal_of(name: str) -> bool:
    return get_method(name).roles == {"decoder"}


def test_the_catalogue_holds_the_thirteen_methods() -> None:
    expected = "softmax flash linformer nystromformer low_rank performer kernelized longformer "
    expected += "sparse_transformer reformer bigbird multiscale ssd"
    assert set(expected.split()) <= set(METHODS)


def test_an_unknown_name_is_refused_with_the_valid_ones() -> None:
    with pytest.raises(ValueError, match=r"'longfromer'.*longformer"):
        get_method("longfromer")


@every_method
def test_a_method_describes_itself(name: str) -> None:
    method = get_method(name)
    assert method.name == name
    assert method.family in ("exact", "low-rank", "kernel", "sparse", "recurrent")
    assert set(method.complexity) == {"time", "memory"}
    assert method.roles and method.roles <= set(ROLES)
    assert method.extends in ("any", "rule", "never")
    for text in (method.title, method.paper, method.summary, method.formula, *method.limits):
        assert text.strip()
    assert method.limits


@every_method
def test_parameter_names_are_the_build_keywords(name: str) -> None:
    method = get_method(name)
    keywords = list(inspect.signature(method.make).parameters)[1:]
    declared = [param.name for param in method.params]
    assert sorted(keywords) == sorted({*declared, "seed"})
    counted = list(inspect.signature(method.count).parameters)[1:]
    assert counted == declared
    op = method.build(DIMS, **{param.name: param.default for param in method.params})
    assert op.method is method


@every_method
def test_every_parameter_explains_itself_and_accepts_its_default(name: str) -> None:
    for param in get_method(name).params:
        assert len(param.help) > 10
        assert param.check(name, param.default) == param.default


def bad_values(param: Param) -> list[Any]:
    wrong: list[Any] = ["nonsense", None, 1.5] if not param.choices else ["nonsense", 3]
    if param.minimum is not None:
        below = param.minimum - 1
        wrong.append((below,) if isinstance(param.default, tuple) else below)
    if isinstance(param.default, tuple):
        wrong += [(), (1, "a")]
    return [True, *wrong] if not isinstance(param.default, bool) else wrong


@every_method
def test_bad_parameter_values_are_refused_by_name(name: str) -> None:
    method = get_method(name)
    for param in method.params:
        for value in bad_values(param):
            with pytest.raises(ValueError, match=param.name):
                method.build(DIMS, **{param.name: value})
    with pytest.raises(ValueError, match="windoww"):
        method.build(DIMS, windoww=3)


@pytest.mark.parametrize(
    ("name", "params", "says"),
    [
        ("bigbird", {"window": 2}, "odd"),
        ("nystromformer", {"conv": 4}, "odd"),
        ("multiscale", {"scales": (1, 3, 4)}, "divide"),
        ("multiscale", {"scales": (2, 4)}, "start at 1"),
    ],
)
def test_values_that_only_together_make_no_sense_are_refused(
    name: str, params: dict[str, Any], says: str
) -> None:
    with pytest.raises(ValueError, match=says):
        get_method(name).build(DIMS, **params)
    shape = Shape(1, 2, 32, 32, 8)
    with pytest.raises(ValueError, match=says):
        get_method(name).cost(shape, **params)


@every_method
def test_roles_a_method_lacks_are_refused_and_the_others_work(name: str) -> None:
    method = get_method(name)
    op = method.build(DIMS)
    calls = {"encoder": (32, 32, False), "decoder": (32, 32, True), "cross": (16, 32, False)}
    for role, (queries, keys, causal) in calls.items():
        data = tensors(queries, keys)
        if role in method.roles:
            assert op(*data, causal=causal).shape == data[0].shape
            assert op.view(*data[:2], causal=causal).shape == (queries, keys)
            method.cost(Shape(1, 2, queries, keys, 8, causal=causal))
            continue
        for attempt in (
            lambda data=data, causal=causal: op(*data, causal=causal),
            lambda data=data, causal=causal: op.view(*data[:2], causal=causal),
        ):
            with pytest.raises(ValueError, match=f"{name}.*{role}.*allowed"):
                attempt()
    with pytest.raises(ValueError, match=name):
        op(*tensors(16, 32), causal=True)


@every_method
def test_dtypes_it_cannot_honour_are_refused(name: str) -> None:
    op, causal = get_method(name).build(DIMS), causal_of(name)
    for dtype in (torch.float16, torch.int64, torch.complex64):
        with pytest.raises(ValueError, match=rf"{name}.*{dtype}.*bfloat16"):
            op(*tensors(dtype=dtype), causal=causal)
    q, k, v = tensors()
    with pytest.raises(ValueError, match="alike"):
        op(q, k.double(), v, causal=causal)


@every_method
def test_malformed_tensors_are_refused_in_words(name: str) -> None:
    op, causal = get_method(name).build(DIMS), causal_of(name)
    q, k, v = tensors()
    for bad in (
        (q[0], k, v),
        (q[..., :4], k[..., :4], v),
        (q, k, v[:, :, :5]),
        (q[:, :1], k[:, :1], v[:, :1]),
        (q[:, :, :0], k[:, :, :0], v[:, :, :0]),
        (q.expand(2, -1, -1, -1), k, v),
    ):
        with pytest.raises(ValueError, match=name):
            op(*bad, causal=causal)
    for keep in (torch.ones(1, 31, dtype=torch.bool), torch.ones(1, 32), torch.ones(2, 32) > 0):
        with pytest.raises(ValueError, match="key_keep"):
            op(q, k, v, key_keep=keep, causal=causal)


@every_method
def test_lengths_past_the_plan_follow_the_declared_rule(name: str) -> None:
    method, causal = get_method(name), causal_of(name)
    data = tensors(48, 48)
    if method.extends == "any":
        assert method.build(DIMS)(*data, causal=causal).isfinite().all()
        return
    with pytest.raises(ValueError, match=r"48.*32"):
        method.build(DIMS)(*data, causal=causal)
    with pytest.raises(ValueError, match=r"48.*32"):
        method.build(DIMS).view(*data[:2], causal=causal)


@every_method
def test_an_operator_survives_copying_and_its_state_reloads(name: str) -> None:
    method, causal = get_method(name), causal_of(name)
    op, data = method.build(DIMS, seed=4), tensors()
    out = op(*data, causal=causal)
    assert torch.equal(pickle.loads(pickle.dumps(op))(*data, causal=causal), out)
    fresh = method.build(DIMS, seed=4 if method.name == "reformer" else 5)
    fresh.load_state_dict(op.state_dict())
    if not method.defaults.get("random"):
        assert torch.equal(fresh(*data, causal=causal), out)


@pytest.mark.parametrize("bad", [0, -3, 2.5, True, "8"])
def test_dims_and_shapes_are_positive_integers(bad: Any) -> None:
    with pytest.raises(ValueError, match="head_dim"):
        Dims(2, bad, 8, 8)
    with pytest.raises(ValueError, match="keys"):
        Shape(1, 2, 8, bad, 8)
