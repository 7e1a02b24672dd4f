"""Text to token numbers and back, with one numbering for every tokenizer.

The models know three numbers by heart: 0 is padding, 1 ends a text, 2 is an unknown piece, as in T5. A tokenizer
that numbers them otherwise is renumbered here, so nothing above has to ask.
"""

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import tokenizers
from tokenizers import Encoding

from attn_core.corpus.hub import CHOICE, downloaded, holds_tokenizer, on_this_machine
from attn_core.corpus.pieces import build_tokenizer

__all__ = [
    "END",
    "PAD",
    "UNKNOWN",
    "Tokenizer",
    "build_tokenizer",
    "check_tokenizer",
    "load_tokenizer",
    "shipped_tokenizer",
]

PAD, END, UNKNOWN = 0, 1, 2
SHIPPED = Path(__file__).resolve().parents[2] / "data" / "tokenizer"
ROLES = ("pad_token", "eos_token", "unk_token")


class Tokenizer:
    """A `tokenizers` tokenizer whose padding, end and unknown pieces are 0, 1 and 2."""

    def __init__(
        self, name: str, pieces: tokenizers.Tokenizer, special: Sequence[str | None]
    ) -> None:
        """`special` names the pieces for padding, end and unknown; only the last may be missing."""
        self.name = name
        self._pieces = pieces
        self._pieces.no_padding()
        self._pieces.no_truncation()
        self._pieces.encode_special_tokens = True  # "</s>" in somebody's sentence is text
        numbers = pieces.get_vocab(with_added_tokens=True).values()
        self.size = max(numbers) + 1
        self._ours = _numbering(name, pieces, special, self.size)
        self._theirs = None if self._ours is None else _inverse(self._ours)

    def encode(self, text: str) -> list[int]:
        return self._renumbered(self._pieces.encode(text, add_special_tokens=False))

    def encode_batch(self, texts: Sequence[str]) -> list[list[int]]:
        found = self._pieces.encode_batch_fast(list(texts), add_special_tokens=False)
        return [self._renumbered(one) for one in found]

    def decode(self, ids: Sequence[int]) -> str:
        """The text of the tokens; padding and ends are left out, an unknown piece stays visible."""
        kept = [i for i in ids if i not in (PAD, END)]
        theirs = kept if self._theirs is None else [self._theirs[i] for i in kept]
        return self._pieces.decode(theirs, skip_special_tokens=False)

    def piece(self, number: int) -> str:
        """One token as its vocabulary writes it."""
        theirs = number if self._theirs is None else self._theirs[number]
        return self._pieces.id_to_token(theirs) or f"<{number}>"

    def offsets(self, text: str) -> list[tuple[int, int]]:
        """The characters [start, end) of the text that each token of `encode(text)` stands for."""
        return self._pieces.encode(text, add_special_tokens=False).offsets

    def offsets_batch(self, texts: Sequence[str]) -> list[list[tuple[int, int]]]:
        found = self._pieces.encode_batch(list(texts), add_special_tokens=False)
        return [one.offsets for one in found]

    def _renumbered(self, encoding: Encoding) -> list[int]:
        if self._ours is None:
            return encoding.ids
        return [self._ours[i] for i in encoding.ids]


@cache
def shipped_tokenizer() -> Tokenizer:
    """The tokenizer trained on the shipped corpus."""
    if not (SHIPPED / "tokenizer.json").is_file():
        raise ValueError(
            f"The shipped tokenizer is missing from {SHIPPED}: `python -m attn_core corpus build` makes it."
        )
    return _from_json("shipped", SHIPPED)


def load_tokenizer(name: str) -> Tokenizer:
    """`"shipped"`, a folder, or a name on the hub; what cannot be had is a ValueError within 2 s."""
    if name == "shipped":
        return shipped_tokenizer()
    folder = _folder(name) or downloaded(name)
    if (folder / "tokenizer.json").is_file():
        return _from_json(name, folder)
    return _from_transformers(name, folder)


def check_tokenizer(name: str) -> None:
    """Refuse within 2 s what cannot be had. What only the hub has is not fetched for this, and a vocabulary that has
    to be converted first is not converted."""
    if name == "shipped":
        shipped_tokenizer()
        return
    folder = _folder(name) or on_this_machine(name)
    if folder is not None and (folder / "tokenizer.json").is_file():
        _from_json(name, folder)


def _folder(name: str) -> Path | None:
    """The folder of this name, if there is one; ValueError where it has nothing to make a tokenizer of."""
    try:
        folder = Path(name).expanduser()
        if not name or not folder.is_dir():
            return None
        held = holds_tokenizer(folder)
    except (OSError, RuntimeError):  # too long a name, no such user, not ours to read
        return None
    if not held:
        raise ValueError(f"The folder {name!r} holds no tokenizer; {CHOICE}.")
    return folder


def _from_json(name: str, folder: Path) -> Tokenizer:
    try:
        pieces = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
        special = [_special(folder, role) for role in ROLES]
    except Exception as error:  # `tokenizers` raises bare Exception for a file that it cannot read
        raise ValueError(f"The tokenizer in {folder} cannot be read: {_short(error)}.") from error
    return Tokenizer(name, pieces, special)


def _special(folder: Path, role: str) -> str | None:
    """Which piece has this role, by the files that transformers writes beside tokenizer.json."""
    for file in ("tokenizer_config.json", "special_tokens_map.json"):
        path = folder / file
        facts = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        named = facts.get(role)
        if named is not None:
            return str(named["content"] if isinstance(named, dict) else named)
    return None


def _from_transformers(name: str, folder: Path) -> Tokenizer:
    """Folders that hold another form of vocabulary, which transformers knows how to convert."""
    from transformers import AutoTokenizer

    try:
        loaded = AutoTokenizer.from_pretrained(str(folder), local_files_only=True)
    except Exception as error:  # every broken file raises something else
        # What the library says of it is about its own classes, and cut off after a line says nothing.
        raise ValueError(
            f"The folder {str(folder)!r} holds no tokenizer that can be read; {CHOICE}."
        ) from error
    pieces = getattr(loaded, "backend_tokenizer", None)
    if not isinstance(pieces, tokenizers.Tokenizer):
        raise ValueError(
            f"The tokenizer {name!r} ({type(loaded).__name__}) has no tokenizer.json; choose another."
        )
    return Tokenizer(name, pieces, [getattr(loaded, role) for role in ROLES])


def _numbering(
    name: str, pieces: tokenizers.Tokenizer, special: Sequence[str | None], size: int
) -> list[int] | None:
    """Our number of each of theirs, or None where they are the same."""
    theirs = [None if piece is None else pieces.token_to_id(piece) for piece in special]
    for role, number in zip(ROLES[:2], theirs, strict=False):
        if number is None:
            raise ValueError(
                f"The tokenizer {name!r} has no {role}; a translator needs both a pad_token and an eos_token."
            )
    if theirs[PAD] == theirs[END]:
        raise ValueError(
            f"The tokenizer {name!r} has {special[PAD]!r} as pad_token and as eos_token; they must differ."
        )
    ours = list(range(size))
    for number, their in enumerate(theirs):
        if their is not None:
            holder = ours.index(number)
            ours[holder], ours[their] = ours[their], number
    return None if ours == list(range(size)) else ours


def _inverse(numbering: list[int]) -> list[int]:
    back = [0] * len(numbering)
    for theirs, ours in enumerate(numbering):
        back[ours] = theirs
    return back


def _short(error: Exception) -> str:
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0][:200].rstrip(".")
