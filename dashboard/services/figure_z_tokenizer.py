"""Whether a tokenizer can be had: answered soon, and remembered for a while. No streamlit here."""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from dashboard.services.kept import Kept

SHIPPED = "shipped"
# A page waits no longer for an answer, and asks again when it is drawn again.
WAIT_S = 1.8
# A name that the hub did not have, or a hub that did not answer, may do so later.
KNOWN_S = 300.0
ANSWERS: Kept[Future[str]] = Kept(32)
ASKING = ThreadPoolExecutor(2, thread_name_prefix="tokenizer")


def usable_tokenizer(text: str) -> str:
    """The tokenizer as a run takes it; a ValueError says in a sentence what is refused."""
    name = text.strip() or SHIPPED
    if name == SHIPPED:
        return name
    key = (name, _changed(name), time.monotonic() // KNOWN_S)
    answer = ANSWERS.get(key, lambda: ASKING.submit(_refusal, name))
    try:
        refused = answer.result(WAIT_S)
    except TimeoutError:
        refused = f"The tokenizer {name!r} is still being looked at; ask again in a moment."
    if refused:
        raise ValueError(refused)
    return name


def _refusal(name: str) -> str:
    """What is wrong with it, or nothing."""
    from attn_core.corpus.tokenizer import check_tokenizer

    try:
        check_tokenizer(name)
    except ValueError as problem:
        return str(problem)
    return ""


def _changed(name: str) -> int:
    """When a folder's tokenizer was last written."""
    with suppress(OSError, ValueError, RuntimeError):
        return (Path(name).expanduser() / "tokenizer.json").stat().st_mtime_ns
    return 0
