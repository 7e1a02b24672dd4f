"""The Feature maps and Low rank pages, run without a browser: every source, role and method, and bad addresses."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from attn_core.contract import ROLES
from dashboard.components import feature_tabs, low_rank_tabs

PAGES = Path(__file__).resolve().parents[2] / "dashboard" / "app_pages"
TEXT = {"source": "text", "text": "The house is empty.", "french": "La maison est vide."}
SYNTHETIC = {"source": "synthetic", "drawn": "80"}


@pytest.fixture(autouse=True)
def store(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("ATTN_CORE_HOME", str(tmp_path / "store"))


def page(name: str, **url: str) -> AppTest:
    app = AppTest.from_file(str(PAGES / f"{name}.py"), default_timeout=120)
    for key, value in url.items():
        app.query_params[key.replace("__", ".")] = value
    app.run()
    assert not app.exception
    return app


def texts(app: AppTest) -> str:
    blocks = (*app.markdown, *app.caption, *app.info, *app.warning, *app.error)
    return "\n".join(block.value for block in blocks)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("given", [{}, TEXT, SYNTHETIC], ids=["corpus", "text", "synthetic"])
@pytest.mark.parametrize("name", ["features", "low_rank"])
def test_every_source_and_role_opens(name, given, role):
    app = page(name, of=role, **given)
    assert not app.error
    said = texts(app)
    if name == "features":
        assert "the estimate is typically off by" in said
    elif role == "decoder":
        assert (
            "Linformer: the decoder role" in said
            and "of the matrix's energy" not in said.split("Inside")[0][:0]
        )
        assert "directions hold 90%" in said
    else:
        assert "the best possible error is" in said


@pytest.mark.parametrize("tab", feature_tabs.TABS)
@pytest.mark.parametrize("method", ["performer", "kernelized"])
def test_every_tab_of_feature_maps_opens(method, tab):
    app = page("features", f_method=method, f_tab=tab, source="synthetic", drawn="20")
    assert not app.error and not app.warning


@pytest.mark.parametrize("tab", low_rank_tabs.TABS)
@pytest.mark.parametrize("method", ["linformer", "nystromformer", "low_rank"])
def test_every_tab_of_low_rank_opens(method, tab):
    app = page("low_rank", r_method=method, r_tab=tab)
    assert not app.error and not app.warning
    if tab == "Inside the method":
        assert "differ from the engine's output by at most" in texts(app)
        assert ("with the true pseudo-inverse" in texts(app)) == (method == "nystromformer")


def test_redraw_takes_the_next_seed_and_other_numbers():
    app = page("features")
    before = texts(app)
    (button,) = (one for one in app.button if one.label == "Redraw")
    button.click().run()
    assert not app.exception
    assert app.number_input(key="f.performer.seed").value == 1
    assert texts(app) != before


@pytest.mark.parametrize(
    ("name", "url", "said"),
    [
        ("features", {"f_method": "linformer"}, "method must be one of performer, kernelized"),
        ("features", {"f_tab": "nonsense"}, "tab must be one of"),
        ("features", {"f_seeds": "-3"}, "seeds must be one of 8, 32, 128"),
        ("features", {"f_norms": "nan"}, "norms must be one of"),
        ("features", {"f__performer__features": "-1"}, "performer: features must be"),
        (
            "features",
            {"f__performer__features": "2000000000"},
            "Performer: features is at most 4,096",
        ),
        ("features", {"f__performer__kernel": "../x"}, "performer: kernel must be one of"),
        ("low_rank", {"r_method": "performer"}, "method must be one of linformer"),
        ("low_rank", {"r_rank": "x"}, "measure must be one of"),
        ("low_rank", {"r__linformer__rank": "99999999"}, "Linformer: rank is at most 4,096"),
        (
            "low_rank",
            {"r__nystromformer__conv": "2", "r_method": "nystromformer"},
            "conv must be 0 or an odd width",
        ),
        ("low_rank", {"source": "synthetic", "drawn": "2049"}, "is not decomposed here"),
        ("low_rank", {"source": "synthetic", "drawn": "-4"}, "N must be"),
    ],
)
def test_an_address_that_cannot_be_had_gets_a_sentence(name, url, said):
    assert said in texts(page(name, **url))


def test_a_long_matrix_waits_for_the_button():
    app = page("low_rank", source="synthetic", drawn="520", drawn_width="8")
    assert "takes seconds" in texts(app) and "the best possible error" not in texts(app)
    (button,) = (one for one in app.button if one.label == "Decompose")
    button.click().run()
    assert not app.exception
    assert "the best possible error" in texts(app)
    again = page("low_rank", source="synthetic", drawn="520", drawn_width="8", j="3")
    assert "the best possible error" in texts(again)


def test_every_control_says_what_it_changes():
    for app in (page("features"), page("low_rank")):
        drawn = [*app.selectbox, *app.number_input, *app.toggle, *app.button]
        assert all(one.help for one in drawn)


@pytest.mark.parametrize(
    "given",
    [
        {"drawn": "1"},
        {"drawn": "2", "spread": "0"},
        {"drawn": "9", "drawn_width": "256"},
        {"drawn": "9", "drawn_width": "1", "spread": "1000"},
    ],
    ids=["one token", "no spread", "wide heads", "narrow and far"],
)
@pytest.mark.parametrize("name", ["features", "low_rank"])
def test_the_smallest_and_the_strangest_sources_open_in_every_tab(name, given):
    key, tabs = (
        ("f_tab", feature_tabs.TABS) if name == "features" else ("r_tab", low_rank_tabs.TABS)
    )
    for tab in tabs:
        app = page(name, source="synthetic", **given, **{key: tab})
        assert not app.error
        assert "nan" not in texts(app)


def test_a_text_too_long_for_a_link_is_said_to_be():
    word = "д" * 40 + " "
    assert "A link cannot reopen this" in texts(page("features", source="text", text=word * 290))
    assert "A link cannot reopen this" not in texts(page("features", source="text", text=word * 9))
