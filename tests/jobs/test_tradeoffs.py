"""Trade-off studies as jobs and on the command line: rows in the store, progress, and a line that repeats them."""

import shlex

import pytest

from attn_core import cli
from attn_core.commands.tradeoff_arguments import command_line, new_spec
from attn_core.jobs import run_here, submit, submit_tradeoff
from attn_core.store import Store
from attn_core.tradeoff import study
from attn_core.tradeoff.spec import PRESETS, StudySpec, preset
from tests.tradeoff.planted import SMALL, PlantedMeasuring


@pytest.fixture
def planted(store, monkeypatch) -> PlantedMeasuring:
    found = PlantedMeasuring()
    monkeypatch.setattr(study, "Measuring", found.measuring)
    return found


def test_rows_progress_and_the_end_are_stored(store, planted):
    run_id = store.create_run("tradeoff", SMALL.to_json())
    run_here(store, run_id, lambda event: None, lambda: False)
    run, job = store.run(run_id), store.latest_job(run_id)
    assert run.state == "done" and run.cells == len(store.rows(run_id)) > 8 and run.environment_id
    assert len(store.rows(run_id, "fidelity")) == 2 * run.cells
    assert job.progress["why"] == "settled" and job.progress["done"] == run.cells


def test_a_run_with_all_its_rows_is_done_without_measuring(store, planted):
    run_id = store.create_run("tradeoff", SMALL.to_json())
    run_here(store, run_id, lambda event: None, lambda: False)
    planted.timed.clear()
    run_here(store, run_id, lambda event: None, lambda: False)
    assert planted.timed == [] and store.run(run_id).state == "done"


def test_a_study_is_queued_and_worked_on(store, monkeypatch):
    asked: list[Store] = []
    monkeypatch.setattr(submit, "ensure_worker", asked.append)
    run = submit_tradeoff(store, SMALL, name="mine")
    assert (run.kind, run.name, run.state) == ("tradeoff", "mine", "queued")
    assert StudySpec.from_json(store.latest_job(run.id).spec) == SMALL and asked == [store]


def parsed(line: str) -> StudySpec:
    python, flag, module, *arguments = shlex.split(line)
    assert [python, flag, module] == ["python", "-m", "attn_core"]
    return new_spec(cli.parser().parse_args(arguments))


@pytest.mark.parametrize(
    "spec",
    [
        *PRESETS.values(),
        SMALL,
        preset("60s", role="decoder", which="forward+backward", device="cuda", dtype="bfloat16"),
        preset("10min", limit_s=90.0, sources=("synthetic sinks",), seed=3, threads=2, draws=2),
    ],
)
def test_a_command_line_repeats_its_study(spec):
    assert parsed(command_line(spec)) == spec


def test_the_command_measures_prints_and_exits(store, planted, capsys):
    code = cli.main(
        ["tradeoff", "--methods", "flash,longformer", "--lengths", "256", "--source", "local,teacher-1", "--name", "n"]
    )  # fmt: skip
    printed = capsys.readouterr()
    assert (
        code == 0
        and "longformer window=8 @ 256" in printed.out
        and "teacher layer 1" in printed.out
    )
    assert "points measured" in printed.err
    assert "on the front" in printed.out and "Not measured: " in printed.out
    assert store.runs()[0].name == "n" and store.runs()[0].kind == "tradeoff"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--source", "moon"], "--source must be of gaussian"),
        (["--methods", "longformer(window=3)"], "names only"),
        (["--source", "local,teacher-99"], "translator (teacher-0, teacher-1), got teacher-99"),
        (["--source", "teacher,teacher-1"], "--source must name each once, got teacher-1 twice"),
        (["--seconds", "0"], ": --seconds must be a number from 1 to"),
        (["--cell-seconds", "1e9"], ": --cell-seconds must be a number from 0.01 to 3600"),
        (["--head-dim", "0"], ": --head-dim must be"),
        (["--lengths", "0"], ": each of --lengths must be"),
        (["--name", "a\nb"], "--name must be one line"),
        (["--resume", "latest"], "empty"),
        (["--preset", "5min"], "60s"),
    ],
)
def test_a_bad_argument_is_one_line(store, capsys, arguments, said):
    try:
        code = cli.main(["tradeoff", *arguments])
    except SystemExit as leaving:
        code = leaving.code
    printed = capsys.readouterr()
    assert code == 2 and said in printed.err and len(printed.err.splitlines()) == 1
    assert not store.folder.exists() or store.runs() == []
