"""The chain of steps ends in the engine's own numbers, whatever is looked at, and its figures show them."""

import io
import re

import numpy as np
import pytest
import torch
import vl_convert
from torch.testing import assert_close

from attn_core import METHODS, Shape
from attn_core.sources import SourceSpec, load_source
from attn_core.steps import Array
from attn_core.steps.latex import number
from dashboard.figures.matrix_map import Look
from dashboard.figures.step_cells import Labels, cells, part_of
from dashboard.figures.step_colours import written
from dashboard.figures.step_dot import dot_product, dot_rows
from dashboard.figures.step_panels import step_panel
from dashboard.figures.step_row import row_table, softmax_row
from dashboard.figures.step_tokens import token_rows, token_strip
from dashboard.services import steps
from dashboard.services.sources import source_of
from dashboard.services.steps import STEP_KEYS, chain_of, costs, nearest
from dashboard.services.steps_files import arrays_file
from dashboard.services.steps_words import agreement, sentence

SMALL = {"linformer": {"rank": 8}, "nystromformer": {"landmarks": 8}, "performer": {"features": 32},
         "longformer": {"window": 4}, "reformer": {"bucket": 8}, "bigbird": {"block": 4},
         "multiscale": {"scales": (1, 4), "window": 3}}  # fmt: skip


def role_of(name: str) -> str:
    return "encoder" if "encoder" in METHODS[name].roles else "decoder"


@pytest.fixture(scope="module")
def text():
    return load_source(SourceSpec(length=24, layer=1))


@pytest.fixture(scope="module")
def past():
    return load_source(SourceSpec(length=24, layer=1, role="decoder"))


@pytest.mark.parametrize("name", METHODS)
def test_a_chain_of_a_text_ends_in_what_the_engine_computes(name, text, past):
    source = text if role_of(name) == "encoder" else past
    params = SMALL.get(name, {})
    chain = chain_of(source, 2, 5, name, params)
    with torch.no_grad():
        out = source.operator(name, **params)(source.q, source.k, source.v, causal=source.causal)
    found = chain.steps[chain.middle].arrays[-1].values
    assert_close(found, out[0, 2], atol=1e-5, rtol=1e-5)
    assert chain.difference == pytest.approx(float((found - out[0, 2]).abs().amax()), abs=1e-9)
    assert chain.difference < 1e-5 * max(1.0, float(out[0, 2].abs().amax()))
    assert chain.keys[:3] == ["tokens", "embeddings", "qkv"]
    assert chain.keys[-3:] == ["heads", "joined", "residual"]
    assert set(chain.keys) <= set(STEP_KEYS)
    order = [STEP_KEYS.index(key) for key in chain.keys]
    assert all(sentence(source, step, 5, 3) for step in chain.steps)
    assert len(order) == len(set(order))


@pytest.mark.parametrize("name", METHODS)
def test_only_vectors_have_a_length_in_words(name, text, past):
    source = text if role_of(name) == "encoder" else past
    chain = chain_of(source, 2, 5, name, SMALL.get(name, {}))
    for step in chain.steps:
        arrays = {one.name: one for one in (*step.arrays, *step.opened(5, 3))}
        said = sentence(source, step, 5, 3)
        named = re.match(r"In (.+), the row of .* has length", said)
        assert ("has length" in said) == bool(named)
        assert not named or arrays[named[1]].kind in ("query", "key", "value", "hidden")


def test_numbers_of_buckets_are_said_as_names(text):
    near = chain_of(text, 0, 5, "reformer", {"bucket": 64, "rounds": 2})
    said = sentence(text, near.at("buckets"), 5, 3)
    assert said.startswith(f"Query 5 “{text.query_labels[5].strip('▁')}” is in bucket 0 in all 2")
    assert said.endswith("together with 23 of the 23 others shown.")
    far = chain_of(text, 0, 5, "reformer", {"bucket": 4, "rounds": 4})
    ids = far.at("chunks").arrays[0].values[5].tolist()
    assert f"is in chunks {', '.join(map(str, ids))} in rounds 0 to 3" in sentence(
        text, far.at("chunks"), 5, 3
    )


