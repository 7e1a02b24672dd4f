"""The report says what is stored, and nothing hides a row without numbers."""

from __future__ import annotations

from typing import Any

from benchmarks.clock import summarize
from benchmarks.report import render
from benchmarks.results import Row, as_json
from benchmarks.sections import SECTIONS
from benchmarks.tables import digits, table

ENVIRONMENT: dict[str, Any] = {
    "processor": "Test CPU",
    "vector_instructions": "AVX2",
    "threads": 2,
    "python": "3.11",
    "torch": "2.13",
    "transformers": "5.23",
    "peers": {"linformer": "0.2.3"},
}


def ratio_row(**fields: Any) -> Row:
    times = as_json(summarize([0.01, 0.02, 0.03]))
    row: Row = {"name": "a / b", "peer": "b", "note": "", "pass": "forward", "length": 4096}
    row |= {"target": "≥ 2×", "outcome": "ok", "ours_s": times, "peer_s": times}
    return row | {"ratio": as_json(summarize([2.0, 3.0, 4.0])), "met": True} | fields


def stored(**parts: list[Row]) -> dict[str, Any]:
    return {part: {"environment": ENVIRONMENT, "rows": rows} for part, rows in parts.items()}


def test_a_ratio_is_shown_with_its_spread_target_and_times() -> None:
    text = render(stored(peers=[ratio_row()]))
    assert "| a / b | forward | 4,096 | ≥ 2× | 3 (2.4–3.6) | 20 | 20 | yes |" in text


def test_a_missed_target_stands_out() -> None:
    assert "**no**" in render(stored(exact=[ratio_row(met=False)]))


def test_a_row_without_numbers_says_why() -> None:
    row = ratio_row(outcome="missing", message="linformer 0.2.3 is not installed")
    assert "missing: linformer 0.2.3 is not installed" in render(stored(peers=[row]))


def test_one_machine_is_named_once_and_two_are_named_at_their_parts() -> None:
    parts = stored(peers=[ratio_row()], exact=[ratio_row()])
    assert render(parts).count("Test CPU") == 1
    parts["exact"]["environment"] = ENVIRONMENT | {"processor": "Other CPU"}
    text = render(parts)
    assert (text.count("Test CPU"), text.count("Other CPU")) == (1, 1)


def test_every_section_renders_without_rows() -> None:
    assert all(section([]).startswith("## ") for section in SECTIONS.values())


def test_every_row_of_a_table_has_as_many_cells_as_its_header() -> None:
    text = SECTIONS["growth"](
        [
            {
                "name": "reformer",
                "lengths": [1, 2],
                "at_most": 1.25,
                "outcome": "missing",
                "message": "x",
            }
        ]
    )
    lines = [line for line in text.splitlines() if line.startswith("|")]
    assert len({line.count("|") for line in lines}) == 1


def test_digits_are_sensible() -> None:
    assert [digits(n) for n in (0, 3e-7, 0.0123, 12.34, 1234.5)] == [
        "0",
        "3e-7",
        "0.0123",
        "12.3",
        "1,234",
    ]
    assert table(["a"], [["1"]]) == "| a |\n| --- |\n| 1 |\n"
