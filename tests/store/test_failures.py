"""Whatever the disk does: one sentence that names the file and what to do, and nothing is destroyed."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pandas  # noqa: F401  (here, not later as a user who may not read it)
import pytest

from attn_core.store import Store, StoreError, database, errors

NOBODY = 65534


def complaint(call) -> str:
    with pytest.raises(StoreError) as caught:
        call()
    said = str(caught.value)
    assert "\n" not in said and said.endswith(".")
    assert "ATTN_CORE_HOME" in said or "again" in said  # what to do
    return said


def sound(store) -> bool:
    with sqlite3.connect(store.path) as db:
        found = db.execute("PRAGMA integrity_check").fetchone()[0]
    db.close()
    return found == "ok"


def test_a_full_disk_is_named_and_loses_nothing(store, run_id, monkeypatch):
    connect = database._connect

    def on_a_small_disk(uri):
        db = connect(uri)
        db.execute(f"PRAGMA max_page_count = {pages}")
        return db

    store.append(run_id, "before", "cell", {"kept": True})
    pages = store.path.stat().st_size // 4096
    with monkeypatch.context() as patched:
        patched.setattr(database, "_connect", on_a_small_disk)
        said = complaint(lambda: store.append(run_id, "big", "cell", {"samples": [0.5] * 10_000}))
        assert "full" in said and str(store.path) in said and "free some space" in said
        assert store.finished(run_id) == {"before"}
    assert store.append(run_id, "big", "cell", {"samples": [0.5] * 10_000})
    assert sound(store)


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda path: path.write_bytes(b"no database " * 1000), id="another file"),
        pytest.param(lambda path: path.write_bytes(path.read_bytes()[:5000]), id="cut off"),
        pytest.param(lambda path: scribble(path), id="overwritten"),
    ],
)
def test_a_damaged_file_is_named_and_left_as_it_is(store, run_id, damage):
    for number in range(50):
        store.append(run_id, f"{number}", "cell", {"samples": [0.1] * 20})
    damage(store.path)
    before = store.path.read_bytes()
    for call in (lambda: store.rows(run_id), lambda: store.append(run_id, "x", "cell", {})):
        said = complaint(call)
        assert "damaged" in said and str(store.path) in said and "move it away" in said
    assert store.path.read_bytes() == before


def scribble(path: Path) -> None:
    """Leaves the header, and with it all that says that this is a database."""
    data = bytearray(path.read_bytes())
    data[4096:] = os.urandom(len(data) - 4096)
    path.write_bytes(data)


def test_a_database_of_another_program_is_left_alone(store):
    store.folder.mkdir()
    with sqlite3.connect(store.path) as db:
        db.execute("CREATE TABLE theirs (x)")
    db.close()
    before = store.path.read_bytes()
    for call in (store.runs, lambda: store.create_run("sweep", {})):
        assert "not a store of attn_core" in complaint(call)
    assert store.path.read_bytes() == before


def test_a_newer_format_is_refused_by_its_number(store, run_id):
    with sqlite3.connect(store.path) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    before = store.path.read_bytes()
    for call in (store.runs, lambda: store.rename(run_id, "x")):
        said = complaint(call)
        assert "newer attn_core (format 99, this one knows 1)" in said and str(store.path) in said
    assert store.path.read_bytes() == before


def test_a_file_where_the_folder_should_be_is_named(tmp_path):
    (tmp_path / "home").write_text("mine")
    store = Store(tmp_path / "home")
    for call in (store.runs, lambda: store.create_run("sweep", {})):
        said = complaint(call)
        assert "needs a folder" in said and str(tmp_path / "home") in said
    below = Store(tmp_path / "home" / "deeper")
    for call in (below.runs, lambda: below.create_run("sweep", {})):
        assert "needs a folder" in complaint(call)
    assert (tmp_path / "home").read_text() == "mine"


def test_a_folder_where_the_file_should_be_is_named(store):
    store.path.mkdir(parents=True)
    assert str(store.path) in complaint(store.runs)


def test_a_lock_that_nobody_lets_go_is_named(store, run_id, monkeypatch):
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.05)
    other = sqlite3.connect(store.path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    assert "another process" in complaint(lambda: store.rename(run_id, "x"))
    assert "another process" in complaint(store.runs)
    other.execute("ROLLBACK")
    other.close()
    store.rename(run_id, "x")


@pytest.fixture
def unprivileged():
    """A folder that everybody may enter, and a way to be nobody there: root may write what is read-only."""
    folder = Path(tempfile.mkdtemp(prefix="attn-store-"))
    folder.chmod(0o755)
    root = os.getuid() == 0
    store = Store(folder / "home")
    run_id = store.create_run("sweep", {}, name="kept")
    store.append(run_id, "a", "cell", {"n": 1})

    def become() -> None:
        if root:
            os.setresuid(NOBODY, NOBODY, 0)

    yield store, run_id, become
    if root:
        os.setresuid(0, 0, 0)
    store.folder.chmod(0o755)
    shutil.rmtree(folder)


def test_a_read_only_store_is_read_and_not_written(unprivileged):
    store, run_id, become = unprivileged
    store.path.chmod(0o444)
    store.folder.chmod(0o555)
    become()
    assert [run.name for run in store.runs()] == ["kept"]
    assert store.rows(run_id)[0]["n"] == 1 and len(store.frame([run_id])) == 1
    assert store.stamp(run_id) and store.jobs() == []
    writes = [
        lambda: store.rename(run_id, "x"),
        lambda: store.append(run_id, "b", "cell", {}),
        lambda: store.delete(run_id),
        lambda: store.submit(run_id, {}, "cpu"),
        lambda: store.keep_file(run_id, "a", b"a", ""),
    ]
    for write in writes:
        said = complaint(write)
        assert "read-only" in said and str(store.folder) in said and "can still be read" in said
    assert store.run(run_id).name == "kept"


def test_a_file_that_can_be_written_in_a_folder_that_cannot(unprivileged):
    store, run_id, become = unprivileged
    store.path.chmod(0o666)
    (store.folder / "store.sqlite-journal").unlink(missing_ok=True)
    store.folder.chmod(0o555)
    become()
    assert store.rows(run_id)[0]["n"] == 1
    assert "read-only" in complaint(lambda: store.rename(run_id, "x"))
    assert store.run(run_id).name == "kept"


def test_a_store_that_may_not_be_read_is_named(unprivileged):
    store, _, become = unprivileged
    store.path.chmod(0o000)
    if os.getuid() == 0:
        become()
    assert "allow this user" in complaint(store.runs)


def test_a_folder_that_may_not_be_made_is_named(unprivileged):
    store, _, become = unprivileged
    store.folder.chmod(0o555)
    become()
    below = Store(store.folder / "deeper")
    assert below.runs() == []
    assert str(below.folder) in complaint(lambda: below.create_run("sweep", {}))


def test_many_may_make_the_store_at_once(tmp_path):
    stores = [Store(tmp_path / "home") for _ in range(8)]
    threads = [threading.Thread(target=store.create_run, args=("sweep", {})) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(stores[0].runs()) == 8


def test_an_older_format_is_brought_up_to_date_with_all_it_holds(store, run_id, monkeypatch):
    store.append(run_id, "a", "cell", {"n": 1})
    steps = ("ALTER TABLE runs ADD COLUMN starred INTEGER NOT NULL DEFAULT 0",)
    monkeypatch.setattr(database, "MIGRATIONS", (*database.MIGRATIONS, steps))
    assert store.rows(run_id)[0]["n"] == 1
    with store.reading() as db:
        assert db.execute("PRAGMA user_version").fetchone()[0] == 2
        assert db.execute("SELECT starred FROM runs").fetchone()[0] == 0


def test_a_migration_that_fails_leaves_the_file_as_it_was(store, run_id, monkeypatch):
    steps = ("ALTER TABLE runs ADD COLUMN starred INTEGER", "ALTER TABLE nothing ADD COLUMN x")
    with monkeypatch.context() as patched:
        patched.setattr(database, "MIGRATIONS", (*database.MIGRATIONS, steps))
        with pytest.raises(StoreError):
            store.runs()
    assert [run.id for run in store.runs()] == [run_id]
    with store.reading() as db:
        assert db.execute("PRAGMA user_version").fetchone()[0] == 1


HALF_A_WRITE = """
import os, sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("PRAGMA journal_mode = TRUNCATE")
db.execute("PRAGMA cache_size = 1")  # so that pages are written before the end
db.execute("BEGIN IMMEDIATE")
db.execute("DELETE FROM rows")
for number in range(2000):
    db.execute("INSERT INTO rows (run_id, kind, key, data) VALUES (?, 'cell', ?, ?)", (sys.argv[2], number, "x" * 500))
os.kill(os.getpid(), 9)
"""


def test_a_writer_killed_midway_leaves_what_was_committed(store, run_id):
    for number in range(50):
        store.append(run_id, f"{number}", "cell", {"samples": [0.1] * 20})
    before = store.path.read_bytes()
    killed = subprocess.run([sys.executable, "-c", HALF_A_WRITE, store.path, run_id], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert store.path.read_bytes() != before  # the write had begun
    assert len(store.rows(run_id)) == 50
    assert sound(store)


def test_every_failure_has_a_sentence():
    for kind in {*errors.OF_SQLITE.values(), *errors.OF_SYSTEM.values()}:
        assert kind in errors.SENTENCES
