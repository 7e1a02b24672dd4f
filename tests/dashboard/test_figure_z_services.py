"""What Figure Z's controls and files come to: checked runs, data that may be read, remarks before starting."""

import threading

import pytest
import torch

from attn_core.corpus import tokenizer
from attn_core.corpus.tokenizer import build_tokenizer
from attn_core.environment import describe
from attn_core.store import Store
from attn_core.timing.spec import Choice
from attn_core.training.material import check_sources, pairs_used
from attn_core.training.spec import FigureZSpec
from dashboard.services import figure_z
from dashboard.services import figure_z_data as data
from dashboard.services import figure_z_form as form
from dashboard.services import figure_z_plan as plan
from dashboard.services import figure_z_tokenizer as boxes
from dashboard.services.kept import Kept

PAIRS = b"en,fr\n" + b"a cat,un chat\n" * 33


def held(protocol: str = "controlled", preset: str = "quick", **changes) -> form.Form:
    """The controls as a preset fills them."""
    usual = form.preset_spec(protocol, preset)
    values = {
        "protocol": protocol, "preset": preset, "methods": form.methods_of(usual), "length": str(usual.length),
        "multiples": form.multiples_of(usual), "seeds": usual.seeds, "data": "", "tokenizer": "shipped",
        "device": "cpu", "params": form.preset_params(usual),
    }  # fmt: skip
    return form.Form(**values | changes)


@pytest.mark.parametrize("protocol", form.PROTOCOLS)
def test_untouched_controls_are_the_preset_itself(protocol):
    for name in form.preset_names(protocol):
        assert (
            form.spec_of(held(protocol, name)).to_json()
            == form.preset_spec(protocol, name).to_json()
        )


def test_another_choice_is_a_run_of_its_own():
    spec = form.spec_of(
        held(methods=["flash", "longformer"], params={"longformer": {"window": 16}}, seeds=2)
    )
    assert [one.label for one in spec.methods] == ["flash", "longformer window=16"]
    assert (spec.preset, spec.seeds, spec.length) == ("quick", 2, 256)
    assert FigureZSpec.from_json(spec.to_json()) == spec


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"methods": []}, "Choose at least one method"),
        ({"length": "many"}, "trained length must be a whole number from 16"),
        ({"length": "4"}, "trained length must be a whole number from 16"),
        ({"multiples": ["×3"]}, "length must be one of ×1"),
        ({"seeds": 0}, "seeds must be a whole number"),
        ({"sizes": {"width": 30}}, "width must be an even multiple of heads"),
        ({"sizes": {"learning_rate": 5.0}}, "learning_rate must be a number from"),
        ({"params": {"longformer": {"window": -1}}}, "window"),
        ({"data": "/etc/passwd"}, "Data must lie under"),
        ({"data": "../secret.csv"}, "Data must lie under"),
        ({"data": "nowhere.csv"}, "There is no file"),
        ({"data": "a\0b"}, "NUL"),
        (
            {"protocol": "article", "preset": "small", "methods": ["ssd"]},
            "ssd has no encoder role",
        ),
        ({"device": "cuda"}, "torch finds no CUDA device here"),
    ],
)
def test_what_cannot_be_run_is_one_sentence(changes, words, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ValueError, match=words) as refusal:
        form.spec_of(held(**changes))
    assert "\n" not in str(refusal.value)


@pytest.fixture
def asked(monkeypatch) -> list[str]:
    """Every time the tokenizer itself is asked for."""
    names: list[str] = []
    check = tokenizer.check_tokenizer
    monkeypatch.setattr(
        tokenizer, "check_tokenizer", lambda name: (names.append(name), check(name))[1]
    )
    monkeypatch.setattr(boxes, "ANSWERS", Kept(4))
    return names


def test_a_folder_without_a_tokenizer_is_refused_once_and_remembered(asked, tmp_path):
    for _ in range(3):
        with pytest.raises(ValueError, match=r"holds no tokenizer; choose `shipped`"):
            form.spec_of(held(tokenizer=str(tmp_path)))
    assert asked == [str(tmp_path)]
    build_tokenizer(["a cat", "un chat"], tmp_path, 300)
    assert form.spec_of(held(tokenizer=f" {tmp_path} ")).tokenizer == str(tmp_path)
    assert form.spec_of(held(tokenizer=" ")).tokenizer == "shipped"
    assert len(asked) == 2


def test_a_tokenizer_that_takes_long_is_refused_meanwhile_and_taken_afterwards(asked, monkeypatch):
    ready = threading.Event()
    monkeypatch.setattr(tokenizer, "check_tokenizer", lambda name: ready.wait() and None)
    monkeypatch.setattr(boxes, "WAIT_S", 0.01)
    with pytest.raises(ValueError, match="still being looked at"):
        form.spec_of(held(tokenizer="t5-small"))
    ready.set()
    monkeypatch.setattr(boxes, "WAIT_S", 10.0)
    assert form.spec_of(held(tokenizer="t5-small")).tokenizer == "t5-small"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A data folder and a store of one's own."""
    (tmp_path / "data").mkdir()
    monkeypatch.setenv(data.FOLDER_VARIABLE, str(tmp_path / "data"))
    monkeypatch.setenv("ATTN_CORE_HOME", str(tmp_path / "store"))
    return tmp_path / "data"


