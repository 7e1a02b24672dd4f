"""`sweep`, `runs` and `worker` on the command line: the same store as the pages, and a line that repeats each run."""

import json
import os
import random
import shlex
import signal
import subprocess
import sys
import threading
import zipfile
from collections.abc import Collection
from pathlib import Path
from typing import Any

import pytest

from attn_core import METHODS, cli
from attn_core.commands import sweep_arguments
from attn_core.commands.progress import Display, bar
from attn_core.commands.spelling import read_choices
from attn_core.commands.sweep_arguments import command_line
from attn_core.jobs.locks import FileLock
from attn_core.store import Store, StoreError
from attn_core.store.paths import device_lock
from attn_core.timing.events import Progress, RowReady, Started
from attn_core.timing.row import empty_row
from attn_core.timing.spec import DTYPES, PASSES, Choice, SweepSpec
from tests.dashboard.planted import a_row
from tests.stored_runs import LAPTOP, facts, small_spec, steady, store_run

ROOT = Path(__file__).resolve().parent.parent
SMALL = ["sweep", "--methods", "flash,longformer", "--lengths", "512,1024"]


@pytest.fixture
def store(tmp_path, monkeypatch) -> Store:
    monkeypatch.setenv("ATTN_CORE_HOME", str(tmp_path / "store"))
    return Store()


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


@pytest.fixture
def planted(store, monkeypatch) -> PlantedSweep:
    found = PlantedSweep()
    monkeypatch.setattr("attn_core.jobs.sweeps.run_sweep", found)
    return found


def parsed(line: str) -> SweepSpec:
    """The sweep that a printed command line asks for."""
    python, flag, module, *arguments = shlex.split(line)
    assert [python, flag, module] == ["python", "-m", "attn_core"]
    return sweep_arguments.new_spec(cli.parser().parse_args(arguments))


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


# The arguments.


def test_every_default_sweep_repeats_itself():
    spec = SweepSpec(tuple(Choice(name) for name in METHODS), (64, 4096))
    assert parsed(command_line(spec)) == spec


@pytest.mark.parametrize("name", [n for n, m in METHODS.items() if m.params])
def test_every_parameter_of_every_method_repeats_itself(name):
    for param in METHODS[name].params:
        values = (
            list(param.choices)
            or {
                bool: [True, False],
                int: [param.minimum, 77],
                float: [0.1, 1e-7],
                tuple: [(1,), (2, 8), (3, 5, 900)],
            }[type(param.default)]
        )
        for value in values:
            try:
                choice = Choice(name, {param.name: value})
            except ValueError:
                continue  # not together with the other defaults
            spec = SweepSpec((choice, Choice("flash")), (128,))
            assert parsed(command_line(spec)) == spec


def test_any_sweep_repeats_itself():
    chance = random.Random(3)
    for _ in range(200):
        role = chance.choice(("encoder", "decoder", "cross"))
        device = chance.choice(tuple(DTYPES))
        windows = chance.sample(range(1, 400), 3)
        several = [Choice("longformer", {"window": window}) for window in windows]
        methods = [*several[: chance.randint(0, 3)], Choice("multiscale", {"scales": (1, 8)})]
        methods += [Choice("flash"), Choice("kernelized", {"feature_map": "squared-relu"})]
        spec = SweepSpec(
            tuple(chance.sample(methods, chance.randint(1, len(methods)))),
            tuple(chance.sample(range(1, 5000), 4)),
            which=chance.choice(PASSES),
            role=role,
            keys=chance.choice((None, 700)) if role == "cross" else None,
            batch=chance.randint(1, 9),
            heads=chance.randint(1, 16),
            head_dim=chance.choice((16, 64)),
            dtype=chance.choice(tuple(DTYPES[device])),
            device=device,
            threads=chance.choice((None, 3)),
            seed=chance.randint(0, 5),
            seconds=chance.choice((1.0, 0.25, 2 / 3)),
            precision=chance.choice((0.02, 0.1)),
            timeout=chance.choice((60.0, 1 / 3)),
        )
        assert parsed(command_line(spec)) == spec


