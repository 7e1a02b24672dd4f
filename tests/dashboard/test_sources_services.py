"""Names that anyone may type lead to the store's models and nowhere else, and a source is read once."""

from threading import Thread

import pytest

from attn_core.sources import SourceSpec
from attn_core.store import Store
from attn_core.training.teacher import FILE, MODELS
from dashboard.services import sources
from dashboard.services.kept import Kept
from dashboard.services.sources import find_model, source_of


@pytest.fixture(autouse=True)
def store(tmp_path, monkeypatch) -> Store:
    monkeypatch.setenv("ATTN_CORE_HOME", str(tmp_path / "store"))
    return Store()


@pytest.fixture
def trained(store) -> str:
    """A run that keeps a model and a file that is none."""
    run_id = store.create_run("figure-z", {})
    store.keep_file(run_id, "teacher", (MODELS / FILE).read_bytes(), ".safetensors")
    store.keep_file(run_id, "notes", b"words", ".txt")
    return run_id


def test_a_runs_model_is_found_by_its_name(trained):
    spec = SourceSpec(model=f"{trained}/teacher", length=8)
    assert source_of(spec).queries == 8
    assert find_model("shipped") == MODELS / FILE


@pytest.mark.parametrize(
    "name", ["", "/etc/passwd", "../../etc/passwd", "shipped/", "{run}/notes", "{run}/../teacher",
             "{run}/", "{run}", "20260101-000000-aaaaa/teacher", "x" * 20_000]
)  # fmt: skip
def test_a_name_that_is_no_model_of_the_store_is_refused(name, trained):
    with pytest.raises(ValueError, match="source: model must be 'shipped' or") as refused:
        find_model(name.format(run=trained))
    assert len(str(refused.value)) < 300


def test_a_refusal_lists_the_models_that_the_run_has(trained):
    with pytest.raises(ValueError, match=f"that run has '{trained}/teacher'"):
        find_model(f"{trained}/student")


def test_a_source_is_read_once_whoever_asks(monkeypatch):
    read, found = [], []
    load = sources.load_source
    monkeypatch.setattr(sources, "load_source", lambda *a: read.append(a) or load(*a))
    spec = SourceSpec(kind="synthetic", length=77, seed=5)
    asking = [Thread(target=lambda: found.append(source_of(spec))) for _ in range(6)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    assert len(read) == 1
    assert all(one is found[0] for one in found) and len(found) == 6


def test_the_longest_unused_go_when_the_rest_is_too_heavy():
    kept: Kept[bytes] = Kept(10, len, heaviest=10)
    for letter in (b"a", b"b", b"c"):
        kept.get(letter, lambda letter=letter: letter * 4)
    assert list(kept.known) == [b"b", b"c"]
    assert kept.get(b"d", lambda: b"d" * 40) == b"d" * 40
    assert list(kept.known) == [b"d"]