def test_a_file_of_the_data_folder_can_be_named(folder):
    (folder / "own.csv").write_bytes(PAIRS + b"a dog,\n")
    assert data.usable("own.csv", "controlled") == str(folder / "own.csv")
    found = data.look(str(folder / "own.csv"), "controlled")
    assert (found.read, found.skipped) == (33, 1)
    assert found.reasons[0].startswith("line 35: ")
    assert found.line == "33 pairs read, 1 row skipped."


def test_a_file_is_judged_as_the_run_will_read_it(folder):
    """The article takes the first row for data and needs one; the controlled protocol needs three documents."""
    (folder / "two.csv").write_text("a cat,un chat\na dog,un chien\n")
    spec = form.spec_of(held("article", "small", data="two.csv"))
    check_sources(spec)
    assert data.look(spec.data, "article").read == 2
    with pytest.raises(ValueError, match="needs one named en and one named fr"):
        form.spec_of(held(data="two.csv"))
    (folder / "few.csv").write_text("en,fr\na cat,un chat\n")
    with pytest.raises(ValueError, match=r"has 1 usable pair, and .* at least 33") as page:
        form.spec_of(held(data="few.csv"))
    with pytest.raises(ValueError) as command:
        check_sources(form.spec_of(held()).changed(data=str(folder / "few.csv")))
    assert str(page.value) == str(command.value)


def test_a_file_that_went_away_is_refused_and_no_run_is_left(folder):
    path = folder / "own.csv"
    path.write_bytes(PAIRS)
    spec = form.spec_of(held(data="own.csv"))
    path.unlink()
    store = Store()
    with pytest.raises(ValueError, match="does not exist"):
        figure_z.start(store, spec)
    assert not store.runs()


def test_the_page_says_how_many_pairs_of_a_file_the_run_takes(folder, monkeypatch):
    (folder / "own.csv").write_bytes(PAIRS)
    article = form.spec_of(held("article", "small", data="own.csv"))
    assert data.share_used(article) == "The run takes the first 4 of the 34 pairs of the file."
    controlled = form.spec_of(held(data="own.csv"))
    most = f"{pairs_used(controlled):,}"
    assert data.share_used(controlled) == (
        f"The run takes all pairs of the file: 33, and it would take up to {most}."
    )
    monkeypatch.setattr(data, "MOST_CHECKED", 33)
    data._look.cache_clear()
    assert data.look(controlled.data, "controlled").line == (
        "The first 33 pairs read, 0 rows skipped on the way; the rest was not looked at."
    )
    assert f"first {most} pairs of the file, or all" in data.share_used(controlled)
    assert data.share_used(controlled) in plan.outlook(controlled, describe()).caveats
    assert data.share_used(form.spec_of(held())) == ""
    data._look.cache_clear()


def test_a_link_out_of_the_folder_is_refused(folder, tmp_path):
    (tmp_path / "secret.csv").write_text("en,fr\na,b\n")
    (folder / "link.csv").symlink_to(tmp_path / "secret.csv")
    with pytest.raises(ValueError, match="must lie under"):
        data.data_named("link.csv")


def test_an_upload_is_kept_by_its_content_and_can_be_used(folder):
    first, again = (data.take_upload(PAIRS, "controlled") for _ in range(2))
    assert first.path == again.path
    assert first.path.parent.name == data.UPLOADS
    assert data.usable(str(first.path), "controlled") == str(first.path)


@pytest.mark.parametrize(
    "content",
    [b"", b"\x1f\x8b\x08\x00rubbish", b"only\none column\n", b"en,fr\n,\n", b"en,fr\na,b\n"],
)
def test_an_upload_that_cannot_be_read_is_one_sentence_and_is_not_kept(folder, content):
    with pytest.raises(ValueError) as refusal:
        data.take_upload(content, "controlled", "mine.csv")
    assert "\n" not in str(refusal.value)
    assert "mine.csv" in str(refusal.value).lower()
    assert data.UPLOADS not in str(refusal.value)
    assert not list(folder.parent.glob("store/uploads/*"))


def test_an_upload_of_another_protocol_is_not_taken_from_the_run_that_has_it(folder):
    kept = data.take_upload(b"a cat,un chat\n", "article").path
    with pytest.raises(ValueError, match=r"^The columns of the file are .* one named en"):
        data.take_upload(b"a cat,un chat\n", "controlled")
    assert kept.exists()


def test_roles_that_exact_attention_stands_in_for_are_named():
    spec = form.preset_spec("controlled", "quick")
    assert plan.missing_roles(spec) == [
        "Linformer rank=64 has no decoder form: FlashAttention stands in there.",
        "Longformer window=16 has no cross form: FlashAttention stands in there.",
    ]
    assert plan.missing_roles(form.preset_spec("article", "small")) == []


def test_refusals_are_asked_of_the_methods_themselves():
    assert plan.refusals(form.preset_spec("controlled", "quick")) == [
        "Linformer rank=64 refuses 512 and 1,024 tokens: made for 256."
    ]
    assert not plan.stays_at(Choice("linformer", {"extend": "interpolate"}), 64)
    assert plan.stays_at(Choice("linformer"), 64)
    assert not plan.stays_at(Choice("longformer"), 64)
