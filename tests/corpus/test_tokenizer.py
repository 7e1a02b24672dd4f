"""Pieces that give every sentence back, the same on every build, under the numbers that the models know."""

import os
import socket
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import tokenizers
from tokenizers import models, pre_tokenizers

from attn_core.corpus import hub
from attn_core.corpus.tokenizer import (
    END,
    PAD,
    UNKNOWN,
    Tokenizer,
    build_tokenizer,
    check_tokenizer,
    load_tokenizer,
)
from tests.corpus.sentences import documents, texts

TEXTS = texts(documents(40))
ODD = [
    "N'est-il pas là, qu'on dit ?",
    'He said: "3.5 km (or 12,000 m) – really!"',
    "Aujourd'hui, jusqu’à l’œuvre d'Anne !",
    "Élodie et Noël",
    "a",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    built = tmp_path_factory.mktemp("pieces")
    build_tokenizer(TEXTS, built, 600)
    return built


@pytest.fixture(scope="module")
def tokenizer(folder) -> Tokenizer:
    return load_tokenizer(str(folder))


@pytest.mark.parametrize("text", sorted({*TEXTS[:40], *ODD}))
def test_decoding_gives_the_text_back(tokenizer, text):
    assert tokenizer.decode(tokenizer.encode(text)) == text


def test_nothing_of_ordinary_text_is_unknown(tokenizer):
    assert all(UNKNOWN not in ids for ids in tokenizer.encode_batch([*TEXTS, *ODD]))


@pytest.mark.parametrize("left, right", [(ODD[0], ODD[1]), (ODD[3], ODD[0]), ("a ", " b,")])
def test_sentences_one_by_one_are_the_tokens_of_the_joined_text(tokenizer, left, right):
    assert tokenizer.encode(left) + tokenizer.encode(right) == tokenizer.encode(f"{left} {right}")


def test_a_batch_is_what_its_texts_are_alone(tokenizer):
    assert tokenizer.encode_batch(ODD) == [tokenizer.encode(text) for text in ODD]
    assert tokenizer.offsets_batch(ODD) == [tokenizer.offsets(text) for text in ODD]


@pytest.mark.parametrize("text", ODD)
def test_offsets_cover_the_text_in_order(tokenizer, text):
    spans = tokenizer.offsets(text)
    assert len(spans) == len(tokenizer.encode(text))
    assert spans == sorted(spans)
    assert {at for low, high in spans for at in range(low, high)} == set(range(len(text)))


def test_an_elision_is_cut_from_its_word(tokenizer):
    spans = tokenizer.offsets("Anne dit qu'elle est")
    assert ["Anne dit qu'elle est"[low:high] for low, high in spans] == [
        "Anne",
        " dit",
        " qu'",
        "elle",
        " est",
    ]


def test_padding_ends_and_their_names_in_a_sentence_are_different_things(tokenizer):
    ids = tokenizer.encode("a </s> <pad> b")
    assert PAD not in ids and END not in ids
    assert tokenizer.decode([*ids, END, PAD, PAD]) == "a </s> <pad> b"


def test_what_no_piece_covers_stays_visible(tokenizer):
    assert tokenizer.decode(tokenizer.encode("漢字 a")) == "<unk> a"


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory):
    """The same build in another process with one thread and other hashes, and what it had to import."""
    again = tmp_path_factory.mktemp("again")
    code = (
        "import sys; from pathlib import Path; from tests.corpus.test_tokenizer import TEXTS;"
        "from attn_core.corpus.tokenizer import build_tokenizer, load_tokenizer;"
        "build_tokenizer(iter(TEXTS), Path(sys.argv[1]), 600); load_tokenizer(sys.argv[1]);"
        "print('transformers' in sys.modules)"
    )
    env = {**os.environ, "RAYON_NUM_THREADS": "1", "PYTHONHASHSEED": "7"}
    command = [sys.executable, "-c", code, str(again)]
    done = subprocess.run(command, check=True, env=env, capture_output=True, text=True)
    return again, done.stdout.strip()


def test_every_build_writes_the_same_bytes(folder, elsewhere):
    names = ["special_tokens_map.json", "tokenizer.json", "tokenizer_config.json"]
    assert [path.name for path in sorted(elsewhere[0].iterdir())] == names
    for name in names:
        assert (elsewhere[0] / name).read_bytes() == (folder / name).read_bytes()


def test_building_and_loading_do_not_import_transformers(elsewhere):
    assert elsewhere[1] == "False"


@pytest.mark.slow
def test_transformers_loads_the_folder_and_agrees(folder, tokenizer):
    from transformers import AutoTokenizer

    theirs = AutoTokenizer.from_pretrained(str(folder), local_files_only=True)
    assert (theirs.pad_token_id, theirs.eos_token_id, theirs.unk_token_id) == (PAD, END, UNKNOWN)
    assert len(theirs) == tokenizer.size
    for text in ODD:
        assert theirs(text)["input_ids"] == [*tokenizer.encode(text), END]
        assert theirs.decode(tokenizer.encode(text)) == text


