"""Text that others wrote, as it is, where a page reads Markdown: what a link says, the names in an imported run, what
a reader types. Without this a stranger's file could show pictures, links and colours of its own as if they were ours.

To be used where such text enters a sentence, never on what is exported: charts, files and reports read no Markdown."""

from __future__ import annotations

import re

import pandas as pd

# No more than what is read as Markdown, so that most sentences stay as they are: an underscore inside a word is not.
SIGNS = re.compile(r"[\\`*\[\]<>#!|~$]|&(?=#?\w+;)|(?<![^\W_])_|_(?![^\W_])")
# Lists, rules and underlined headings, which only the beginning of a line makes.
BEGINNING = re.compile(r"^(?:\s*(?=[-=]|\+(?:\s|$))|\s*\d{1,9}(?=[.)](?:\s|$)))")
# Addresses and :names: are looked for once the backslashes are gone. What keeps them apart has to stay, and unseen.
JOINER = "\u2060"
ADDRESSES = re.compile(
    r":(?=//|[+-]|[^\W\d])|(?<!\d):(?=\d)|\bwww(?=\.)|@(?=[-\w]+\.)", re.IGNORECASE
)
LINES = re.compile(r"\s*[\r\n]+\s*")


def literal(text: str) -> str:
    """The text in one line, with every sign standing for itself."""
    line = ADDRESSES.sub(rf"\g<0>{JOINER}", LINES.sub(" ", text))
    return BEGINNING.sub(r"\g<0>\\", SIGNS.sub(r"\\\g<0>", line))


def literal_table(table: pd.DataFrame) -> pd.DataFrame:
    """The same of the heads and cells of a table that is drawn with `st.table`."""
    return table.rename(columns=literal).map(
        lambda cell: literal(cell) if isinstance(cell, str) else cell
    )


def literal_facts(heading: str, facts: dict[str, str]) -> str:
    """A table of two columns in Markdown: our names of facts, and what a machine or a file says of them."""
    rows = "\n".join(f"| {name} | {literal(said)} |" for name, said in facts.items())
    return f"| {heading} | |\n|---|---|\n{rows}"
