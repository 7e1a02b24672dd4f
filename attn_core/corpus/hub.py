"""Tokenizer files by their name on the Hugging Face hub: from this machine's cache, or fetched within a deadline.

A download never runs in this process: the hub's client waits without end for a server that accepts and stays
silent, and takes most of a minute to notice that there is none.
"""

import os
import re
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from pathlib import Path

ANSWER_S = 1.4  # with the imports before it, a name that cannot be had is refused within 2 s
DOWNLOAD_S = 60.0
NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,95}(/[A-Za-z0-9][\w.-]{0,95})?")
FILES = ("tokenizer*", "special_tokens_map.json", "added_tokens.json", "config.json", "vocab*",
         "merges.txt", "*.model", "*.spm")  # fmt: skip
CHOICE = "choose `shipped`, a folder that holds a tokenizer.json, or a name on the hub"
FETCH = """
import sys
from huggingface_hub import snapshot_download
print(snapshot_download(sys.argv[1], allow_patterns=sys.argv[2:]))
"""


def downloaded(name: str) -> Path:
    """The folder with this tokenizer's files; ValueError with the choices where it cannot be had."""
    return on_this_machine(name) or _fetched(name)


def on_this_machine(name: str) -> Path | None:
    """The folder with this tokenizer's files, or None where the hub has them; ValueError within 2 s where neither."""
    if not NAME.fullmatch(name):
        raise ValueError(f"{name!r} is neither a folder nor a name on the hub; {CHOICE}.")
    cached = _cached(name)
    if cached is not None:
        return cached
    if os.environ.get("HF_HUB_OFFLINE", "0").upper() in {"1", "TRUE", "YES", "ON"}:
        raise ValueError(
            f"The tokenizer {name!r} is not on this machine, and HF_HUB_OFFLINE is set; {CHOICE}."
        )
    status = _answer(name)
    if status is None:
        raise ValueError(
            f"The tokenizer {name!r} is not on this machine, and {_endpoint()} does not answer; {CHOICE}."
        )
    if status in {401, 403, 404}:
        raise ValueError(f"{_endpoint()} has no public tokenizer {name!r}; {CHOICE}.")
    return None


def _endpoint() -> str:
    return os.environ.get("HF_ENDPOINT", "https://huggingface.co").rstrip("/")


def _cached(name: str) -> Path | None:
    from huggingface_hub import snapshot_download

    try:
        folder = Path(snapshot_download(name, local_files_only=True))
    except (OSError, ValueError):
        return None
    return folder if holds_tokenizer(folder) else None


def holds_tokenizer(folder: Path) -> bool:
    """Whether there are files that a tokenizer could be made of."""
    return any(
        path for pattern in FILES if pattern != "config.json" for path in folder.glob(pattern)
    )


def _answer(name: str) -> int | None:
    """The hub's status for this name, or None; in a thread, since a name server may hang as well."""
    found: list[int] = []

    def ask() -> None:
        request = urllib.request.Request(f"{_endpoint()}/api/models/{name}", method="HEAD")
        try:
            with urllib.request.urlopen(request, timeout=ANSWER_S) as answer:
                found.append(answer.status)
        except urllib.error.HTTPError as error:
            found.append(error.code)
        except (OSError, ValueError):
            return

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(ANSWER_S)
    return found[0] if found else None


def _fetched(name: str) -> Path:
    command = [sys.executable, "-c", FETCH, name, *FILES]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=DOWNLOAD_S, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise ValueError(
            f"The download of the tokenizer {name!r} took longer than {DOWNLOAD_S:.0f} s; {CHOICE}."
        ) from error
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1][:200].rstrip(".")
        raise ValueError(f"The tokenizer {name!r} could not be downloaded ({last}); {CHOICE}.")
    return Path(done.stdout.strip().splitlines()[-1])
