"""The layout of the code, enforced: who may import whom, what an import costs, and what the README names."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ENGINE = ROOT / "attn_core"
DASHBOARD = ROOT / "dashboard"

FOUNDATION = {"contract", "patterns", "matrix"}
OPERATORS = FOUNDATION | {"kernels", "methods"}
# What each part of the engine may import of the others. A new part is placed here, on purpose.
MAY_IMPORT: dict[str, set[str]] = {
    "contract": FOUNDATION,
    "patterns": FOUNDATION,
    "matrix": FOUNDATION,
    "environment": set(),
    "amounts": set(),
    "memory": set(),
    "corpus": set(),
    "kernels": FOUNDATION,
    "methods": FOUNDATION | {"kernels"},
    "naming": {"methods"},
    "views": OPERATORS,
    "masks": OPERATORS | {"views"},
    "fidelity": OPERATORS | {"views"},
    "model": OPERATORS | {"views", "fidelity"},
    "timing": OPERATORS | {"environment", "amounts", "naming"},
    "training": OPERATORS | {"views", "fidelity", "model", "corpus", "timing", "environment"},
    "steps": OPERATORS | {"model"},
    "sources": OPERATORS | {"views", "model", "corpus", "timing", "training"},
    "tradeoff": OPERATORS
    | {
        "views",
        "fidelity",
        "sources",
        "timing",
        "training",
        "model",
        "store",
        "environment",
        "amounts",
        "naming",
    },
    "store": {"environment"},
}
EVERYTHING_BELOW = {*MAY_IMPORT}
MAY_IMPORT |= {
    "jobs": EVERYTHING_BELOW,
    "exchange": {
        "contract",
        "environment",
        "methods",
        "sources",
        "store",
        "timing",
        "tradeoff",
        "training",
    },
    "commands": EVERYTHING_BELOW | {"jobs", "exchange"},
    "cli": EVERYTHING_BELOW | {"jobs", "exchange", "commands"},
    "__main__": {"cli"},
    "__init__": EVERYTHING_BELOW,
}
MAY_DRAW = ("app.py", "main.py", "state.py", "app_pages", "components")
HEAVY = ("streamlit", "transformers", "pandas", "altair", "plotly")


def sources(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*.py") if "__pycache__" not in path.parts)


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imports(path: Path) -> Iterator[str]:
    """Every module a file names in an import, in full: `from a import b` gives a and a.b."""
    package = path.relative_to(ROOT).with_suffix("").parts[:-1]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def part_of(path: Path) -> str:
    return path.relative_to(ENGINE).with_suffix("").parts[0]


def parts_imported(path: Path) -> set[str]:
    """The parts of the engine that a file imports."""
    known = {part_of(other) for other in sources(ENGINE)}
    parts = {name.split(".")[1] for name in imports(path) if name.startswith("attn_core.")}
    return parts & known


@pytest.mark.parametrize("path", sources(ENGINE), ids=named)
def test_the_engine_imports_one_way(path):
    part = part_of(path)
    assert part in MAY_IMPORT, f"say in MAY_IMPORT what attn_core/{part} may import"
    forbidden = parts_imported(path) - MAY_IMPORT[part] - {part}
    assert not forbidden, f"{named(path)} imports {', '.join(sorted(forbidden))}"


@pytest.mark.parametrize("path", sources(ENGINE), ids=named)
def test_the_engine_knows_of_no_interface(path):
    tops = {name.split(".")[0] for name in imports(path)}
    assert not tops & {"streamlit", "dashboard", "benchmarks"}


METHOD_FILES = [path for path in sources(ENGINE / "methods") if path.stem != "__init__"]


@pytest.mark.parametrize("path", METHOD_FILES, ids=named)
def test_methods_do_not_import_each_other(path):
    siblings = {other.stem for other in sources(ENGINE / "methods")} - {"__init__"}
    others = {name.removeprefix("attn_core.methods.") for name in imports(path)}
    assert not others & siblings
    assert "attn_core.methods" not in set(imports(path))


@pytest.mark.parametrize("path", sources(DASHBOARD), ids=named)
def test_only_what_draws_imports_streamlit(path):
    draws = path.relative_to(DASHBOARD).parts[0] in MAY_DRAW
    tops = {name.split(".")[0] for name in imports(path)}
    assert draws or "streamlit" not in tops


@pytest.mark.parametrize("path", sources(ENGINE) + sources(DASHBOARD), ids=named)
def test_only_the_entry_touches_the_import_path(path):
    nodes = ast.walk(ast.parse(path.read_text()))
    touches = any(
        isinstance(node, ast.Attribute)
        and node.attr == "path"
        and isinstance(node.value, ast.Name)
        and node.value.id == "sys"
        for node in nodes
    )
    assert not touches or path == DASHBOARD / "app.py"


def test_importing_the_engine_loads_nothing_of_the_interface():
    code = f"import sys, attn_core; print([m for m in {HEAVY!r} if m in sys.modules])"
    printed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert printed.stdout.strip() == "[]"


def tree() -> list[tuple[int, str]]:
    """Indentation and name of every line of the README's annotated tree."""
    blocks = re.findall(r"```text\n(.*?)```", (ROOT / "README.md").read_text(), flags=re.DOTALL)
    assert blocks, "README.md has no annotated tree in a ```text block"
    lines = (re.match(r"( *)(\S+)", line) for line in blocks[0].splitlines())
    return [(len(line[1]), line[2]) for line in lines if line]


def test_everything_in_the_readmes_tree_exists():
    folders = [(-1, ROOT)]
    for depth, name in tree():
        while folders[-1][0] >= depth:
            folders.pop()
        path = folders[-1][1] / name
        assert path.exists(), f"README.md names {path.relative_to(ROOT)}, which is not there"
        if name.endswith("/"):
            folders.append((depth, path))


def test_every_part_of_the_engine_is_in_the_readmes_tree():
    names = {name.rstrip("/").removesuffix(".py") for _, name in tree()}
    missing = {part_of(path) for path in sources(ENGINE)} - {"__init__", "__main__"} - names
    assert not missing, f"README.md's tree lacks {', '.join(sorted(missing))} of attn_core"
