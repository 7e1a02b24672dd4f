"""A report holds what it was given, word for word, whatever the words are, and needs nothing else to be read."""

from __future__ import annotations

import re

import altair as alt
import pandas as pd
import pytest

from dashboard.figures.export import Figure
from dashboard.figures.layers import layered
from dashboard.report import Report, Section, Table, to_html, to_pdf

HOSTILE = '<script>alert(1)</script> & "x" #let y = 1 \\ $a$ *b* _c_ @d [e] √d ≤ µ'


def report(words: str = "plain", rows: int = 2) -> Report:
    table = pd.DataFrame({"a": [1, 2], "b": [2, 1]})
    marks = alt.Chart(table).mark_point().encode(x="a:Q", y="b:Q")
    figure = Figure(layered([marks], False, height=100), table, words, words, words, words)
    lines = [(words, f"{at} ms") for at in range(rows)]
    section = Section(words, [words], [figure], [Table(words, ("name", words), lines, words, 7)])
    return Report(words, words, words, [(words, words)], [section], [words])


def test_a_page_escapes_every_word_and_fetches_nothing():
    text = to_html(report(HOSTILE)).decode()
    assert "<script" not in text and text.count("&lt;script&gt;alert(1)") >= 10
    assert not re.search(r"(?:src|href)=[\"'](?!data:)|@import|url\((?!data:)", text)
    assert "7 more rows are left out" in text and text.count("<tr>") == 3


def test_a_paper_takes_no_word_for_markup():
    plain, hostile = to_pdf(report()), to_pdf(report(HOSTILE))
    assert plain.startswith(b"%PDF") and hostile.startswith(b"%PDF")


def test_a_long_table_goes_on_over_pages():
    def pages(paper: bytes) -> int:
        return len(re.findall(rb"/Type\s*/Page\b", paper))

    assert pages(to_pdf(report(rows=200))) > pages(to_pdf(report(rows=2))) >= 1


def test_a_table_whose_rows_do_not_fit_is_refused():
    with pytest.raises(ValueError, match="2 columns, got a row of 1"):
        Table("t", ("a", "b"), [("x",)])
