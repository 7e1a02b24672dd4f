"""`corpus build`: the shipped English–French corpus, written again."""

from __future__ import annotations

import argparse
from hashlib import sha256
from pathlib import Path

from attn_core.commands.text import columns
from attn_core.commands.verb import OK, Command


def add_arguments(verb: argparse.ArgumentParser) -> None:
    verbs = verb.add_subparsers(dest="verb", required=True, metavar="build")
    build = verbs.add_parser("build", help="write the corpus; the same bytes every time")
    build.add_argument("--out", type=Path, metavar="FOLDER", help="default: data/")


def run(options: argparse.Namespace) -> int:
    # Here, not above: measuring needs no tokenizers.
    from attn_core.corpus.shipped import DATA, DOCUMENTS, PAIRS, TOKENIZER, build, shipped

    folder = options.out or DATA
    build(folder)
    documents = shipped(folder)
    pairs = sum(len(document.pairs) for document in documents)
    probes = sum(len(document.probes) for document in documents)
    print(f"{pairs:,} pairs in {len(documents):,} documents with {probes:,} probes")
    rows = [("file", "bytes", "sha256")]
    pieces = sorted(path.name for path in (folder / TOKENIZER).iterdir())
    for name in (PAIRS, DOCUMENTS, *(f"{TOKENIZER}/{piece}" for piece in pieces)):
        content = (folder / name).read_bytes()
        rows.append((name, f"{len(content):,}", sha256(content).hexdigest()))
    print(columns(rows))
    return OK


COMMAND = Command("write the shipped English–French corpus", add_arguments, run)
