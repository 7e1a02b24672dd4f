"""The command line in processes of its own."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from attn_core.store import Store

ROOT = Path(__file__).resolve().parents[2]


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
