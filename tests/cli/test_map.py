"""`map`: the file holds the pooled matrix; whatever cannot be drawn is one line and an exit code."""

from __future__ import annotations

import os
import signal

import numpy as np
import pytest

from attn_core import cli
from attn_core.commands import maps
from attn_core.sources import SourceSpec, ViewSpec, build_sides, load_source
from attn_core.views import blocks, pooled

ALL = slice(None)


@pytest.fixture(autouse=True)
def own_store(tmp_path, monkeypatch):
    monkeypatch.setenv("ATTN_CORE_HOME", str(tmp_path / "store"))


@pytest.fixture
def out(tmp_path):
    return tmp_path / "map.npy"


def draw(out, *words: object) -> int:
    try:
        return cli.main(["map", *map(str, words), "--out", str(out)])
    except SystemExit as ended:  # argparse's own refusals
        return int(ended.code or 0)


def sides(method: str | None = None, params=None, **source):
    spec = ViewSpec(SourceSpec(**{"kind": "synthetic"} | source), method, params or {})
    return build_sides(spec, load_source(spec.source))


def test_the_contracts_example_writes_a_map(out, capsys):
    assert draw(out, "--method", "performer", "--length", 65536) == 0
    picture = np.load(out)
    assert (picture.shape, picture.dtype) == ((1, 512, 512), np.float32)
    view = sides("performer", length=65536).side("method")
    expected = pooled(view, slice(0, 1280), slice(0, 1280), 10).numpy()
    assert np.allclose(picture[:, :10, :10], expected, rtol=1e-4)
    said = capsys.readouterr()
    assert "1 × 512 × 512" in said.out and "mean of performer" in said.out
    assert "100%" in said.err


@pytest.mark.parametrize("side", ["exact", "method", "error"])
@pytest.mark.parametrize("reduce", ["mean", "max"])
def test_every_side_and_pooling_of_a_part(side, reduce, out):
    words = ["--method", "longformer", "--params", "longformer.window=9", "--length", 200, "--heads", 2, "--seed", 3,
             "--structure", "local", "--spread", 2, "--head-dim", 16, "--role", "decoder", "--size", 20]  # fmt: skip
    assert (
        draw(out, *words, "--side", side, "--reduce", reduce, "--rows", "10:150", "--cols", ":-20")
        == 0
    )
    source = {
        "length": 200,
        "heads": 2,
        "seed": 3,
        "structure": "local",
        "spread": 2.0,
        "head_dim": 16,
    }
    view = sides("longformer", {"window": 9}, role="decoder", **source).side(side)
    expected = pooled(view, slice(10, 150), slice(0, 180), 20, reduce).numpy()
    picture = np.load(out)
    assert picture.shape == (2, 20, 20)
    assert np.allclose(picture, expected, rtol=1e-4, atol=1e-7)


def test_exact_attention_needs_no_method(out):
    assert draw(out, "--side", "exact", "--length", 30, "--keys", 50, "--role", "cross") == 0
    dense = sides(length=30, keys=50, role="cross").exact.block(ALL, ALL)[0].numpy()
    assert np.allclose(np.load(out), dense, atol=1e-7)


def test_a_text_and_a_document_are_read_in_the_model(out):
    assert draw(out, "--side", "exact", "--text", "The red house is big.", "--layer", 1) == 0
    assert np.load(out).shape[1] > 4
    assert draw(out, "--method", "nystromformer", "--document", 3, "--length", 40) == 0
    assert np.load(out).shape[1:] == (40, 40)


def test_the_file_has_the_name_that_was_asked_for(tmp_path):
    out = tmp_path / "picture.bin"
    out.write_bytes(b"old")
    assert draw(out, "--side", "exact", "--length", 5) == 0
    assert np.load(out).shape == (1, 5, 5)
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["picture.bin"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ["--method", "longfrmer", "--length", "9"],
            "unknown attention method 'longfrmer', choose from: softmax",
        ),
        (["--length", "9"], "--method is needed, or --side exact"),
        (["--side", "error", "--length", "9"], "--side error needs --method"),
        (["--method", "performer"], "--length is needed"),
        (
            ["--method", "performer", "--length", "1000000000"],
            "length must be a whole number from 1 to 65,536",
        ),
        (["--method", "performer", "--length", "x"], "must be a whole number, got 'x'"),
        (
            ["--method", "linformer", "--length", "9", "--role", "decoder"],
            "linformer: the decoder role",
        ),
        (
            ["--method", "performer", "--length", "9", "--size", "0"],
            "--size must be from 1 to 8,192, got 0",
        ),
        (
            ["--method", "performer", "--length", "9", "--rows", "3"],
            "--rows must be written A:B, got '3'",
        ),
        (
            ["--method", "performer", "--length", "9", "--cols", "9:3"],
            "--cols must select something of 0 to 9",
        ),
        (
            ["--method", "performer", "--length", "9", "--params", "window=3"],
            "unknown parameter 'window'",
        ),
        (["--side", "exact", "--length", "9", "--params", "window=3"], "--params needs --method"),
        (
            ["--method", "performer", "--length", "9", "--side", "left"],
            "--side must be one of exact, method, error, got 'left'",
        ),
        (
            ["--side", "exact", "--length", "9", "--structure", "odd"],
            "structure must be one of gaussian, clustered",
        ),
        (["--side", "exact", "--kind", "photo"], "kind must be one of corpus, text, synthetic"),
        (["--side", "exact", "--model", "/etc/passwd"], "model must be 'shipped'"),
        (["--side", "exact", "--text", " "], "text is empty"),
    ],
)
def test_a_bad_argument_is_one_line_and_exit_code_2(words, said, out, capsys):
    assert draw(out, *words) == 2
    error = capsys.readouterr().err
    assert said in error and error.count("\n") == 1
    assert not out.exists()


def test_a_place_that_cannot_be_written_is_told_before_the_work(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(maps, "_view", None)
    assert draw(tmp_path, "--side", "exact", "--length", 9) == 2
    assert draw(tmp_path / "none" / "map.npy", "--side", "exact", "--length", 9) == 2
    assert "in a folder that exists" in capsys.readouterr().err


def test_an_interrupt_stops_and_writes_nothing(out, monkeypatch, capsys):
    monkeypatch.setattr(blocks, "BLOCK_ENTRIES", 1_000)
    seen: list[int] = []

    def interrupt(display, heads):
        def tell(done: int, total: int, doing: str) -> None:
            seen.append(done)
            if done == 3:
                os.kill(os.getpid(), signal.SIGINT)

        return tell

    monkeypatch.setattr(maps, "_teller", interrupt)
    assert draw(out, "--side", "exact", "--length", 300) == 130
    assert seen == [1, 2, 3] and not out.exists()
    assert "nothing was written" in capsys.readouterr().err
