"""`sweep` and `worker` on the command line: the same store as the pages, stopped and gone on with."""

import json
import signal
import threading

import pytest

from attn_core import cli
from attn_core.commands.progress import Display, bar
from attn_core.jobs.locks import FileLock
from attn_core.store import Store, StoreError
from attn_core.store.paths import device_lock
from attn_core.timing.row import empty_row
from attn_core.timing.spec import SweepSpec
from tests.cli.planted import SMALL, complaint, parsed
from tests.stored_runs import LAPTOP, small_spec, store_run


def test_a_sweep_prints_its_medians_and_is_stored(store, planted, capsys):
    planted.outcomes = {
        "flash @ 1024": ("oom", "needs 40 GiB"),
        "longformer @ 512": ("unstable", ""),
    }
    assert cli.main([*SMALL, "--name", "first"]) == 0
    printed = capsys.readouterr()
    lines = printed.out.splitlines()
    assert lines[0].split() == ["median", "512", "1,024"]
    assert lines[1].split()[0] == "flash"
    assert lines[1].split()[-1] == "oom"
    assert "~2.05 ms" in lines[2]
    assert "needs 40 GiB" in printed.out
    (run,) = store.runs()
    assert (run.name, run.state, run.cells, run.kind) == ("first", "done", 4, "sweep")
    assert any(line.startswith("peak memory") for line in lines)
    assert run.id in lines[-1]
    assert LAPTOP.line in lines[-1]
    assert parsed(run.command) == SweepSpec.from_json(run.settings)


def test_progress_is_plain_lines_on_stderr_where_no_terminal_is(store, planted, capsys):
    cli.main(SMALL)
    said = capsys.readouterr().err
    assert "\r" not in said
    assert "\x1b" not in said
    assert sum("longformer @ 512" in line for line in said.splitlines()) == 1


def test_progress_is_a_bar_on_a_terminal():
    class Terminal:
        text = ""

        def isatty(self) -> bool:
            return True

        def write(self, text: str) -> None:
            self.text += text

        def flush(self) -> None:
            pass

    terminal = Terminal()
    display = Display(terminal)  # pyright: ignore[reportArgumentType]
    display.progress(3, 12, "flash @ 512", 200.0)
    assert "[######" in terminal.text
    assert "3/12" in terminal.text
    assert "3 min 20 s left" in terminal.text
    assert "\n" not in terminal.text
    spec = small_spec()
    display.finished(empty_row(spec, spec.cells[0], "oom", "needs 40 GiB"))
    assert terminal.text.endswith("oom: needs 40 GiB\n")
    assert bar(0, 0, "", None)


def test_json_to_stdout_is_the_contract_and_nothing_else(store, planted, capsys):
    assert cli.main([*SMALL, "--json", "-"]) == 0
    data = json.loads(capsys.readouterr().out)
    (run,) = store.runs()
    assert data["run_id"] == run.id
    assert data["environment"]["id"] == LAPTOP.id
    assert data["settings"] == run.settings
    assert [row["queries"] for row in data["rows"]] == [512, 512, 1024, 1024]
    assert set(empty_row(small_spec(), small_spec().cells[0], "ok")) == set(data["rows"][0])


def test_json_to_a_file_leaves_the_table_on_stdout(store, planted, capsys, tmp_path):
    target = tmp_path / "out.json"
    assert cli.main([*SMALL, "--json", str(target)]) == 0
    assert capsys.readouterr().out.startswith("median")
    assert len(json.loads(target.read_text())["rows"]) == 4


def test_an_interrupt_keeps_what_was_measured_and_says_how_to_go_on(store, planted, capsys):
    planted.interrupt_after = 3
    before = signal.getsignal(signal.SIGINT)
    assert cli.main(SMALL) == 130
    printed = capsys.readouterr()
    (run,) = store.runs()
    assert run.cells == 3
    assert run.state == "cancelled"
    assert f"python -m attn_core sweep --resume {run.id}" in printed.err
    assert printed.out.startswith("median")
    assert signal.getsignal(signal.SIGINT) is before

    planted.interrupt_after = None
    assert cli.main(["sweep", "--resume", run.id]) == 0
    assert sorted(planted.measured) == sorted(cell.key for cell in small_spec().cells)
    (run,) = store.runs()
    assert (run.cells, run.state) == (4, "done")


