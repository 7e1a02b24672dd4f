"""What the documents say of the shipped data is what follows from it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from attn_core.tradeoff.points import points
from attn_core.tradeoff.stored import of_document
from attn_core.tradeoff.trust import trust

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = (ROOT / "docs" / "tradeoffs.md").read_text(encoding="utf-8")
SOURCES = {
    "local queries and keys": "synthetic local",
    "gaussian ones": "synthetic gaussian",
    "the translator's layer 0": "teacher layer 0",
    "the translator's layer 1": "teacher layer 1",
}


@pytest.fixture(scope="module")
def runs():
    names = ("tradeoff-cpu", "figure-z-several-budgets", "figure-z-quick")
    texts = [(ROOT / "data" / "studies" / f"{one}.json").read_text() for one in names]
    return [of_document(json.loads(text)) for text in texts]


@pytest.mark.parametrize(("said", "source"), SOURCES.items())
def test_the_table_of_rank_correlations_is_computed(runs, said, source):
    (line,) = [one for one in DOCUMENT.splitlines() if one.startswith(f"| {said} |")]
    written = [one.strip() for one in line.strip("|").split("|")[1:]]
    table = points(runs, source)
    operators = table[table["role"] == "encoder"]
    for text, operator in zip(written, ("output_error", "top_k_recall"), strict=True):
        found = trust(operators, operator, "token_accuracy")
        assert f"{found.count} choices" in DOCUMENT
        assert {(pair.length, pair.quality_length) for pair in found.pairs} == {(256, 256)}
        ends = f"{found.rho:.2f} ({found.low:.2f} to {found.high:.2f})"
        assert text == ends.replace("-", "−")
