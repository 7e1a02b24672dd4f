"""What Figure Z's controls and files come to: checked runs, data that may be read, remarks before starting."""

import pytest

from attn_core.timing.spec import Choice
from attn_core.training.spec import FigureZSpec
from dashboard.services import figure_z_data as data
from dashboard.services import figure_z_form as form
from dashboard.services import figure_z_plan as plan


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
    ],
)
def test_what_cannot_be_run_is_one_sentence(changes, words):
    with pytest.raises(ValueError, match=words) as refusal:
        form.spec_of(held(**changes))
    assert "\n" not in str(refusal.value)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A data folder and a store of one's own."""
    (tmp_path / "data").mkdir()
    monkeypatch.setenv(data.FOLDER_VARIABLE, str(tmp_path / "data"))
    monkeypatch.setenv("ATTN_CORE_HOME", str(tmp_path / "store"))
    return tmp_path / "data"


def test_a_file_of_the_data_folder_can_be_named(folder):
    (folder / "own.csv").write_text("en,fr\na cat,un chat\na dog,\n")
    assert data.usable("own.csv") == str(folder / "own.csv")
    found = data.look(str(folder / "own.csv"))
    assert (found.read, found.skipped) == (1, 1)
    assert found.reasons[0].startswith("line 3: ")
    assert found.line == "1 pair read, 1 row skipped."


def test_a_link_out_of_the_folder_is_refused(folder, tmp_path):
    (tmp_path / "secret.csv").write_text("en,fr\na,b\n")
    (folder / "link.csv").symlink_to(tmp_path / "secret.csv")
    with pytest.raises(ValueError, match="must lie under"):
        data.data_named("link.csv")


def test_an_upload_is_kept_by_its_content_and_can_be_used(folder):
    first, again = (data.take_upload(b"en,fr\na cat,un chat\n") for _ in range(2))
    assert first.path == again.path
    assert first.path.parent.name == data.UPLOADS
    assert data.usable(str(first.path)) == str(first.path)


@pytest.mark.parametrize(
    "content", [b"", b"\x1f\x8b\x08\x00rubbish", b"only\none column\n", b"en,fr\n,\n"]
)
def test_an_upload_that_cannot_be_read_is_one_sentence_and_is_not_kept(folder, content):
    with pytest.raises(ValueError) as refusal:
        data.take_upload(content, "mine.csv")
    assert "\n" not in str(refusal.value)
    assert "mine.csv" in str(refusal.value)
    assert data.UPLOADS not in str(refusal.value)
    assert not list(folder.parent.glob("store/uploads/*"))


def test_roles_that_exact_attention_stands_in_for_are_named():
    spec = form.preset_spec("controlled", "quick")
    assert plan.missing_roles(spec) == [
        "linformer rank=64 has no decoder form: flash stands in there.",
        "longformer window=16 has no cross form: flash stands in there.",
    ]
    assert plan.missing_roles(form.preset_spec("article", "small")) == []


def test_refusals_are_asked_of_the_methods_themselves():
    assert plan.refusals(form.preset_spec("controlled", "quick")) == [
        "linformer rank=64 refuses 512 and 1,024 tokens: made for 256."
    ]
    assert not plan.stays_at(Choice("linformer", {"extend": "interpolate"}), 64)
    assert plan.stays_at(Choice("linformer"), 64)
    assert not plan.stays_at(Choice("longformer"), 64)