def test_running_numbers_are_said_themselves(text, past):
    chain = chain_of(text, 0, 5, "flash", {})
    said = sentence(text, chain.at("running"), 5, 3)
    top, total = (one.values[5] for one in chain.at("running").arrays)
    assert (
        f"running max m is {float(top[0]):.3g} after the first tile and {float(top[-1]):.3g}"
        in said
    )
    assert f"running sum ℓ is {float(total[0]):.3g} after the first" in said
    decay = chain_of(past, 0, 5, "ssd", {}).at("decay")
    value = float(decay.arrays[-1].values[3, 0])
    assert f"a is {value:.3g}." in sentence(past, decay, 5, 3)


@pytest.mark.parametrize("role", ["encoder", "decoder", "cross"])
def test_with_the_models_own_method_the_chain_ends_in_what_the_layer_passes_on(role):
    source = load_source(SourceSpec(length=20, layer=1, role=role))
    chain = chain_of(source, 0, 3, "flash", {})
    assert chain.own
    assert_close(chain.steps[-1].arrays[-1].values, source.inside.leaving[0], atol=2e-5, rtol=1e-5)
    projected = chain.at("qkv").arrays
    for array, expected in zip(projected, (source.q, source.k, source.v), strict=True):
        assert torch.equal(array.values, expected[0, 0])
    shown = chain.at("tokens").arrays[0]
    assert tuple(shown.values[:, 0].tolist()) == source.query_ids
    assert shown.row_names == source.query_labels


def test_drawn_numbers_begin_at_q_k_v_and_end_at_the_output():
    source = load_source(SourceSpec(kind="synthetic", length=32))
    chain = chain_of(source, 0, 0, "softmax", {})
    assert (chain.keys[0], chain.keys[-1]) == ("qkv", "output")
    several = load_source(SourceSpec(kind="synthetic", length=32, heads=2))
    assert chain_of(several, 1, 0, "softmax", {}).keys[-1] == "heads"


@pytest.mark.parametrize(
    "name", ["softmax", "performer", "longformer", "nystromformer", "reformer"]
)
def test_a_long_source_shows_the_rows_around_the_pinned_query(name):
    source = load_source(SourceSpec(kind="synthetic", length=700, head_dim=16))
    chain = chain_of(source, 0, 650, name, {})
    rows = chain.call.rows
    assert rows.start <= 650 < rows.stop
    assert chain.difference < 1e-5
    assert chain.at("output").arrays[-1].first == rows.start


def test_exact_attention_too_long_to_run_is_held_against_its_own_matrix(monkeypatch):
    monkeypatch.setattr(steps, "MOST_PAIRS", 100)
    source = load_source(SourceSpec(kind="synthetic", length=40, seed=3))
    chain = chain_of(source, 0, 4, "softmax", {})
    assert chain.difference < 1e-5
    assert "softmax".title() in agreement(chain)


def test_another_head_or_pin_is_another_chain_and_the_same_is_kept(text):
    first = chain_of(text, 0, 1, "softmax", {})
    assert chain_of(text, 0, 9, "softmax", {}) is first
    other = chain_of(text, 1, 1, "softmax", {})
    assert not torch.equal(
        other.at("output").arrays[0].values, first.at("output").arrays[0].values
    )


def test_a_method_that_cannot_serve_says_so(past):
    with pytest.raises(ValueError, match="linformer: the decoder role"):
        chain_of(past, 0, 0, "linformer", {})


def test_settings_that_no_view_has_room_for_are_refused_before():
    source = source_of(SourceSpec(kind="synthetic", length=65_536))
    with pytest.raises(
        ValueError, match=r"rounds=1,000 with bucket=1 .* choose at most 32 rounds"
    ):
        chain_of(source, 0, 0, "reformer", {"rounds": 1_000, "bucket": 1})


def test_costs_are_given_at_three_lengths(text):
    chain = chain_of(text, 0, 0, "softmax", {})
    rows = {row["step"]: row for row in costs(chain, chain.steps)}
    scores = chain.at("scores")
    assert scores.cost(Shape(1, 4, 4_096, 4_096, 32)).flops == 2 * 4 * 4_096**2 * 32
    assert rows["Scores"]["work, N = 65,536"] == "1.10 TFLOP"
    assert {"holds, N = 24", "holds, N = 4,096", "holds, N = 65,536"} <= set(rows["Scores"])


