"""`python -m attn_core figure-z`: whatever it can be refused for is said before there is a run."""

from __future__ import annotations

import pytest
import torch

from attn_core import cli
from attn_core.commands import figure_z
from attn_core.store import Store

ARTICLE = ("--preset", "article", "--scale", "small")


@pytest.fixture
def store(tmp_path, monkeypatch) -> Store:
    """A store of one's own, in which nothing is trained."""
    monkeypatch.setenv("ATTN_CORE_HOME", str(tmp_path / "store"))
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(figure_z, "_train", lambda *_: None)
    return Store()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([*ARTICLE, "--heads", "2"], "heads must be 1, got 2"),
        ([*ARTICLE, "--batch", "8"], "batch must be at most 4, got 8"),
        ([*ARTICLE, "--methods", "ssd"], "ssd has no encoder role"),
        (
            ["--preset", "quick", "--device", "cuda"],
            "torch finds no CUDA device here; allowed: cpu",
        ),
        (["--preset", "quick", "--methods", "flash,performer,flash"], "'flash' is listed twice"),
        (["--preset", "quick", "--methods", "flash, flash"], "'flash' is listed twice"),
        (
            ["--preset", "quick", "--methods", "longformer,longformer(window=128)"],
            "longformer is listed twice with the same parameters",
        ),
        (["--preset", "quick", "--tokenizer", "/etc"], "The folder '/etc' holds no tokenizer"),
        (
            ["--preset", "quick", "--csv", "FOLDER/few.csv"],
            "has 1 usable pair, and the controlled",
        ),
        (
            ["--preset", "quick", "--csv", "FOLDER/bare.csv"],
            "it needs one named en and one named fr",
        ),
        ([*ARTICLE, "--csv", "FOLDER/none.csv"], "does not exist"),
    ],
)
def test_what_cannot_be_run_is_one_line_and_leaves_no_run(
    store, tmp_path, capsys, arguments, words
):
    (tmp_path / "few.csv").write_text("en,fr\na cat,un chat\n")
    (tmp_path / "bare.csv").write_text("a cat,un chat\na dog,un chien\n")
    named = [one.replace("FOLDER", str(tmp_path)) for one in arguments]
    assert cli.main(["figure-z", *named]) == cli.BAD_ARGUMENTS
    (line,) = capsys.readouterr().err.splitlines()
    assert words in line
    assert not store.runs()


def test_a_file_without_a_header_is_taken_for_the_article(store, tmp_path):
    (tmp_path / "bare.csv").write_text("a cat,un chat\na dog,un chien\n")
    cli.main(["figure-z", *ARTICLE, "--csv", str(tmp_path / "bare.csv")])
    (run,) = store.runs()
    assert run.settings["data"] == str(tmp_path / "bare.csv")


def test_a_method_that_a_family_names_too_is_meant_once(store):
    cli.main(["figure-z", "--preset", "quick", "--methods", "low-rank,linformer"])
    (run,) = store.runs()
    named = [one["method"] for one in run.settings["methods"]]
    assert named.count("linformer") == 1
