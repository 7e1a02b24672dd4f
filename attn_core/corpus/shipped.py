"""The documents that come with the project: pairs in a CSV anybody can open, and beside it where each document
begins and what is probed in it."""

from __future__ import annotations

import csv
import io
import json
from itertools import islice
from pathlib import Path
from typing import Any

from attn_core.corpus.document import Document, Pair, Probe, Span
from attn_core.corpus.documents import documents
from attn_core.corpus.pieces import SIZE, build_tokenizer, training_texts

DATA = Path(__file__).resolve().parents[2] / "data"
PAIRS, DOCUMENTS, TOKENIZER = "en_fr.csv", "en_fr_documents.jsonl", "tokenizer"
LEAST = 24_000
SEED = 0


def shipped(folder: Path = DATA) -> list[Document]:
    """What `build` wrote, read back."""
    for name in (PAIRS, DOCUMENTS):
        if not (folder / name).is_file():
            raise ValueError(f"{folder / name} is not there; `corpus build` writes it.")
    with (folder / PAIRS).open(encoding="utf-8", newline="") as file:
        rows = iter(csv.reader(file))
        next(rows)
        pairs = (Pair(en, fr) for en, fr in rows)
        with (folder / DOCUMENTS).open(encoding="utf-8") as lines:
            return [read(json.loads(line), pairs) for line in lines]


def read(line: dict[str, Any], pairs: Any) -> Document:
    return Document(tuple(islice(pairs, line["pairs"])), tuple(map(probe, line["probes"])))


def build(folder: Path) -> None:
    """Writes the pairs and their documents; the same bytes every time."""
    seen: set[Pair] = set()
    chosen: list[Document] = []
    stream = documents(SEED, seen)
    while len(seen) < LEAST:
        chosen.append(next(stream))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / PAIRS).write_bytes(table(chosen).encode())
    lines = [json.dumps(written(document), separators=(",", ":")) + "\n" for document in chosen]
    (folder / DOCUMENTS).write_bytes("".join(lines).encode())
    pairs = (pair for document in chosen for pair in document.pairs)
    build_tokenizer(training_texts(pairs), folder / TOKENIZER, SIZE)


def table(chosen: list[Document]) -> str:
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["en", "fr"])
    rows.writerows((pair.en, pair.fr) for document in chosen for pair in document.pairs)
    return text.getvalue()


def written(document: Document) -> dict[str, Any]:
    return {"pairs": len(document.pairs), "probes": [compact(one) for one in document.probes]}


def compact(one: Probe) -> list[Any]:
    """A probe as a list: the pronouns' places, both genders' words, and the evidence in each language."""
    return [
        place(one.pronoun),
        place(one.english),
        one.gold,
        one.other,
        one.gender,
        one.evidence,
        [place(span) for span in one.evidence_fr],
        [place(span) for span in one.evidence_en],
    ]


def place(span: Span) -> list[int]:
    return [span.sentence, span.start, span.end]


def probe(row: list[Any]) -> Probe:
    pronoun, english, gold, other, gender, evidence, fr, en = row
    return Probe(
        pronoun=Span(*pronoun),
        gold=gold,
        other=other,
        gender=gender,
        english=Span(*english),
        evidence_fr=tuple(Span(*span) for span in fr),
        evidence_en=tuple(Span(*span) for span in en),
        evidence=evidence,
    )
