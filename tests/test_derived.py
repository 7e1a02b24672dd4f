"""What the command line says follows from the rows: in the engine's own numbers and states, and only where known."""

import pytest

from attn_core.commands.derived import crossover_words, derived, growth, memory, noise
from attn_core.timing.scaling import Crossover
from tests.dashboard.planted import a_spec, nulls_of, rows_of

SPEC = a_spec()
ROWS, NULLS = rows_of(SPEC), nulls_of(SPEC)


def line_of(text: str, label: str) -> str:
    return next(line for line in text.splitlines() if line.split()[0] == label)


def test_peak_memory_is_a_table_like_that_of_the_medians():
    rows = [dict(row) for row in ROWS]
    for row in rows:
        if row["label"] == "softmax" and row["queries"] == 8192:
            row["peak_bytes"] = None
    lines = memory(rows, ["flash", "softmax"]).splitlines()
    assert lines[0].split() == ["peak", "memory", "512", "1,024", "2,048", "4,096", "8,192"]
    assert lines[1].split()[:3] == ["flash", "32.0", "MiB"]
    assert lines[2].split()[-1] == "–"
    assert memory([row | {"peak_bytes": None} for row in ROWS]) == ""


def test_a_planted_power_is_found_with_its_interval():
    words = line_of(growth(ROWS), "linformer")
    assert "N^1.00 (0.9" in words
    assert " to 1.0" in words
    assert "N^2.00 (" in line_of(growth(ROWS), "flash")


def test_crossovers_stand_against_both_kinds_of_exact_attention():
    heading, *_ = growth(ROWS).splitlines()
    assert "against flash" in heading
    assert "against softmax" in heading
    assert "faster from N = 1,500 (" in line_of(growth(ROWS), "linformer")
    assert "never up to N = 8,192" in line_of(growth(ROWS), "softmax")
    assert "always faster" in line_of(growth(ROWS), "flash")


def test_only_what_was_measured_is_held_against_anything():
    without = [row for row in ROWS if row["label"] not in ("flash", "softmax")]
    assert "against" not in growth(without)
    assert "N^1.00" in growth(without)
    alone = [row for row in ROWS if row["label"] == "flash" and row["queries"] == 512]
    assert growth(alone) == "", "one length has no growth, one method no rival"
    assert growth([row | {"outcome": "oom", "samples": []} for row in ROWS]) == ""


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (Crossover(1500.4, 1456.0, 1545.0, "crosses", 8192),
         "faster from N = 1,500 (1,456 to 1,545)"),
        (Crossover(None, None, None, "never up to N", 8192), "never up to N = 8,192"),
        (Crossover(1024.0, None, None, "only shorter", 8192),
         "only shorter: faster up to N = 1,024"),
        (Crossover(None, None, None, "always faster", 8192), "always faster"),
        (Crossover(900.0, None, 1200.0, "undecided", 8192), "undecided"),
        (Crossover(None, None, None, "not measured"), "not measured"),
    ],
    ids=lambda value: value.state if isinstance(value, Crossover) else "",
)  # fmt: skip
def test_every_answer_about_a_crossover_has_its_words(found, words):
    assert crossover_words(found) == words


def test_the_null_is_told_for_every_length_shortest_first():
    lines = noise(NULLS[::-1]).splitlines()
    assert lines[1] == "same method twice: 1.010 (0.980 to 1.030) at N = 1,024, softmax"
    assert len(lines) == len(NULLS)
    bare = {"label": "flash", "queries": 512, "ratio": 1.0}
    assert noise([bare]) == "same method twice: 1.000 at N = 512, flash"
    assert noise([{"label": "flash", "queries": 512}]) == ""


def test_nothing_follows_from_nothing():
    assert derived([], []) == []
    assert len(derived(ROWS, NULLS)) == 6
    assert [line for line in derived(ROWS, []) if line.startswith("same")] == []
