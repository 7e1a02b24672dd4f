"""The arguments of `sweep`: a line that repeats each run, and one sentence for what is refused."""

import random

import pytest

from attn_core import METHODS
from attn_core.commands.spelling import read_choices
from attn_core.commands.sweep_arguments import command_line
from attn_core.timing.spec import DTYPES, PASSES, Choice, SweepSpec
from tests.cli.planted import SMALL, complaint, parsed


def test_every_default_sweep_repeats_itself():
    spec = SweepSpec(tuple(Choice(name) for name in METHODS), (64, 4096))
    assert parsed(command_line(spec)) == spec


@pytest.mark.parametrize("name", [n for n, m in METHODS.items() if m.params])
def test_every_parameter_of_every_method_repeats_itself(name):
    for param in METHODS[name].params:
        values = (
            list(param.choices)
            or {
                bool: [True, False],
                int: [param.minimum, 77],
                float: [0.1, 1e-7],
                tuple: [(1,), (2, 8), (3, 5, 900)],
            }[type(param.default)]
        )
        for value in values:
            try:
                choice = Choice(name, {param.name: value})
            except ValueError:
                continue  # not together with the other defaults
            spec = SweepSpec((choice, Choice("flash")), (128,))
            assert parsed(command_line(spec)) == spec


def test_any_sweep_repeats_itself():
    chance = random.Random(3)
    for _ in range(200):
        role = chance.choice(("encoder", "decoder", "cross"))
        device = chance.choice(tuple(DTYPES))
        windows = chance.sample(range(1, 400), 3)
        several = [Choice("longformer", {"window": window}) for window in windows]
        methods = [*several[: chance.randint(0, 3)], Choice("multiscale", {"scales": (1, 8)})]
        methods += [Choice("flash"), Choice("kernelized", {"feature_map": "squared-relu"})]
        spec = SweepSpec(
            tuple(chance.sample(methods, chance.randint(1, len(methods)))),
            tuple(chance.sample(range(1, 5000), 4)),
            which=chance.choice(PASSES),
            role=role,
            keys=chance.choice((None, 700)) if role == "cross" else None,
            batch=chance.randint(1, 9),
            heads=chance.randint(1, 16),
            head_dim=chance.choice((16, 64)),
            dtype=chance.choice(tuple(DTYPES[device])),
            device=device,
            threads=chance.choice((None, 3)),
            seed=chance.randint(0, 5),
            seconds=chance.choice((1.0, 0.25, 2 / 3)),
            precision=chance.choice((0.02, 0.1)),
            timeout=chance.choice((60.0, 1 / 3)),
        )
        assert parsed(command_line(spec)) == spec


def test_all_and_families_name_methods():
    assert [one["method"] for one in read_choices("all")] == list(METHODS)
    kernels = [one["method"] for one in read_choices("kernel, flash")]
    assert kernels == [n for n, m in METHODS.items() if m.family == "kernel"] + ["flash"]
    assert [one["method"] for one in read_choices("flash,exact")] == ["flash", "softmax"]


def test_parameters_reach_the_method_they_name():
    spec = parsed(
        "python -m attn_core sweep --lengths 64 --methods longformer,multiscale "
        "--params longformer.window=64,multiscale.scales=1:4,longformer.dilation=2"
    )
    assert spec.methods[0].params["window"] == 64
    assert spec.methods[0].params["dilation"] == 2
    assert spec.methods[1].params["scales"] == (1, 4)


@pytest.mark.parametrize(
    ("extra", "named"),
    [
        (["--methods", "softmx"], ["'softmx'", "softmax", "sparse", "all"]),
        (["--methods", ""], ["''", "softmax"]),
        (["--methods", "kernel(features=3)"], ["'kernel(features=3)'"]),
        (["--lengths", "12,many"], ["--lengths", "'many'", "whole number"]),
        (["--lengths", "64,128,64"], ["--lengths", "once", "64"]),
        (["--lengths", "0"], [": each of --lengths must", "0", "from 1"]),
        (["--params", "longformer.window=wide"], ["window", "'wide'", "an integer"]),
        (["--params", "longformer.windows=3"], ["windows", "dilation"]),
        (["--params", "performer.features=3"], ["performer.features", "flash, longformer"]),
        (["--params", "window=3"], ["'window'", "method.name"]),
        (["--params", "longformer.window"], ["'longformer.window'", "method.name=value"]),
        (["--pass", "backward"], ["--pass", "'backward'", "forward+backward"]),
        (["--role", "judge"], ["--role", "'judge'", "decoder"]),
        (["--dtype", "int8"], ["--dtype", "'int8'", "bfloat16"]),
        (["--dtype", "float16"], ["dtype", "'float16'", "float64"]),
        (["--device", "tpu"], ["--device", "'tpu'", "cpu"]),
        (["--heads", "x"], ["--heads", "'x'", "whole number"]),
        (["--heads", "0"], [": --heads must", "0", "256"]),
        (["--head-dim", "0"], [": --head-dim must", "0", "1,024"]),
        (["--keys", "5"], [": --keys needs", "cross"]),
        (["--seconds", "nan"], [": --seconds must", "nan"]),
        (["--name", "a\tb"], ["--name", "one line", "U+0009"]),
        (["--seconds", "soon"], ["--seconds", "'soon'"]),
        (["--json", "/no/such/folder/x.json"], ["--json", "/no/such/folder"]),
        (["--resume", "nothing"], ["'nothing'", "empty"]),
        (["--loops", "3"], ["--loops"]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_a_bad_argument_is_one_line_naming_it_and_what_is_allowed(
    store, planted, capsys, extra, named
):
    said = complaint(capsys, *SMALL, *extra)
    assert all(word in said for word in named), said
    assert planted.measured == []
    assert not store.folder.exists() or store.runs() == []


def test_what_is_missing_is_said(store, capsys):
    assert "--methods" in complaint(capsys, "sweep", "--lengths", "64")
    assert "--lengths" in complaint(capsys, "sweep", "--methods", "flash")


def test_a_device_that_is_not_there_is_said(store, capsys, monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    assert "cuda" in complaint(capsys, *SMALL, "--device", "cuda")
    assert store.runs() == []