def renumbered(special) -> Tokenizer:
    vocabulary = {"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3, "a": 4, "b": 5}
    pieces = tokenizers.Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    pieces.pre_tokenizer = pre_tokenizers.Whitespace()
    return Tokenizer("other", pieces, special)


def test_another_numbering_becomes_ours():
    found = renumbered(["<pad>", "</s>", "<unk>"])
    assert found.size == 6
    assert found.encode("a z b") == [4, UNKNOWN, 5]
    assert found.decode([PAD, 4, UNKNOWN, END]) == "a <unk>"


@pytest.mark.parametrize(
    "special, named",
    [([None, "</s>", None], "pad_token"), (["<pad>", None, None], "eos_token")],
)
def test_a_tokenizer_without_padding_or_end_is_refused(special, named):
    with pytest.raises(ValueError, match=f"'other' has no {named}"):
        renumbered(special)


def test_one_piece_for_two_roles_is_refused():
    with pytest.raises(ValueError, match="must differ"):
        renumbered(["</s>", "</s>", None])


@pytest.fixture
def no_cache(monkeypatch, tmp_path):
    monkeypatch.setattr(hub, "_cached", lambda name: None)
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)


@pytest.mark.parametrize(
    "name", ["", "no/such/folder/here", "../no-such-folder", "a b", "x\0y", "é"]
)
def test_what_is_neither_a_folder_nor_a_name_is_one_sentence(name):
    with pytest.raises(ValueError, match="neither a folder nor a name"):
        load_tokenizer(name)


def test_an_unreachable_hub_gives_the_choices(no_cache, monkeypatch):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{free.getsockname()[1]}")
        with pytest.raises(ValueError, match="does not answer; choose `shipped`, a folder"):
            load_tokenizer("t5-small")


def test_a_hub_that_accepts_and_stays_silent_is_not_waited_for(no_cache, monkeypatch):
    monkeypatch.setattr(hub, "ANSWER_S", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{silent.getsockname()[1]}")
        with pytest.raises(ValueError, match="does not answer"):
            load_tokenizer("t5-small")


def test_offline_by_wish_asks_nobody(no_cache, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr(hub, "_answer", lambda name: pytest.fail("asked the hub"))
    with pytest.raises(ValueError, match="HF_HUB_OFFLINE is set"):
        load_tokenizer("t5-small")


class Absent(BaseHTTPRequestHandler):
    def do_HEAD(self):
        self.send_error(404)

    def log_message(self, format, *args):
        return


def test_a_name_that_the_hub_does_not_know_is_one_sentence(no_cache, monkeypatch):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Absent)
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.server_address[1]}")
    with pytest.raises(ValueError, match="no public tokenizer 'nobody/nothing'"):
        load_tokenizer("nobody/nothing")
    server.shutdown()
    serving.join()
    server.server_close()


def test_a_download_has_a_deadline(no_cache, monkeypatch):
    monkeypatch.setattr(hub, "_answer", lambda name: 200)
    monkeypatch.setattr(hub, "FETCH", "import time; time.sleep(60)")
    monkeypatch.setattr(hub, "DOWNLOAD_S", 0.2)
    with pytest.raises(ValueError, match="took longer than"):
        load_tokenizer("t5-small")


def test_a_download_that_fails_says_why(no_cache, monkeypatch):
    monkeypatch.setattr(hub, "_answer", lambda name: 200)
    monkeypatch.setattr(hub, "FETCH", "raise OSError('disk full.')")
    with pytest.raises(ValueError, match=r"could not be downloaded \(OSError: disk full\);"):
        load_tokenizer("t5-small")


def test_a_fetched_folder_is_a_tokenizer(no_cache, monkeypatch, folder):
    monkeypatch.setattr(hub, "_answer", lambda name: 200)
    monkeypatch.setattr(hub, "FETCH", f"print({str(folder)!r})")
    assert load_tokenizer("somebody/pieces").name == "somebody/pieces"


@pytest.mark.parametrize("asking", [load_tokenizer, check_tokenizer])
def test_a_folder_without_a_tokenizer_is_a_sentence_of_ours_with_the_choices(asking, tmp_path):
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "hosts").write_text("127.0.0.1 localhost")
    with pytest.raises(
        ValueError, match="holds no tokenizer; choose `shipped`, a folder"
    ) as refused:
        asking(str(tmp_path))
    assert str(refused.value).endswith("that holds a tokenizer.json, or a name on the hub.")


def test_a_vocabulary_that_cannot_be_read_is_a_sentence_of_ours_with_the_choices(tmp_path):
    (tmp_path / "vocab.model").write_bytes(b"rubbish")
    with pytest.raises(ValueError, match="holds no tokenizer that can be read; choose `shipped`"):
        load_tokenizer(str(tmp_path))


@pytest.mark.parametrize("name", ["x" * 5000, "~nobody-of-that-name/x"])
def test_a_name_that_no_folder_can_have_is_one_sentence(name):
    with pytest.raises(ValueError, match="neither a folder nor a name"):
        load_tokenizer(name)


def test_a_check_fetches_nothing_and_refuses_what_loading_refuses(
    no_cache, monkeypatch, folder, tmp_path
):
    monkeypatch.setattr(hub, "_fetched", lambda name: pytest.fail("fetched"))
    monkeypatch.setattr(hub, "_answer", lambda name: 200)
    check_tokenizer("somebody/pieces")
    check_tokenizer(str(folder))
    check_tokenizer("shipped")
    monkeypatch.setattr(hub, "_answer", lambda name: 404)
    with pytest.raises(ValueError, match="no public tokenizer"):
        check_tokenizer("somebody/pieces")
    (tmp_path / "tokenizer.json").write_text("{")
    with pytest.raises(ValueError, match="cannot be read"):
        check_tokenizer(str(tmp_path))


def test_a_broken_folder_is_one_sentence(tmp_path):
    (tmp_path / "tokenizer.json").write_text("{")
    with pytest.raises(ValueError, match="cannot be read"):
        load_tokenizer(str(tmp_path))
