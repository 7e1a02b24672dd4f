"""The written word keeps up with the code: a method without a section, or a dead link, is a failure."""

import re
from pathlib import Path
from typing import Any

import pytest
import torch
from streamlit.testing.v1 import AppTest

from attn_core import METHODS, AttentionMethod, Dims, cli

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\]\((?!https?://|mailto:|#)([^)#\s]+)")


@pytest.mark.parametrize("name", METHODS)
def test_every_method_has_a_section(name):
    text = (ROOT / "docs" / "methods.md").read_text()
    assert re.search(rf"^## `?{name}`?\s*$", text, flags=re.MULTILINE), f"write '## {name}'"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_local_link_leads_somewhere(page):
    for target in LINK.findall(page.read_text()):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_every_verb_of_the_makefile_that_the_readme_names_exists():
    verbs = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    named = set(re.findall(r"`?make ([a-z]+)", (ROOT / "README.md").read_text()))
    assert named <= verbs


def python_blocks(page: str) -> list[str]:
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / page).read_text(), flags=re.DOTALL)
    assert blocks, f"{page} has no python block"
    return blocks


def test_the_notebook_example_in_the_readme_runs(capsys):
    for block in python_blocks("README.md"):
        exec(compile(block, "README.md", "exec"), {})
    assert "flops=" in capsys.readouterr().out


@pytest.fixture
def example_method() -> AttentionMethod:
    """The method that CONTRIBUTING.md writes, as a reader would have it after step 1."""
    module: dict[str, Any] = {"__name__": "mean"}
    exec(compile(python_blocks("CONTRIBUTING.md")[0], "CONTRIBUTING.md", "exec"), module)
    return module["METHOD"]


def test_the_example_in_contributing_is_a_working_method(example_method):
    op = example_method.build(Dims(heads=2, head_dim=8, max_queries=5, max_keys=7))
    q, k, v = torch.randn(1, 2, 5, 8), torch.randn(1, 2, 7, 8), torch.randn(1, 2, 7, 3)
    keep = torch.tensor([[True, True, True, True, False, False, False]])
    whole = slice(None)
    for key_keep in (None, keep, torch.zeros_like(keep)):
        out = op(q, k, v, key_keep=key_keep)
        assert out.shape == (1, 2, 5, 3)
        torch.testing.assert_close(op.view(q, k, key_keep=key_keep).block(whole, whole) @ v, out)
    torch.testing.assert_close(op(q, k, v, key_keep=keep)[0, 0, 0], v[0, 0, :4].mean(0))
    with pytest.raises(ValueError, match="mean"):
        op(q, k[:, :, :5], v[:, :, :5], causal=True)


def test_the_example_in_contributing_appears_on_the_page_and_the_command_line(
    example_method, monkeypatch, capsys
):
    monkeypatch.setitem(METHODS, "mean", example_method)
    app = AppTest.from_file(str(ROOT / "dashboard" / "main.py"), default_timeout=60)
    app.query_params["method"] = "mean"
    app.run()
    assert not app.exception
    assert "Mean" in {metric.label for metric in app.metric}
    assert any("**Mean**" in block.value for block in app.markdown)
    cli.main(["methods"])
    assert "\nmean " in capsys.readouterr().out