def test_a_step_that_a_chain_lacks_leads_to_one_nearby(text):
    chain = chain_of(text, 0, 0, "softmax", {})
    assert nearest(chain, "scores") == "scores"
    assert nearest(chain, "tiles") == "scores"
    assert nearest(chain, "nonsense") == nearest(chain, None) == "tokens"


def test_the_file_of_numbers_has_every_array(text):
    chain = chain_of(text, 0, 0, "softmax", {})
    with np.load(io.BytesIO(arrays_file(chain, 2, 3))) as kept:
        assert_close(torch.tensor(kept["output/Z"]), chain.at("output").arrays[0].values)
        assert "dot/running sum" in kept.files


def test_a_panel_shows_the_arrays_numbers_and_what_is_masked(past):
    chain = chain_of(past, 0, 5, "softmax", {})
    array = chain.at("softmax").arrays[0]
    labels = Labels(past.query_labels, past.key_labels)
    part = part_of(array, 5, 2)
    table = cells(array, part, labels).set_index(["i", "j"])
    assert table.loc[(5, 2), "value"] == pytest.approx(float(array.values[5, 2]))
    assert table.loc[(2, 5), "special"] == "masked"
    assert table.loc[(5, 2), "row"] == past.query_labels[5].replace("▁", "")
    shown = step_panel(array, part, labels, pin=(5, 2), selectable="pin").to_dict()
    assert shown["layer"][0]["encoding"]["x"]["field"] == "j"
    hidden = cells(array, part, labels, Look(hide=2)).set_index(["i", "j"])
    assert hidden.loc[(5, 1), "special"] == "hidden"
    uniform = cells(array, part, labels, Look(scale="uniform")).set_index(["i", "j"])
    assert uniform.loc[(5, 2), "coloured"] == pytest.approx(24 * float(array.values[5, 2]))


def test_tokens_stand_beside_cells_as_high_as_letters_and_places_beside_lower_ones(past):
    array = chain_of(past, 0, 5, "softmax", {}).at("softmax").arrays[0]
    labels, part = Labels(past.query_labels, past.key_labels), part_of(array, 5, 2)
    for cell, named in ((8, True), (7, False)):
        size = cell * array.values.shape[1], cell * array.values.shape[0]
        marks = step_panel(array, part, labels, pin=(5, 2), size=size).to_dict()["layer"][0]
        for axis in (marks["encoding"][name]["axis"] for name in "xy"):
            assert ("labelExpr" in axis) == named
            assert axis["labelOverlap"] is not named
            assert axis["labelFontSize"] == (cell if named else 10)


def test_large_arrays_are_cut_around_the_pinned_pair():
    values = torch.arange(128 * 5_000).view(128, 5_000).float()
    array = Array("S", values, "query i", "key j", "score", first=640)
    part = part_of(array, 700, 3_000)
    assert part.values.shape == (64, 64)
    assert part.first[0] <= 700 and part.first[1] <= 3_000 < part.first[1] + 64
    at = 700 - part.first[0], 3_000 - part.first[1]
    assert part.values[at] == float(values[60, 3_000])
    assert part.words(array) == "668–731 of 128 × 2,968–3,031 of 5,000"


def test_figures_of_a_dot_product_a_row_and_tokens_hold_the_numbers(text):
    chain = chain_of(text, 0, 0, "softmax", {})
    opened = chain.at("dot").opened(3, 4)
    rows = dot_rows(opened)
    product = rows[rows["what"] == "q_i·k_j"]["value"].sum()
    assert product == pytest.approx(float(text.q[0, 0, 3] @ text.k[0, 0, 4]), rel=1e-4)
    assert dot_product(opened).to_dict()
    names = text.query_labels
    assert list(token_rows(names, text.query_ids, 0)["number"]) == list(text.query_ids)
    assert token_strip(names, text.query_ids, 0, 3).to_dict()


def test_a_row_of_the_softmax_at_temperature_one_is_the_chains_own(text):
    from dashboard.components.step_row import rows_of

    chain = chain_of(text, 0, 0, "softmax", {})
    chosen, usual = rows_of(chain, 6, 1.0, False)
    weights = chain.at("softmax").arrays[0].values[6].double()
    assert_close(chosen.weights, weights, atol=1e-6, rtol=1e-5)
    table = row_table(chosen, usual, 4, text.key_labels)
    assert table["weight"].sum() == pytest.approx(1.0)
    assert list(table[table["pinned"]]["key j"]) == [4]
    assert softmax_row(table, "gradient").to_dict()
    sharper, _ = rows_of(chain, 6, 1.0, True)
    assert sharper.largest > chosen.largest
    assert rows_of(chain, 6, 2.0, False)[0].largest < chosen.largest