def test_all_and_families_name_methods():
    assert [one["method"] for one in read_choices("all")] == list(METHODS)
    kernels = [one["method"] for one in read_choices("kernel, flash")]
    assert kernels == [n for n, m in METHODS.items() if m.family == "kernel"] + ["flash"]
    assert [one["method"] for one in read_choices("flash,exact")] == ["flash", "softmax"]


def test_parameters_reach_the_method_they_name():
    spec = parsed(
        "python -m attn_core sweep --lengths 64 --methods longformer,multiscale "
        "--params longformer.window=64,multiscale.scales=1:4,longformer.dilation=2"
    )
    assert spec.methods[0].params["window"] == 64
    assert spec.methods[0].params["dilation"] == 2
    assert spec.methods[1].params["scales"] == (1, 4)


@pytest.mark.parametrize(
    ("extra", "named"),
    [
        (["--methods", "softmx"], ["'softmx'", "softmax", "sparse", "all"]),
        (["--methods", ""], ["''", "softmax"]),
        (["--methods", "kernel(features=3)"], ["'kernel(features=3)'"]),
        (["--lengths", "12,many"], ["--lengths", "'many'", "whole number"]),
        (["--lengths", "0"], ["length", "0", "from 1"]),
        (["--params", "longformer.window=wide"], ["window", "'wide'", "an integer"]),
        (["--params", "longformer.windows=3"], ["windows", "dilation"]),
        (["--params", "performer.features=3"], ["performer.features", "flash, longformer"]),
        (["--params", "window=3"], ["'window'", "method.name"]),
        (["--params", "longformer.window"], ["'longformer.window'", "method.name=value"]),
        (["--pass", "backward"], ["--pass", "'backward'", "forward+backward"]),
        (["--role", "judge"], ["--role", "'judge'", "decoder"]),
        (["--dtype", "int8"], ["--dtype", "'int8'", "bfloat16"]),
        (["--dtype", "float16"], ["dtype", "'float16'", "float64"]),
        (["--device", "tpu"], ["--device", "'tpu'", "cpu"]),
        (["--heads", "x"], ["--heads", "'x'", "whole number"]),
        (["--heads", "0"], ["heads", "0", "256"]),
        (["--keys", "5"], ["keys", "cross"]),
        (["--seconds", "nan"], ["seconds", "nan"]),
        (["--seconds", "soon"], ["--seconds", "'soon'"]),
        (["--json", "/no/such/folder/x.json"], ["--json", "/no/such/folder"]),
        (["--resume", "nothing"], ["'nothing'", "empty"]),
        (["--loops", "3"], ["--loops"]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_a_bad_argument_is_one_line_naming_it_and_what_is_allowed(
    store, planted, capsys, extra, named
):
    said = complaint(capsys, *SMALL, *extra)
    assert all(word in said for word in named), said
    assert planted.measured == []
    assert not store.folder.exists() or store.runs() == []


def test_what_is_missing_is_said(store, capsys):
    assert "--methods" in complaint(capsys, "sweep", "--lengths", "64")
    assert "--lengths" in complaint(capsys, "sweep", "--methods", "flash")


def test_a_device_that_is_not_there_is_said(store, capsys, monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    assert "cuda" in complaint(capsys, *SMALL, "--device", "cuda")
    assert store.runs() == []


# The sweep.


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


# The runs.


def test_no_runs_yet(store, capsys):
    assert cli.main(["runs"]) == 0
    assert capsys.readouterr().out == "no runs yet\n"
    assert cli.main(["runs", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []


def test_runs_are_listed_newest_first_and_searched(store, capsys):
    first, second = store_run(store, name="laptop"), store_run(store, name="server")
    assert cli.main(["runs"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[1:]] == [second, first]
    cli.main(["runs", "list", "--search", "lap"])
    assert "server" not in capsys.readouterr().out
    for arguments in (["runs", "--json"], ["runs", "list", "--json"], ["runs", "--json", "list"]):
        assert cli.main(arguments) == 0
        assert [one["id"] for one in json.loads(capsys.readouterr().out)] == [second, first]


def test_a_run_is_shown_in_words_and_as_json(store, capsys):
    run_id = store_run(store, name="laptop")
    store.annotate(run_id, "fan on")
    assert cli.main(["runs", "show", run_id]) == 0
    shown = capsys.readouterr().out
    for words in ("laptop", "fan on", "median", LAPTOP.line, store.run(run_id).command):
        assert words in shown
    order = ["median", "peak memory", "time grows as", "against flash", "same method twice: 1.010"]
    places = [shown.index(words) for words in order]
    assert places == sorted(places)
    assert cli.main(["runs", "show", "latest", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert {"run_id", "environment", "settings", "rows", "nulls", "rates"} <= set(data)


@pytest.mark.parametrize(
    ("form", "beginning"),
    [("svg", b"<svg"), ("png", b"\x89PNG"), ("pdf", b"%PDF-"), ("html", b"<!DOCTYPE html>"),
     ("csv", b"run_id,"), ("json", b"{"), ("zip", b"PK")],
)  # fmt: skip
def test_each_format_is_what_it_says(store, capsys, tmp_path, form, beginning):
    run_id, target = store_run(store), tmp_path / f"out.{form}"
    assert cli.main(["runs", "export", run_id, "--format", form, "--out", str(target)]) == 0
    assert target.read_bytes().lstrip().startswith(beginning)
    assert capsys.readouterr().out == ""


def test_charts_are_chosen_by_name_or_all_put_into_a_folder(store, capsys, tmp_path):
    run_id = store_run(store)
    export = ["runs", "export", run_id, "--format", "svg", "--out"]
    assert cli.main([*export, str(tmp_path / "m.svg"), "--chart", "memory"]) == 0
    assert "Peak memory" in (tmp_path / "m.svg").read_text()
    assert cli.main([*export, f"{tmp_path}/all/"]) == 0
    assert {path.name for path in (tmp_path / "all").iterdir()} == {
        "time.svg", "memory.svg", "tokens.svg", "roofline.svg", "speedup.svg",
    }  # fmt: skip
    said = complaint(capsys, *export, str(tmp_path / "x.svg"), "--chart", "fame")
    assert "'fame'" in said
    assert "memory" in said


def test_the_zip_has_its_charts(store, tmp_path):
    target = tmp_path / "out.zip"
    cli.main(["runs", "export", store_run(store), "--format", "zip", "--out", str(target)])
    with zipfile.ZipFile(target) as found:
        assert found.read("charts/time.svg").startswith(b"<svg")


def test_without_the_dashboard_numbers_are_exported_and_charts_are_explained(
    store, capsys, tmp_path, monkeypatch
):
    run_id = store_run(store)
    monkeypatch.setitem(sys.modules, "dashboard.services.bundles", None)
    export = ["runs", "export", run_id, "--out", str(tmp_path / "out"), "--format"]
    said = complaint(capsys, *export, "svg")
    assert "requirements.txt" in said
    assert cli.main([*export, "zip"]) == 0
    assert "without charts" in capsys.readouterr().err
    with zipfile.ZipFile(tmp_path / "out") as found:
        assert "rows.json" in found.namelist()


def test_a_run_goes_out_and_comes_in_again(store, capsys, tmp_path, monkeypatch):
    run_id, target = store_run(store), tmp_path / "run.json"
    cli.main(["runs", "export", run_id, "--format", "json", "--out", str(target)])
    monkeypatch.setenv("ATTN_CORE_HOME", str(tmp_path / "other"))
    capsys.readouterr()
    assert cli.main(["runs", "import", str(target)]) == 0
    again = capsys.readouterr().out.strip()
    assert Store().run(again).origin == "imported"
    assert "here already" in complaint(capsys, "runs", "import", str(target))
    assert "no file" in complaint(capsys, "runs", "import", str(tmp_path / "none"))


def test_a_run_is_deleted_by_name_only(store, capsys):
    first, second = store_run(store), store_run(store)
    said = complaint(capsys, "runs", "delete", "nothing")
    assert "'nothing'" in said
    assert second in said
    assert "several" in complaint(capsys, "runs", "show", first[:8])
    assert cli.main(["runs", "delete", first]) == 0
    assert [run.id for run in store.runs()] == [second]


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["runs", "lst"], ["'lst'", "export"]),
        (["runs", "show"], ["RUN"]),
        (["runs", "export", "x", "--format", "gif", "--out", "x"], ["'gif'", "svg"]),
        (["runs", "export", "x", "--format", "svg"], ["--out"]),
        (["worker", "--idle", "long"], ["--idle", "'long'"]),
        (["worker", "--idle", "-1"], ["--idle", "-1"]),
    ],
)
def test_bad_arguments_of_the_other_verbs_are_one_line(store, capsys, arguments, named):
    said = complaint(capsys, *arguments)
    assert all(word in said for word in named), said


def test_a_file_that_cannot_be_written_is_one_line(store, capsys, tmp_path):
    target = tmp_path / "no" / "such" / "out.csv"
    export = ["runs", "export", store_run(store), "--format", "csv", "--out"]
    assert "folder that exists" in complaint(capsys, *export, str(target))
    assert "is a folder" in complaint(capsys, *export, str(tmp_path))


# The whole of it, in processes of its own.


@pytest.fixture
def bare(tmp_path) -> dict[str, str]:
    """An environment in which nothing but torch and pandas can be imported, in child processes neither."""
    for name in ("altair", "streamlit", "plotly", "transformers", "vl_convert", "tokenizers"):
        (tmp_path / f"{name}.py").write_text(
            f"raise ModuleNotFoundError('no {name}', name='{name}')"
        )
    return os.environ | {
        "ATTN_CORE_HOME": str(tmp_path / "store"),
        "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)]),
    }


TINY = ["--heads", "1", "--head-dim", "8", "--seconds", "0.05", "--threads", "1"]


@pytest.mark.slow
def test_a_sweep_needs_neither_charts_nor_pages(bare):
    def attn_core(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "attn_core", *arguments],
            capture_output=True, text=True, check=False, env=bare, cwd=ROOT,
        )  # fmt: skip

    sweep = ["sweep", "--methods", "flash,low_rank", "--lengths", "16,32", *TINY, "--json", "-"]
    done = attn_core(*sweep)
    assert done.returncode == 0, done.stderr
    data = json.loads(done.stdout)
    assert {row["outcome"] for row in data["rows"]} <= {"ok", "unstable"}
    assert len(data["rows"]) == 4
    assert data["nulls"]
    assert data["rates"]
    pictures = attn_core("runs", "export", "latest", "--format", "svg", "--out", "x.svg")
    assert pictures.returncode == 2
    assert "altair is missing" in pictures.stderr
    assert len(pictures.stderr.splitlines()) == 1


@pytest.mark.slow
def test_ctrl_c_stops_a_real_sweep_which_is_then_resumed(bare, tmp_path):
    command = [sys.executable, "-m", "attn_core", "sweep"]
    sweep = ["--methods", "flash,low_rank", "--lengths", "16,32,64,128", *TINY]
    started = subprocess.Popen(
        [*command, *sweep], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=bare, cwd=ROOT, start_new_session=True,
    )  # fmt: skip
    assert started.stderr is not None
    for line in started.stderr:
        if "@ 16" in line:
            break
    os.killpg(started.pid, signal.SIGINT)  # as a terminal does: to every process of the group
    _, said = started.communicate(timeout=60)
    assert started.returncode == 130
    assert "Traceback" not in said
    assert "--resume" in said
    store = Store(tmp_path / "store")
    (run,) = store.runs()
    kept = store.rows(run.id)
    assert 0 < len(kept) < 8
    assert {row["outcome"] for row in kept} <= {"ok", "unstable"}
    again = subprocess.run(
        [*command, "--resume", run.id], capture_output=True, text=True, check=False, env=bare, cwd=ROOT
    )  # fmt: skip
    assert again.returncode == 0, again.stderr
    rows = store.rows(run.id)
    assert rows[: len(kept)] == kept
    assert len(rows) == 8
