"""Artifacts are named by their content, shared, and gone when the last run that has them is."""

import errno
import os

import pytest

from attn_core.store import StoreError


def artifacts(store) -> list[str]:
    return sorted(path.name for path in (store.folder / "artifacts").rglob("*") if path.is_file())


def test_a_file_is_found_again_by_its_name(store, run_id):
    path = store.keep_file(run_id, "map", b"numbers", ".npy")
    assert path.read_bytes() == b"numbers" and path.suffix == ".npy"
    assert store.folder / "artifacts" in path.parents
    assert store.files(run_id) == {"map": path}


def test_the_same_content_is_kept_once_and_outlives_one_of_its_runs(store, run_id):
    other = store.create_run("sweep", {})
    path = store.keep_file(run_id, "map", b"numbers", ".npy")
    assert store.keep_file(other, "another", b"numbers", ".npy") == path
    assert len(artifacts(store)) == 1
    store.delete(run_id)
    assert store.files(other)["another"].read_bytes() == b"numbers"
    store.delete(other)
    assert artifacts(store) == []


def test_a_new_file_of_the_same_name_replaces_the_old_one(store, run_id):
    store.keep_file(run_id, "map", b"old", ".npy")
    path = store.keep_file(run_id, "map", b"new", ".npy")
    assert store.files(run_id) == {"map": path}
    assert artifacts(store) == [path.name]


def test_deleting_a_run_takes_its_rows_and_jobs(store, run_id):
    store.append(run_id, "a", "cell", {})
    job = store.submit(run_id, {}, "cpu")
    store.delete(run_id)
    assert store.runs() == [] and store.rows(run_id) == []
    with pytest.raises(StoreError, match=f"no job {job.id}"):
        store.job(job.id)


@pytest.mark.parametrize("suffix", ["npy", ".NPY", "/../x", ".npy/", "."])
def test_a_suffix_cannot_lead_elsewhere(store, run_id, suffix):
    with pytest.raises(ValueError, match="suffix"):
        store.keep_file(run_id, "map", b"", suffix)


def test_a_name_is_only_a_name(store, run_id):
    path = store.keep_file(run_id, "../../outside", b"x", "")
    assert store.folder / "artifacts" in path.parents


def test_a_file_that_does_not_fit_leaves_nothing(store, run_id, monkeypatch):
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    before = store.keep_file(run_id, "before", b"kept", ".npy")
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(StoreError, match=r"artifacts.* full"):
            store.keep_file(run_id, "map", b"numbers", ".npy")
    assert store.files(run_id) == {"before": before}
    assert artifacts(store) == [before.name]


def test_a_file_of_a_run_that_is_gone_is_not_kept(store):
    with pytest.raises(StoreError, match="no run"):
        store.keep_file("gone", "map", b"numbers", ".npy")
    assert artifacts(store) == []


def test_a_deleted_run_leaves_no_checkpoints_and_others_keep_theirs(store):
    gone, stays = (store.create_run("figure-z", {}) for _ in range(2))
    for run_id in (gone, stays):
        folder = store.folder / "checkpoints" / run_id
        folder.mkdir(parents=True)
        (folder / "teacher.safetensors").write_bytes(b"weights")
    store.delete(gone)
    assert not (store.folder / "checkpoints" / gone).exists()
    assert (store.folder / "checkpoints" / stays / "teacher.safetensors").exists()
