"""Zips that are broken or hostile are refused before they do harm."""

import io
import random
import zipfile
from collections.abc import Callable

import pytest

from attn_core.exchange import archive, export_zip, import_run
from tests.exchange.given import refusal
from tests.stored_runs import store_run


def rezipped(data: bytes, change: Callable[[dict[str, bytes]], None]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as source:
        files = {name: source.read(name) for name in source.namelist()}
    change(files)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in files.items():
            target.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


@pytest.mark.parametrize("name", ["../evil", "/etc/passwd", "a/../../b", "c:\\x", "a\\..\\b"])
def test_a_name_that_leads_elsewhere_is_refused(here, there, name):
    data = rezipped(export_zip(here, store_run(here)), lambda files: files.update({name: b""}))
    assert "unsafe name" in refusal(there, data)


@pytest.mark.parametrize("name", ["rows.json", "settings.json", "run.json", "environment.json"])
def test_a_zip_that_lacks_a_part_is_refused_naming_it(here, there, name):
    data = rezipped(export_zip(here, store_run(here)), lambda files: files.pop(name))
    assert name in refusal(there, data)


def test_a_zip_with_a_name_twice_is_refused(here, there):
    packed = io.BytesIO(export_zip(here, store_run(here)))
    with (
        pytest.warns(UserWarning, match="Duplicate"),
        zipfile.ZipFile(packed, "a") as archive_file,
    ):
        archive_file.writestr("rows.json", b"[]")
    assert "twice" in refusal(there, packed.getvalue())


def test_a_zip_bomb_is_refused_before_it_unfolds(here, there, monkeypatch):
    monkeypatch.setattr(archive, "LARGEST_INSIDE", 2 * archive.MIB)
    bomb = b" " * (5 * archive.MIB)
    data = rezipped(export_zip(here, store_run(here)), lambda files: files.update({"big": bomb}))
    assert len(data) < archive.MIB
    assert "2 MiB" in refusal(there, data)


def test_too_many_files_and_too_large_a_file_are_refused(here, there, monkeypatch):
    many = {f"charts/{n}.svg": b"" for n in range(300)}
    data = rezipped(export_zip(here, store_run(here)), lambda files: files.update(many))
    assert "files" in refusal(there, data)
    monkeypatch.setattr("attn_core.exchange.intake.LARGEST_FILE", 1000)
    assert "larger" in refusal(there, b"x" * 1001)


def test_damaged_zips_never_raise_anything_but_a_sentence(here, there):
    whole = export_zip(here, store_run(here))
    chance = random.Random(0)
    for _ in range(300):
        data = bytearray(whole)
        for _ in range(chance.randint(1, 8)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        if chance.random() < 0.3:
            data = data[: chance.randrange(4, len(data))]
        try:
            run_id = import_run(there, bytes(data))
        except ValueError as refused:
            assert "\n" not in str(refused)
        else:  # the damage was where nothing is read
            there.delete(run_id)
    assert there.runs() == []
