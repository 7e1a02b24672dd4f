"""What an exported figure says of its settings, and what its file is called."""

import json
import re
from pathlib import Path

import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from attn_core import METHODS
from attn_core.sources import SourceSpec, load_source
from dashboard.components.export_menu import _render
from dashboard.figures.export import FORMATS, Figure
from dashboard.figures.matrix_map import Look, MatrixData, matrix_map
from dashboard.services.first_settings import first_settings
from dashboard.services.shown import file_name, safe, setting
from dashboard.services.steps import chain_of

PAGES = Path(__file__).resolve().parents[2] / "dashboard" / "app_pages"
SMALL = {"tokens": "24"}


def given(name: str, **params):
    return METHODS[name], METHODS[name].resolve(params)


def test_a_setting_names_the_source_its_sizes_the_head_and_every_parameter():
    source = load_source(
        SourceSpec("synthetic", role="cross", length=24, keys=32, heads=2, head_dim=8, seed=3)
    )
    said = setting(source, 1, given("performer", features=16, seed=5), given("flash"), more="here")
    assert said == (
        "gaussian queries and keys, score spread 1, seed 3, N = 24, M = 32, 2 heads of 8; head 1; "
        "Performer (features 16, kernel softmax, orthogonal True, seed 5); FlashAttention; here"
    )


def test_a_files_name_says_the_budget_and_what_is_not_the_default():
    assert file_name("error", given("performer", features=64)) == "performer_features-64_error"
    assert file_name("error", given("performer", seed=7)) == "performer_features-256_seed-7_error"
    assert file_name("φ(Q)", given("ssd")) == "ssd_phi_Q"
    long = file_name("E", (METHODS["multiscale"], {"scales": tuple(range(99))}))
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,90}", long) and long.endswith("_E")


@pytest.mark.parametrize("name", METHODS)
def test_no_two_arrays_of_a_step_have_the_same_file(name):
    role = "encoder" if "encoder" in METHODS[name].roles else "decoder"
    source = load_source(SourceSpec(length=24, layer=1, role=role))
    for step in chain_of(source, 0, 5, name, first_settings(name)).steps:
        files = [safe(one.name).lower() for one in (*step.arrays, *step.opened(5, 3))]
        assert all(files) and len(files) == len(set(files)), (step.key, files)


def exported(monkeypatch, tmp_path, page: str, **url: str) -> dict[str, str]:
    """The setting of every figure that a page offers, by the name of its SVG."""
    monkeypatch.setenv("ATTN_CORE_HOME", str(tmp_path / "store"))
    found: dict[str, str] = {}

    def offered(_label, data, file_name="", **_rest) -> bool:
        if getattr(data, "func", None) is _render and file_name.endswith(".svg"):
            figure = data.args[1]
            assert file_name not in found
            found[file_name] = (figure() if callable(figure) else figure).subtitle
        return False

    monkeypatch.setattr(st, "download_button", offered)
    app = AppTest.from_file(str(PAGES / f"{page}.py"), default_timeout=120)
    for key, value in (SMALL | url).items():
        app.query_params[key] = value
    app.run()
    assert not app.exception, app.exception[0].value
    return found


@pytest.mark.parametrize(
    ("page", "url", "least"),
    [
        *(("matrices", {"x_methods": "performer", "x_tab": tab}, 3) for tab in
          ("Margins", "Distance and entropy", "Budget")),
        ("matrices", {"x_methods": "longformer", "x_error": "mass lost"}, 3),
        ("matrices", {"x_draw": "zoomable"}, 1),
        *(("low_rank", {"r_method": "nystromformer", "r_tab": tab}, 4) for tab in
          ("Inside the method", "Effective rank")),
        *(("features", {"f_tab": tab}, 4) for tab in
          ("Error against m", "Maps compared", "Norms", "Seeds", "Directions")),
        *(("steps", {"step": step, "t_method": "softmax"}, 1) for step in ("tokens", "dot", "softmax")),
        ("steps", {"step": "features", "t_method": "performer"}, 2),
        *(("masks", {"k_tab": tab}, 4) for tab in ("Pairs and cost", "Receptive field", "Lost mass")),
    ],
)  # fmt: skip
def test_every_export_says_its_tokens_and_its_methods_parameters(
    page, url, least, monkeypatch, tmp_path
):
    found = exported(monkeypatch, tmp_path, page, **url)
    assert len(found) >= least
    for file, said in found.items():
        assert re.fullmatch(r"[A-Za-z0-9_-]+\.svg", file) and "N = 24" in said
        named = next((one for one in METHODS.values() if file.startswith(f"{one.name}_")), None)
        if named is not None:
            told = said.split(named.short_title)[1]
            assert all(f"{param.name} " in told for param in named.params)


def test_exports_at_two_budgets_differ_in_name_and_setting(monkeypatch, tmp_path):
    one, two = (
        exported(monkeypatch, tmp_path, "matrices", **{"x.performer.features": features})
        for features in ("32", "64")
    )
    assert "performer_features-32_error_signed.svg" in one
    assert "features 64, " in two["performer_features-64_error_signed.svg"]
    assert one.keys() & two.keys() == {"exact.svg"}


def test_a_long_setting_is_broken_in_pictures_and_whole_in_tables():
    data = MatrixData(pd.DataFrame([[0.5, 0.5]]).to_numpy())
    said = "; ".join(f"part {at} of a long setting" for at in range(9))
    figure = Figure(matrix_map(data, Look()), pd.DataFrame({"a": [1]}), "Title", said, "here")
    drawn = FORMATS["svg"].render(figure).decode()
    assert f">{said}<" not in drawn and "part 8 of a long" in drawn
    assert json.loads(FORMATS["json"].render(figure))["setting"] == said
    assert f"Title; {said}" in FORMATS["csv"].render(figure).decode()
