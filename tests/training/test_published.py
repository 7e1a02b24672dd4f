"""The published figures are complete, exact and say where they come from."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from attn_core.methods import METHODS
from attn_core.training.published import FIGURE_Z, FILE, figures, span

FIELDS = [
    "source",
    "year",
    "hardware",
    "dtype",
    "pass",
    "N",
    "method",
    "metric",
    "value",
    "unit",
    "note",
]
OTHERS = {
    "block-sparse flash", "openai block-sparse", "local attention", "gaussian kernel",
}  # fmt: skip


def test_every_row_has_every_field_and_no_other():
    for row in json.loads(FILE.read_text(encoding="utf-8")):
        assert list(row) == FIELDS


def test_every_source_has_all_its_figures():
    counted = Counter(one.source.split(" (")[0] for one in figures())
    # FlashAttention: 5 × 7 − 1 times, 7 memories, 3 + 2 accuracies. Each accuracy conflict has one of each paper.
    assert counted["FlashAttention"] == 34 + 7 + 3 + 2
    assert counted["Nyströmformer"] == 3 * 4 * 2 + 3
    assert counted["Linformer"] == 2 * 8
    assert counted["Long Range Arena"] == 7 * 5 + 3
    assert counted["Skyformer"] == 7 * 2 + 3
    assert counted["xformers"] == 2
    assert counted["Sparse Transformer"] == 2 * 3 * 2
    assert len(figures(FIGURE_Z)) == 10
    assert sum(counted.values()) == len(figures())


def test_no_figure_stands_twice():
    places = Counter((o.source, o.n, o.method, o.metric, o.note) for o in figures())
    assert max(places.values()) == 1


def test_methods_are_the_catalogues_or_known_to_be_others():
    assert {one.method for one in figures()} <= {*METHODS, *OTHERS}


def test_only_what_ran_out_of_memory_has_no_value():
    (missing,) = (one for one in figures() if one.value is None)
    assert (missing.method, missing.n) == ("softmax", 8192)
    assert missing.note.startswith("out of memory")


@pytest.mark.parametrize(
    ("source", "method", "metric", "n", "value"),
    [
        ("FlashAttention (Dao et al., appendix E)", "flash", "time", 4096, 30.09),
        ("FlashAttention (Dao et al., appendix E)", "reformer", "memory", 4096, 12067),
        ("Nyströmformer", "longformer", "time", 8192, 36.2),
        ("Linformer", "linformer", "speed_up", 65536, 20),
        ("Long Range Arena", "bigbird", "steps_per_s", 4096, 1.5),
        ("Skyformer", "gaussian kernel", "memory", None, 5.73),
        (FIGURE_Z, "kernelized", "published_quality", 2048, 0.05198),
        (FIGURE_Z, "linformer", "generalization", 4096, 1000),
        (FIGURE_Z, "longformer", "forward_s", 2048, 0.3168),
    ],
)
def test_a_figure_is_the_published_one(source, method, metric, n, value):
    found = [o for o in figures(source, metric=metric) if (o.method, o.n) == (method, n)]
    assert [one.value for one in found] == [value]


def test_papers_that_disagree_show_their_range():
    found = [o for o in figures(metric="listops_accuracy") if o.method == "performer"]
    assert span(found) == (18.0, 38.0)
    assert span([]) is None