def test_a_sweep_waits_for_the_device_and_says_so(store, planted, capsys):
    store.folder.mkdir(parents=True)
    lock = FileLock(device_lock(store.folder, "cpu"))
    assert lock.try_acquire()
    threading.Timer(0.5, lock.release).start()
    assert cli.main(SMALL) == 0
    assert "waiting for cpu" in capsys.readouterr().err
    assert len(planted.measured) == 4


def test_the_worker_ends_when_it_is_idle(store, capsys):
    assert cli.main(["worker", "--idle", "0"]) == 0


def test_resume_takes_the_beginning_of_an_id_and_the_same_settings(store, planted, capsys):
    planted.interrupt_after = 1
    cli.main(SMALL)
    capsys.readouterr()
    planted.interrupt_after = None
    (run,) = store.runs()
    said = complaint(capsys, "sweep", "--resume", run.id, "--heads", "4")
    assert "heads is 8" in said
    assert "4" in said
    assert cli.main([*SMALL, "--resume", "latest", "--name", "done now"]) == 0
    assert store.run(run.id).name == "done now"
    assert store.run(run.id).state == "done"


@pytest.mark.parametrize("outcome", ["error", "timeout"])
def test_a_cell_that_failed_is_a_result_and_not_tried_again(store, planted, capsys, outcome):
    planted.outcomes = {"flash @ 512": (outcome, "as planted")}
    cli.main(SMALL)
    planted.measured.clear()
    cli.main(["sweep", "--resume", "latest"])
    assert planted.measured == []
    with pytest.raises(SystemExit):
        cli.main(["sweep", "--help"])
    said = " ".join(capsys.readouterr().out.split())
    assert "error or timeout are kept as results and not retried" in said


def test_in_an_empty_store_there_is_no_run_to_name(store, capsys):
    for name in ("latest", "2026"):
        said = complaint(capsys, "runs", "show", name)
        assert "the store is empty: there are no runs yet" in said
    assert "newest" not in said
    assert "'2026'" in said
    run_id = store_run(store)
    said = complaint(capsys, "runs", "show", "nothing")
    assert f"there is no run 'nothing'; the newest are {run_id}, or say 'latest'" in said


def test_an_imported_run_is_not_resumed(store, planted, capsys, tmp_path):
    elsewhere = Store(tmp_path / "elsewhere")
    run_id = store_run(elsewhere, cells=2)
    exported = tmp_path / "run.zip"
    with pytest.MonkeyPatch.context() as other:
        other.setenv("ATTN_CORE_HOME", str(elsewhere.folder))
        cli.main(["runs", "export", run_id, "--format", "zip", "--out", str(exported)])
    cli.main(["runs", "import", str(exported)])
    capsys.readouterr()
    cli.main(["sweep", "--resume", "latest"])
    assert "imported" in capsys.readouterr().err
    assert planted.measured == []


def test_a_cell_that_failed_is_an_exit_code_of_1(store, planted, capsys):
    planted.outcomes = {"flash @ 512": ("error", "RuntimeError: no kernel")}
    assert cli.main(SMALL) == 1
    printed = capsys.readouterr()
    assert "error" in printed.out
    assert "no kernel" in printed.err


def test_a_store_that_refuses_is_one_line(store, planted, capsys, monkeypatch):
    def full(*_arguments, **_named):
        raise StoreError("The disk that holds the store is full.")

    monkeypatch.setattr(Store, "create_run", full)
    assert "disk that holds" in complaint(capsys, *SMALL, code=1)


def test_the_unforeseen_is_one_line_too(store, planted, capsys, monkeypatch):
    def broken(*_arguments, **_named):
        raise RuntimeError("two\nlines")

    monkeypatch.setattr(Store, "create_run", broken)
    assert "RuntimeError: two lines" in complaint(capsys, *SMALL, code=1)


def test_a_damaged_store_is_one_line(store, capsys):
    store.folder.mkdir(parents=True)
    (store.folder / "store.sqlite").write_bytes(b"this is no database" * 100)
    assert "damaged" in complaint(capsys, "runs", code=1)
