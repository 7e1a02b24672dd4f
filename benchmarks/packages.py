"""The peers' packages: pinned in one file, installed once, put on the path in one place."""

from __future__ import annotations

import importlib
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

REQUIREMENTS = Path(__file__).with_name("requirements-peers.txt")
FOLDER = Path(__file__).resolve().parents[1] / ".peers"


class Missing(Exception):
    """A package that a comparison needs is not here; the message says which."""


def pinned() -> dict[str, str]:
    """Package name → version, as pinned."""
    lines = (line.strip() for line in REQUIREMENTS.read_text().splitlines())
    pins = (line.split("==") for line in lines if line and not line.startswith("#"))
    return dict(pins)  # type: ignore[arg-type]


def absent() -> list[str]:
    """Pinned packages whose version is not installed in the folder."""
    return [
        f"{name} {version}"
        for name, version in pinned().items()
        if not (FOLDER / f"{name.replace('-', '_')}-{version}.dist-info").is_dir()
    ]


def install() -> None:
    """Install what is absent; does nothing, and reaches for no network, when all is there."""
    if not absent():
        return
    FOLDER.mkdir(exist_ok=True)
    # The folder ignores itself, so that it can never be committed.
    (FOLDER / ".gitignore").write_text("*\n")
    command = [sys.executable, "-m", "pip", "install", "-qq", "--upgrade", "--no-deps"]
    command += ["--target", str(FOLDER), "-r", str(REQUIREMENTS)]
    print(f"installing {', '.join(absent())}", file=sys.stderr)
    if subprocess.run(command, check=False).returncode:
        print(f"could not install {', '.join(absent())}", file=sys.stderr)


def hugging_face(model: str) -> Any:
    """The module that holds a model of transformers and its config, imported only when it is used."""
    importlib.import_module("transformers.utils.logging").set_verbosity_error()
    return importlib.import_module(f"transformers.models.{model}.modeling_{model}")


def load(module: str) -> Any:
    """A peer's module, or Missing naming the package. Its deprecation warnings are not ours."""
    name = module.split(".")[0].replace("_", "-")
    version = pinned()[name]
    if f"{name} {version}" in absent():
        raise Missing(f"{name} {version} is not installed; `python -m benchmarks` installs it")
    if str(FOLDER) not in sys.path:
        sys.path.insert(0, str(FOLDER))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return importlib.import_module(module)
