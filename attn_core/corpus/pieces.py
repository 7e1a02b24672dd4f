"""Training of the shipped tokenizer: byte-pair pieces in the manner of T5, the same bytes on every run.

A piece that opens a word carries the mark ▁, so a text is its sentences' tokens one after the other. Punctuation
stands alone, and an elision keeps its apostrophe (▁l' · eau), so that French does not run longer than English.
BPE, because training of Unigram pieces is not deterministic.
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from tokenizers import (
    Regex,
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)

from attn_core.corpus.document import Pair

SPECIAL = ("<pad>", "</s>", "<unk>")
ELISION = "(?i:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu|aujourd)['’]"
CUT = rf"(?<!\p{{L}})▁?{ELISION}|▁?\p{{P}}"
# Letters that a user's own English or French may hold, whether the corpus has them or not.
LETTERS = [chr(code) for code in (*range(0x21, 0x7F), *range(0xA1, 0x100))]
LETTERS += list("ŒœŸ‘’“”–—€▁")
SIZE = 4096  # of the shipped vocabulary
FRENCH = 3


def training_texts(pairs: Iterable[Pair]) -> Iterator[str]:
    """The sentences to train on. French counts threefold, or its many word forms would be cut into more pieces than
    English, and every packed row would end in English padding."""
    for pair in pairs:
        yield pair.en
        for _ in range(FRENCH):
            yield pair.fr


def build_tokenizer(texts: Iterable[str], folder: Path, size: int) -> None:
    """Writes tokenizer.json and the two files with which transformers loads it."""
    pieces = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True))
    pieces.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Strip()]
    )
    pieces.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always", split=True),
            pre_tokenizers.Split(Regex(CUT), "isolated"),
        ]
    )
    pieces.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always", split=True)
    alphabet = sorted(
        {letter for letter in map(pieces.normalizer.normalize_str, LETTERS) if len(letter) == 1}
    )
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=list(SPECIAL),
        initial_alphabet=alphabet,
        show_progress=False,
    )
    pieces.train_from_iterator(texts, trainer)
    pieces.post_processor = processors.TemplateProcessing(
        single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", 1)]
    )
    names = dict(zip(("pad_token", "eos_token", "unk_token"), SPECIAL, strict=True))
    config = {
        **names,
        "clean_up_tokenization_spaces": False,
        "model_max_length": 1_000_000,
        "tokenizer_class": "PreTrainedTokenizerFast",
    }
    folder.mkdir(parents=True, exist_ok=True)
    write(folder / "tokenizer.json", pieces.to_str(pretty=True) + "\n")
    write(folder / "tokenizer_config.json", json.dumps(config, indent=2, sort_keys=True) + "\n")
    write(folder / "special_tokens_map.json", json.dumps(names, indent=2, sort_keys=True) + "\n")


def write(path: Path, text: str) -> None:
    path.write_bytes(text.encode("utf-8"))  # the same bytes on every system
