"""`map`: any part of an attention matrix, pooled to a small picture, as a file of numbers."""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attn_core.commands import map_arguments
from attn_core.commands.interrupts import Interrupts
from attn_core.commands.progress import Display, clock
from attn_core.commands.verb import INTERRUPTED, OK, Command

if TYPE_CHECKING:
    from attn_core.matrix import MatrixView
    from attn_core.sources import ViewSpec

# Lines of progress where nobody watches a terminal.
LINES = 4


def run(options: argparse.Namespace) -> int:
    asked = map_arguments.read(options)
    check_out(options.out)
    display = Display()
    with Interrupts(display.say) as stop:
        try:
            view = _view(asked.spec, asked.side)
            rows, cols = (
                map_arguments.part(name, text, length)
                for name, text, length in zip(
                    ("--rows", "--cols"), (options.rows, options.cols), view.shape, strict=True
                )
            )
            start = time.monotonic()
            picture = _pooled(view, rows, cols, asked, display, stop)
        except KeyboardInterrupt:
            display.close()
            display.say("stopped; nothing was written")
            return INTERRUPTED
        finally:
            display.close()
    write(Path(options.out), picture)
    size = " × ".join(f"{n:,}" for n in picture.shape)
    print(
        f"{options.out}: {size} float32, {asked.reduce} of {asked.words}, rows {rows.start}:{rows.stop}, "
        f"columns {cols.start}:{cols.stop}, {clock(time.monotonic() - start)}"
    )
    return OK


def check_out(target: str) -> None:
    """Refuse a place that cannot be written before anything is computed."""
    path = Path(target)
    if path.is_dir() or not path.name:
        raise ValueError(f"--out must name a file, {target!r} is a folder")
    if not path.absolute().parent.is_dir():
        raise ValueError(f"--out must name a file in a folder that exists, got {target!r}")


def write(path: Path, picture: Any) -> None:
    """All of it under exactly this name, or nothing."""
    import numpy as np

    handle, name = tempfile.mkstemp(dir=path.absolute().parent, prefix=".new-", suffix=".npy")
    try:
        with os.fdopen(handle, "wb") as file:
            np.save(file, picture)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _view(spec: ViewSpec, side: str) -> MatrixView:
    # Here, not above: a bad argument should be told at once.
    from functools import partial

    from attn_core.jobs.models import find_model
    from attn_core.sources import build_sides, load_source
    from attn_core.store import Store

    source = load_source(spec.source, partial(find_model, Store()))
    return build_sides(spec, source).side(side)


def _pooled(
    view: MatrixView,
    rows: slice,
    cols: slice,
    asked: map_arguments.MapAsked,
    display: Display,
    stop: Interrupts,
) -> Any:
    """Head by head, so that only one head's matrix is read at a time."""
    import numpy as np

    from attn_core.views import pooled

    heads: list[Any] = []
    tell = _teller(display, view.heads)
    for head in range(view.heads):

        def progress(done: int, total: int, head: int = head) -> None:
            if stop.asked:
                raise KeyboardInterrupt
            tell(head * total + done, view.heads * total, f"head {head}")

        one = view.one(head)
        heads.append(pooled(one, rows, cols, asked.size, asked.reduce, progress).cpu().numpy()[0])
    return np.stack(heads)


def _teller(display: Display, heads: int) -> Any:
    """Tells a terminal of every block, and a log of every quarter."""
    start, told = time.monotonic(), [0]

    def tell(done: int, total: int, doing: str) -> None:
        spent = time.monotonic() - start
        left = spent / done * (total - done)
        display.progress(done, total, doing, left)
        quarter = LINES * done // total
        if not display.live and quarter > told[0]:
            told[0] = quarter
            display.say(f"{100 * done // total}% · {doing} · {clock(left)} left")

    return tell


COMMAND = Command(
    "write a pooled map of an attention matrix to a file",
    map_arguments.add_arguments,
    run,
    map_arguments.EPILOG,
)