def test_columns_are_in_order_however_cells_are_masked(text):
    chain = chain_of(text, 0, 0, "reformer", {"bucket": 4})
    array = chain.at("pattern").arrays[0]
    shown = step_panel(array, part_of(array, 0, 0), Labels(), pin=(0, 0)).to_dict()
    for layer in shown["layer"]:
        assert layer["encoding"]["x"]["scale"]["domain"] == list(range(24))


def bar_of(array, look=None, dark=False):
    """The texts at a panel's colour bar, as drawn."""
    shown = step_panel(array, part_of(array, 0, 0), Labels(), pin=(0, 0), look=look, dark=dark)
    drawn = vl_convert.vegalite_to_svg(shown.to_json())
    return re.findall(
        r">([^<>]+)</text>", drawn[drawn.index('role-legend"') :].split("role-axis")[0]
    )


@pytest.mark.parametrize("scale", ["log", "linear", "uniform"])
def test_both_ends_of_a_bar_of_weights_are_labelled(text, scale):
    array = chain_of(text, 0, 0, "softmax", {}).at("softmax").arrays[0]
    many = 24 if scale == "uniform" else 1
    low, high, title, *_ = bar_of(array, Look(scale=scale))
    assert float(high) == pytest.approx(many * float(array.values.amax()), rel=0.05)
    assert float(low) < 0.1 * float(high)
    assert title.startswith("A")
    for part in chain_of(text, 0, 0, "nystromformer", {"landmarks": 8}).at("factors").arrays:
        assert part.name == bar_of(part, Look(scale=scale))[2].split(",")[0]


def test_a_bar_of_bucket_numbers_has_whole_numbers_from_the_least_to_the_largest(text):
    array = chain_of(text, 0, 0, "reformer", {"bucket": 4}).at("chunks").arrays[0]
    assert bar_of(array)[:3] == ["0", "2", "5"]


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [
        ("number", 0, "all 0"),
        ("weight", 0.25, "all 0.25"),
        ("score", -3, "all -3"),
        ("value", 0, "all 0"),
    ],
)
def test_where_all_numbers_are_the_same_a_legend_says_that_one(kind, value, said, dark):
    array = Array("x", torch.full((5, 6), float(value)), "query i", "round", kind)
    assert bar_of(array, dark=dark)[:2] == [said, "x"]


@pytest.mark.parametrize(
    "number, said",
    [(0.000012, "1.2e-5"), (1234.5, "1,234"), (-0.25, "-0.25"), (3, "3"), (2e9, "2.0e+09")],
)
def test_numbers_at_a_bar_are_short(number, said):
    assert written(number) == said


@pytest.mark.parametrize("name", ["softmax", "flash", "performer", "nystromformer", "linformer"])
def test_formulas_count_tokens_and_features_from_zero_as_the_charts_do(name, text):
    chain = chain_of(text, 2, 5, name, SMALL.get(name, {}))
    formulas = "\n".join(f"{step.formula} {step.substituted(5, 3)}" for step in chain.steps)
    assert r"(t_0,\dots,t_{N-1})" in formulas and "t_{5}=" in formulas
    assert {"0"} == set(re.findall(r"\b[QZOyo]'?_\{5,(\d+)\}", formulas))
    out = chain.steps[chain.middle].arrays[-1].values
    assert f"={number(out[5, 0])}" in chain.steps[chain.middle].substituted(5, 3)
    assert not re.search(r"\^\{\(1\)\}|=1\}\^", formulas)


def test_the_cost_of_one_dot_product_says_that_it_is_of_one_pair(text):
    chain = chain_of(text, 0, 0, "softmax", {})
    assert chain.at("dot").cost(chain.shape).flops == 2 * 32
    named = [row["step"] for row in costs(chain, chain.steps)]
    assert "One dot product, one pair of one head" in named and "Scores" in named
