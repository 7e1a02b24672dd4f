"""`python -m benchmarks` and the installing of peers."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from benchmarks import packages
from benchmarks.__main__ import PARTS, Plan, parse
from benchmarks.sections import SECTIONS


def test_an_unknown_part_is_named_with_the_valid_ones(capsys) -> None:
    with pytest.raises(SystemExit) as stop:
        parse(["speed"])
    assert stop.value.code == 2
    assert "unknown part 'speed', choose from: agreement" in capsys.readouterr().err


def test_lengths_are_integers(capsys) -> None:
    assert parse(["--lengths", "1024,4096"]).lengths == (1024, 4096)
    with pytest.raises(SystemExit):
        parse(["--lengths", "long"])
    assert "got 'long'" in capsys.readouterr().err


def test_every_part_has_a_section_in_the_report() -> None:
    assert set(PARTS) <= set(SECTIONS)


def test_given_lengths_win_over_the_quick_and_the_usual_ones() -> None:
    assert Plan(lengths=(8,), quick=True).at((4096,), (1024,)) == (8,)
    assert Plan(quick=True).at((4096,), (1024,)) == (1024,)
    assert Plan().at((4096,), (1024,)) == (4096,)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch) -> Path:
    monkeypatch.setattr(packages, "FOLDER", tmp_path / "peers")
    return tmp_path / "peers"


def installed(folder: Path) -> None:
    for name, version in packages.pinned().items():
        (folder / f"{name.replace('-', '_')}-{version}.dist-info").mkdir(parents=True)


def test_peers_are_installed_once(folder: Path, monkeypatch) -> None:
    commands: list[list[str]] = []

    def run(command: list[str], check: bool) -> subprocess.CompletedProcess[str]:
        commands.append(command)
        installed(folder)
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(packages.subprocess, "run", run)
    packages.install()
    packages.install()
    assert len(commands) == 1
    assert "--no-deps" in commands[0]
    assert (folder / ".gitignore").read_text() == "*\n"


def test_a_peer_that_is_not_installed_is_named_with_its_version(folder: Path) -> None:
    with pytest.raises(packages.Missing, match=r"linformer 0\.2\.3 is not installed"):
        packages.load("linformer")
