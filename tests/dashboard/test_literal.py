"""What a link or an imported run says stands on a page as it is written: no picture, link or colour of a stranger's."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from attn_core.store import Store
from dashboard import state
from dashboard.services import sweeps, tradeoffs
from dashboard.services.literal import JOINER, literal, literal_table
from tests.hostile_runs import HOST, HOSTILE, store_hostile

DASHBOARD = Path(__file__).resolve().parents[2] / "dashboard"
# They link to others, which takes the whole app.
LINKING = ("overview", "runs")
# A picture or a link, an address that becomes a link by itself, and a colour.
READ = re.compile(rf"(?<!\\)\[(?:\]|log in)|://{re.escape(HOST)}|:red")


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("![](a)", r"\!\[\](a)"),
        ("**b** `c` ~d~", r"\*\*b\*\* \`c\` \~d\~"),
        ("$x$ <b> a|b &lt; #1", r"\$x\$ \<b\> a\|b \&lt; \#1"),
        ("_a_ low_rank __b", r"\_a\_ low_rank \_\_b"),
        ("- a", r"\- a"),
        ("12. a", r"12\. a"),
        ("---", r"\---"),
        ("a\r\n# b", r"a \# b"),
        (":red[a]", rf":{JOINER}red\[a\]"),
        (":material/home:", f":{JOINER}material/home:"),
        ("http://a.b www.a.b c@a.b", f"http:{JOINER}//a.b www{JOINER}.a.b c@{JOINER}a.b"),
    ],
)
def test_every_sign_of_markdown_stands_for_itself(text, written):
    assert literal(text) == written


@pytest.mark.parametrize(
    "sentence",
    [
        "batch must be a whole number from 1 to 65,536, got '1.5'.",
        "On N = 1,024 (×2): Intel CPU @ 2.5 GHz, 16 GiB; -3 at 12:30.",
        "",
    ],
)
def test_plain_sentences_stay_as_they_are(sentence):
    assert literal(sentence) == sentence


def test_heads_and_cells_of_a_table_are_literal_and_numbers_stay():
    found = literal_table(pd.DataFrame({"a*": ["*b*"], "n": [3]}))
    assert list(found.columns) == [r"a\*", "n"]
    assert found.iloc[0].tolist() == [r"\*b\*", 3]


@pytest.fixture(autouse=True)
def store(tmp_path, monkeypatch) -> Store:
    monkeypatch.setenv("ATTN_CORE_HOME", str(tmp_path / "store"))
    monkeypatch.setattr(sweeps, "STUDIES", tmp_path / "no-studies")
    return Store()


def read_as_markdown(name: str, **url: str) -> str:
    """All that a page hands to Markdown, which must be none of a stranger's."""
    alone = f"app_pages/{name}.py"
    main = "main.py" if name in LINKING else alone
    app = AppTest.from_file(str(DASHBOARD / main), default_timeout=60)
    if main != alone:
        app.switch_page(alone)
    for key, value in url.items():
        app.query_params[key] = value
    app.run()
    assert not app.exception
    blocks = (*app.markdown, *app.caption, *app.info, *app.warning, *app.error, *app.toast)
    texts = [str(block.value) for block in blocks]
    texts += [one.label for one in (*app.button, *app.expander)]
    for table in app.table:
        texts += [*map(str, table.value.columns), *map(str, table.value.to_numpy().ravel())]
    said = "\n".join(texts)
    assert not READ.findall(said)
    return said


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("overview", state.METHOD),
        ("overview", state.LENGTH),
        ("speed", state.QUANTITY),
        ("speed", state.RUN),
        ("speed", "methods"),
        ("figure_z", state.Z_METHODS),
        ("figure_z", state.Z_DATA),
        ("figure_z", state.RUN),
        ("figure_z", state.Z_TOKENIZER),
        ("runs", state.RUNS_SEARCH),
        ("runs", state.RUNS_CHOSEN),
        ("tradeoffs", state.D_SOURCE),
        ("tradeoffs", state.D_SETTING),
        ("tradeoffs", state.D_POINT),
        ("tradeoffs", state.D_AT),
        ("tradeoffs", state.D_X),
        ("matrices", state.LOOK_MODEL),
        ("steps", state.STEPS_METHOD),
        ("masks", state.LOOK_KIND),
    ],
)
def test_what_a_link_says_is_no_markdown(store, name, key):
    store_hostile(store)
    assert "log in" in read_as_markdown(name, **{key: HOSTILE})


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("overview", []),
        ("tradeoffs", []),
        ("speed", ["sweep"]),
        ("figure_z", ["figure-z"]),
        ("runs", ["sweep"]),
        ("runs", ["figure-z"]),
        ("runs", ["tradeoff"]),
        ("runs", ["sweep", "other"]),
    ],
)
def test_what_an_imported_run_says_is_no_markdown(store, name, kinds):
    ids = store_hostile(store)
    chosen = ",".join(ids[kind] for kind in kinds)
    assert "log in" in read_as_markdown(
        name, **{state.RUNS_CHOSEN if name == "runs" else state.RUN: chosen} if chosen else {}
    )


def test_the_point_of_an_imported_study_says_its_name_and_trouble_as_written(store):
    study = store_hostile(store)["tradeoff"]
    table = tradeoffs.everything(store).table
    point = str(table["id"][table["run_id"] == study].iloc[0])
    said = read_as_markdown("tradeoffs", **{state.D_POINT: point})
    assert f"run {literal(HOSTILE)}" in said and f"unsteady: {literal(HOSTILE)}" in said
