"""A sweep that measures nothing, and what the command line says to what it refuses."""

import os
import shlex
import signal
from collections.abc import Collection
from typing import Any

from attn_core import cli
from attn_core.commands import sweep_arguments
from attn_core.timing.events import Progress, RowReady, Started
from attn_core.timing.spec import SweepSpec
from tests.dashboard.planted import a_row
from tests.stored_runs import LAPTOP, facts, steady

SMALL = ["sweep", "--methods", "flash,longformer", "--lengths", "512,1024"]


class PlantedSweep:
    """Stands in for the timing part: emits planted rows at once. It may be interrupted, or meet an outcome."""

    def __init__(self) -> None:
        self.measured: list[str] = []
        self.outcomes: dict[str, tuple[str, str]] = {}
        self.interrupt_after: int | None = None

    def __call__(
        self, spec: SweepSpec, *, finished: Collection[str], emit: Any, stop: Any
    ) -> None:
        emit(Started(facts(LAPTOP), len(spec.cells)))
        for done, cell in enumerate(spec.cells):
            if len(self.measured) == self.interrupt_after:
                os.kill(os.getpid(), signal.SIGINT)
            if stop():
                return
            if cell.key in finished:
                continue
            self.measured.append(cell.key)
            emit(Progress(done, len(spec.cells), cell.key, 12.0))
            row = steady(a_row(spec, cell, *self.outcomes.get(cell.key, ("ok", ""))))
            emit(RowReady("cell", cell.key, row))


def complaint(capsys, *arguments: str, code: int = 2) -> str:
    """The one line with which arguments are refused."""
    try:
        found = cli.main(arguments)
    except SystemExit as leaving:
        found = leaving.code
    printed = capsys.readouterr()
    assert found == code
    assert printed.out == ""
    assert len(printed.err.splitlines()) == 1, printed.err
    return printed.err


def parsed(line: str) -> SweepSpec:
    """The sweep that a printed command line asks for."""
    python, flag, module, *arguments = shlex.split(line)
    assert [python, flag, module] == ["python", "-m", "attn_core"]
    return sweep_arguments.new_spec(cli.parser().parse_args(arguments))
