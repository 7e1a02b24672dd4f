"""Charts say which method is which, where the reader is, and what they were made from, on screen and on paper."""

import csv
import io
import json
from dataclasses import replace

import pandas as pd
import pytest

from attn_core import METHODS, get_method
from dashboard.figures.cost_curves import FLOPS, MEMORY, cost_curve
from dashboard.figures.export import FOOT_LETTERS, FORMATS, Figure, foot_lines, on_paper
from dashboard.figures.palette import mark
from dashboard.services.prediction import Question, answer

BEGINNINGS = {"svg": b"<svg", "png": b"\x89PNG", "pdf": b"%PDF-", "html": b"<!DOCTYPE html>"}
QUESTION = Question(get_method("flash"), 3000)
ANSWER = answer(QUESTION)


def a_figure() -> Figure:
    chart = cost_curve(ANSWER.rows, MEMORY, 3000, ANSWER.room(2**33))
    return Figure(chart, ANSWER.rows, "Memory against length", "8 heads", "AMD EPYC · abc123")


def encodings(spec: dict) -> list[dict]:
    inner = [found for layer in spec.get("layer", []) for found in encodings(layer)]
    return inner + ([spec["encoding"]] if "encoding" in spec else [])


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_every_method_is_drawn_in_its_own_mark(method, dark):
    role = next(iter(method.roles))
    found = answer(Question(method, 1024, role))
    spec = cost_curve(found.rows, FLOPS, 1024, dark=dark).to_dict()
    scales = [one["color"]["scale"] for one in encodings(spec) if "scale" in one.get("color", {})]
    place = scales[0]["domain"].index(method.title)
    assert scales[0]["range"][place] == mark(method, dark).colour


@pytest.mark.parametrize("quantity", [FLOPS, MEMORY], ids=lambda quantity: quantity.column)
def test_both_axes_are_logarithmic(quantity):
    spec = cost_curve(ANSWER.rows, quantity, 3000).to_dict()
    for one in encodings(spec):
        for axis in ("x", "y"):
            if "scale" in one.get(axis, {}):
                assert one[axis]["scale"]["type"] == "log"


def test_the_chosen_length_is_marked():
    text = json.dumps(cost_curve(ANSWER.rows, FLOPS, 3000).to_dict())
    assert '[{"N": 3000}]' in text
    assert '"equal": 3000' in text


def test_free_memory_is_drawn_only_where_it_is_known():
    with_room = json.dumps(cost_curve(ANSWER.rows, MEMORY, 3000, ANSWER.room(2**33)).to_dict())
    without = json.dumps(cost_curve(ANSWER.rows, MEMORY, 3000, ANSWER.room(None)).to_dict())
    assert "free on this machine" in with_room
    assert "free on this machine" not in without


@pytest.mark.parametrize("suffix", BEGINNINGS)
def test_each_format_is_what_it_says(suffix):
    assert FORMATS[suffix].render(a_figure()).lstrip().startswith(BEGINNINGS[suffix])


def test_an_exported_picture_names_its_title_its_setting_and_its_machine():
    text = FORMATS["svg"].render(a_figure()).decode()
    for words in ("Memory against length", "8 heads", "AMD EPYC · abc123", "Softmax"):
        assert words in text


def test_an_exported_picture_is_on_white_paper_in_light_ink():
    spec = on_paper(a_figure()).to_dict()
    assert spec["background"] == "white"
    assert spec["config"]["axis"]["labelColor"] == "#676a73"


def test_exporting_leaves_the_chart_on_screen_as_it_was():
    figure = a_figure()
    before = figure.chart.to_dict()
    on_paper(figure)
    assert figure.chart.to_dict() == before


def test_the_interactive_file_needs_no_network():
    text = FORMATS["html"].render(a_figure()).decode()
    assert '<script src="http' not in text


def test_tables_hold_the_rows_that_were_drawn():
    rows = ANSWER.rows.to_dict(orient="records")
    as_csv = list(csv.DictReader(io.StringIO(FORMATS["csv"].render(a_figure()).decode())))
    written = json.loads(FORMATS["json"].render(a_figure()))
    assert written["rows"] == rows
    assert (written["title"], written["setting"]) == ("Memory against length", "8 heads")
    assert [int(row["flops"]) for row in as_csv] == [row["flops"] for row in rows]


def test_tables_say_where_their_numbers_come_from():
    figure = replace(a_figure(), footer="AMD EPYC · abc123\nXeon · def456")
    as_csv = list(csv.DictReader(io.StringIO(FORMATS["csv"].render(figure).decode())))
    assert {row["environment"] for row in as_csv} == {"AMD EPYC · abc123; Xeon · def456"}
    written = json.loads(FORMATS["json"].render(figure))
    assert written["environment"] == "AMD EPYC · abc123; Xeon · def456"
    assert "environment" not in figure.rows


def test_parameters_are_an_object_in_json_and_words_in_csv():
    rows = pd.DataFrame({"params": [{"window": 64, "dilation": 2}, {}, None]})
    figure = replace(a_figure(), rows=rows)
    written = json.loads(FORMATS["json"].render(figure))["rows"]
    assert [row["params"] for row in written] == [{"window": 64, "dilation": 2}, {}, None]
    as_csv = list(csv.DictReader(io.StringIO(FORMATS["csv"].render(figure).decode())))
    assert [row["params"] for row in as_csv] == ["window=64, dilation=2", "", ""]


def test_how_to_read_a_picture_stands_above_its_machine_in_lines_that_fit():
    note = "Band: p20 to p80. " * 20
    lines = foot_lines(replace(a_figure(), note=note))
    assert len(lines) > 2
    assert lines[-1] == "AMD EPYC · abc123"
    assert max(map(len, lines)) <= FOOT_LETTERS
    assert " ".join(lines[:-1]) == note.strip()
    text = FORMATS["svg"].render(replace(a_figure(), note=note)).decode()
    assert text.index("Band: p20") < text.index("AMD EPYC")


def test_counts_beyond_64_bits_are_drawn_and_written_exactly():
    huge = answer(Question(get_method("flash"), 2**20, batch=65_536, heads=256, head_dim=1024))
    figure = Figure(cost_curve(huge.rows, FLOPS, 2**20), huge.rows, "", "", "")
    assert FORMATS["svg"].render(figure)
    written = json.loads(FORMATS["json"].render(figure))["rows"]
    assert max(row["flops"] for row in written) == 4 * 65_536 * 256 * 2**40 * 1024
