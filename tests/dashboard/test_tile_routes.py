"""Tiles, cells and their state over HTTP: the true numbers for those who ask well, one sentence for all others."""

from __future__ import annotations

import importlib.util
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from urllib.parse import quote_plus

import numpy as np
import pytest
import torch

from attn_core.methods import METHODS
from attn_core.sources import SourceSpec, ViewSpec, build_sides, load_source
from attn_core.views import codes, overview
from dashboard.routes import ROUTES
from dashboard.services import built_views, told_views
from dashboard.services.addresses import view_of

sys.path.insert(0, str(Path(__file__).parent))
from asking import ask

ALL = slice(None)
DRAWN = {"kind": "synthetic", "length": 300, "heads": 2, "structure": "local"}
VIEW = {"source": DRAWN, "method": "longformer", "params": {"window": 8}}
TILE = {
    "view": VIEW,
    "side": "method",
    "head": 1,
    "reduce": "mean",
    "level": 0,
    "row": 0,
    "col": 1,
}


@pytest.fixture(autouse=True)
def own_store(tmp_path, monkeypatch):
    monkeypatch.setenv("ATTN_CORE_HOME", str(tmp_path / "store"))
    built_views._known.known.clear()


def sides(view):
    spec = ViewSpec.from_json(view)
    return build_sides(spec, load_source(spec.source))


def pixels(answer) -> np.ndarray:
    shape = int(answer.headers["x-rows"]), int(answer.headers["x-cols"])
    return np.frombuffer(answer.body, np.uint8).reshape(shape)


def test_a_tile_holds_the_codes_of_the_matrix():
    answer = ask("/tile", **TILE)
    assert (answer.status, answer.headers["content-type"]) == (200, "application/octet-stream")
    view = sides(VIEW).method
    dense = view.block(ALL, ALL)[0, 1][:256, 256:]
    masked = ~view.pattern.block(slice(0, 256), slice(256, 300))
    assert np.array_equal(pixels(answer), codes.encode(dense, masked, False))
    assert answer.headers["x-signed"] == "0"
    assert (pixels(answer) == codes.MASKED).any() and (pixels(answer) > codes.ZERO).any()


@pytest.mark.parametrize("name", METHODS)
def test_every_method_has_its_three_sides(name):
    role = min(METHODS[name].roles, key=("encoder", "cross", "decoder").index)
    view = {"source": DRAWN | {"role": role}, "method": name}
    for side, signed in (("exact", False), ("method", sides(view).method.signed), ("error", True)):
        for reduce, level in (("mean", 1), ("max", 0)):
            answer = ask(
                "/tile",
                **TILE | {"view": view, "side": side, "level": level, "reduce": reduce, "col": 0},
            )
            assert answer.status == 200, answer.body
            assert answer.headers["x-signed"] == str(int(signed))
            assert not (pixels(answer) == codes.NOT_FINITE).any()


@pytest.mark.parametrize("method", ["performer", "longformer", "nystromformer"])
@pytest.mark.parametrize("reduce", ["mean", "max"])
@pytest.mark.parametrize("level", [0, 1, 4])
def test_several_sides_come_as_they_come_alone(method, reduce, level):
    view = {"source": DRAWN | {"length": 2100}, "method": method}
    asked = TILE | {"view": view, "level": level, "reduce": reduce, "row": 0, "col": 0}
    together = ask("/tile", **asked | {"side": "error,exact,method"})
    alone = [ask("/tile", **asked | {"side": side}) for side in ("error", "exact", "method")]
    assert together.headers["x-signed"] == ",".join(one.headers["x-signed"] for one in alone)
    assert together.headers["x-rows"] == alone[0].headers["x-rows"]
    found = np.frombuffer(together.body, np.uint8).astype(int)
    expected = np.concatenate([pixels(one).ravel() for one in alone]).astype(int)
    # Where entries are pooled in another order, a rounding may lie on a code's edge.
    assert (found != expected).mean() < 1e-3 and abs(found - expected).max() <= 1


def test_the_legend_decodes_what_a_tile_says():
    legend = ask("/tile/legend").json
    assert legend["tile"] == 256
    assert len(legend["unsigned"]) == len(legend["signed"]) == 256
    found = pixels(ask("/tile", **TILE | {"side": "error", "col": 0}))
    values = np.array([np.nan if one is None else one for one in legend["signed"]])[found]
    both = sides(VIEW)
    dense = (both.method.block(ALL, ALL) - both.exact.block(ALL, ALL))[0, 1][:256, :256].numpy()
    inside = (np.abs(dense) > 1e-8) & (np.abs(dense) < 10)
    assert np.allclose(values[inside], dense[inside], rtol=0.15)
    assert legend["masked"] != legend["zero"] != legend["nan"]
    assert legend["unsigned"][legend["masked"]] is None and legend["unsigned"][legend["zero"]] == 0


def test_a_browser_that_has_the_tile_is_not_sent_it_again():
    first = ask("/tile", **TILE)
    assert "max-age" in first.headers["cache-control"]
    again = ask("/tile", {"If-None-Match": first.headers["etag"]}, **TILE)
    assert (again.status, again.body) == (304, b"")
    other = ask("/tile", {"If-None-Match": first.headers["etag"]}, **TILE | {"head": 0})
    assert other.status == 200 and other.headers["etag"] != first.headers["etag"]


def test_what_is_said_twice_is_refused():
    answer = ask("/cell", view=VIEW, head=1, i=[17, 18], j=20)
    assert answer.status == 400 and answer.json["error"] == "'i' is given 2 times, once is allowed"


def test_a_cell_is_exact():
    answer = ask("/cell", view=VIEW, head=1, i=17, j=20)
    both, source = sides(VIEW), load_source(SourceSpec.from_json(DRAWN))
    dot = (source.q[0, 1, 17] @ source.k[0, 1, 20]).item()
    exact, method = (
        view.block(ALL, ALL)[0, 1, 17, 20].item() for view in (both.exact, both.method)
    )
    found = answer.json
    numbers = {
        "dot": dot,
        "score": dot / 8,
        "exact": exact,
        "method": method,
        "difference": method - exact,
    }
    assert {name: found.pop(name) for name in numbers} == pytest.approx(numbers, rel=1e-5)
    assert found == {"i": 17, "j": 20, "query": None, "key": None, "masked": False}
    assert ask("/cell", view=VIEW, head=1, i=17, j=200).json["masked"] is True
    assert ask("/cell", view={"source": DRAWN}, head=0, i=0, j=0).json["method"] is None


def test_a_cell_of_a_text_names_its_tokens():
    source = {"kind": "text", "text": "The red house is big."}
    found = ask("/cell", view={"source": source}, head=0, i=1, j=0).json
    labels = load_source(SourceSpec.from_json(source)).query_labels
    assert (found["query"], found["key"]) == (labels[1], labels[0])


def long_view(words: int, **source) -> ViewSpec:
    """Of a text that no address has room for."""
    text = {"kind": "text", "text": "Большой дом. " * words, "length": 40, **source}
    return ViewSpec.from_json({"source": text, "method": "longformer"})


def test_a_view_of_a_long_text_goes_by_a_short_name():
    spec = long_view(1_500)
    name = told_views.address(spec)
    assert len(name) < 60 and len(quote_plus(json.dumps(spec.to_json()))) > 60_000
    for path, place in (
        ("/tile", {key: TILE[key] for key in TILE if key != "view"} | {"col": 0}),
        ("/cell", {"head": 0, "i": 3, "j": 1}),
        ("/map/state", {}),
    ):
        short, full = (ask(path, view=view, **place) for view in (name, spec.to_json()))
        assert (short.status, short.body) == (200, full.body)
        assert short.headers.get("etag") == full.headers.get("etag")


def test_a_view_that_fits_stands_in_its_address():
    before = len(told_views._told.known)
    spec = ViewSpec.from_json(VIEW)
    assert ViewSpec.from_json(json.loads(told_views.address(spec))) == spec
    assert len(told_views._told.known) == before


def test_names_are_forgotten_when_others_are_told_and_never_those_in_use():
    first, used = long_view(200, seed=1), long_view(200, seed=2)
    names = [told_views.address(one) for one in (first, used)]
    for seed in range(told_views.MOST):
        told_views.address(long_view(200, seed=10 + seed))
        view_of({"view": names[1]})
    assert len(told_views._told.known) == told_views.MOST
    assert view_of({"view": names[1]}) == used
    answer = ask("/map/state", view=names[0])
    assert (answer.status, answer.json["error"]) == (
        404, "this view is no longer known to the server: reload the page",
    )  # fmt: skip


def test_state_says_how_large_the_matrices_are():
    assert ask("/map/state", view=VIEW).json == {
        "ready": True, "needs_overview": False, "levels": 2, "queries": 300, "keys": 300, "heads": 2,
        "run": None, "state": None, "progress": None, "eta": None,
    }  # fmt: skip


def test_coarse_levels_of_what_is_large_wait_for_an_overview(monkeypatch):
    monkeypatch.setattr(overview, "ON_THE_SPOT", 2**20)
    large = {"source": {"kind": "synthetic", "length": 4100}, "method": "performer"}
    found = ask("/map/state", view=large).json
    assert (found["ready"], found["needs_overview"], found["run"]) == (False, True, None)
    refused = ask(
        "/tile", **TILE | {"view": large, "head": 0, "level": 4, "col": 0, "reduce": "max"}
    )
    assert refused.status == 409 and "needs an overview" in refused.json["error"]
    # Means of factors need none, and neither do the finer levels.
    for change in ({"reduce": "mean", "level": 5}, {"reduce": "max", "level": 0}):
        assert ask("/tile", **TILE | {"view": large, "head": 0, "col": 0} | change).status == 200


def test_what_is_a_little_large_is_surveyed_while_the_reader_waits():
    view = {"source": {"kind": "synthetic", "length": 2100}, "method": "longformer"}
    answer = ask(
        "/tile", **TILE | {"view": view, "head": 0, "level": 4, "col": 0, "side": "exact"}
    )
    dense = sides(view).exact.block(ALL, ALL)[0, 0].double()
    rows = torch.stack([part.mean(0) for part in dense.split(16)])
    expected = torch.stack([part.mean(1) for part in rows.split(16, 1)], 1)
    found = pixels(answer).astype(int)
    assert abs(found - codes.encode(expected, None, False).astype(int)).max() <= 1


HOSTILE = [
    ({"level": 9}, 404, "level must be from 0 to 1 here, got 9"),
    ({"row": -1}, 404, "row must be from 0 to 1"),
    ({"col": 10**9}, 404, "col must be from 0 to 1 here, got 1,000,000,000"),
    ({"head": 2}, 404, "head must be from 0 to 1"),
    ({"head": "NaN"}, 400, "head must be a whole number, got 'NaN'"),
    ({"row": "1e9"}, 400, "row must be a whole number"),
    ({"col": "9" * 5_000}, 400, "col must be a whole number"),
    ({"side": "left"}, 400, "side must be one of exact, method, error, got 'left'"),
    ({"side": "exact,left"}, 400, "side must be one of exact, method, error, got 'left'"),
    ({"side": "exact,exact"}, 400, "side names exact twice"),
    ({"side": ",".join(["exact"] * 9_000)}, 400, "side names exact twice"),
    ({"reduce": "sum"}, 400, "reduce must be one of mean, max"),
    ({"strange": 1}, 400, "unknown parameter 'strange'"),
    ({"view": "{"}, 400, "view must be JSON"),
    ({"view": "[" * 100_000}, 400, "view must be JSON"),
    ({"view": '{"source": {"spread": NaN}}'}, 400, "view must be JSON"),
    ({"view": "x" * 300_000}, 413, "view has 300,000 characters"),
    ({"view": []}, 400, "settings must be an object"),
    ({"view": {"souce": {}}}, 400, "unknown setting 'souce'"),
    ({"view": {"source": DRAWN | {"length": 10**9}}}, 400, "length must be a whole number"),
    ({"view": {"source": DRAWN | {"length": True}}}, 400, "length must be a whole number"),
    ({"view": {"source": {"model": "../../etc/passwd"}}}, 400, "model must be 'shipped' or"),
    ({"view": {"source": {"model": "x" * 19_000}}}, 400, "model must be 'shipped' or"),
    ({"view": {"source": {"layer": 99}}}, 400, "layer must be from 0 to 1"),
    ({"view": {"source": DRAWN, "method": "nonsense" * 500}}, 400, "unknown attention method"),
    ({"view": {"source": DRAWN, "method": ["softmax"]}}, 400, "method must be the name of one"),
    ({"view": {"source": DRAWN, "method": "ssd"}}, 400, "ssd: the encoder role"),
    ({"view": {"source": DRAWN, "method": "performer", "params": {"features": 60_000}}}, 413, "features=60,000"),
    ({"view": {"source": DRAWN, "method": "performer", "params": {"features": 2**40}}}, 400, "features must be"),
    ({"view": {"source": DRAWN, "method": "nystromformer", "params": {"iterations": 60_000}}}, 413, "iterations"),
    ({"view": {"source": DRAWN, "method": "longformer", "params": [1]}}, 400, "params must be an object"),
    ({"view": {"source": DRAWN}, "side": "error"}, 400, "side error needs a method"),
    ({"view": {"ref": "0123456789abcdef"}}, 404, "reload the page"),
    ({"view": {"ref": "../../etc/passwd"}}, 400, "ref must stand alone"),
    ({"view": {"ref": "0123456789abcdef\n"}}, 400, "ref must stand alone"),
    ({"view": {"ref": "٠" * 16}}, 400, "ref must stand alone"),
    ({"view": {"ref": "a" * 100_000}}, 400, "ref must stand alone"),
    ({"view": {"ref": ""}}, 400, "ref must stand alone"),
    ({"view": {"ref": None}}, 400, "ref must stand alone"),
    ({"view": {"ref": ["0123456789abcdef"]}}, 400, "ref must stand alone"),
    ({"view": {"ref": {"ref": "0123456789abcdef"}}}, 400, "ref must stand alone"),
    ({"view": {"ref": "0123456789abcdef", "source": DRAWN}}, 400, "ref must stand alone"),
    ({"view": '"ref"'}, 400, "settings must be an object"),
    ({"view": ["ref"]}, 400, "settings must be an object"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "status", "said"), HOSTILE)
def test_what_cannot_be_had_is_refused_in_a_sentence(change, status, said):
    answer = ask("/tile", **TILE | change)
    assert answer.status == status, answer.body
    assert said in answer.json["error"]
    assert len(answer.json["error"]) < 500 and "\n" not in answer.json["error"]


@pytest.mark.parametrize("path", ["/tile", "/cell", "/map/state"])
def test_an_address_without_a_view_is_refused(path):
    answer = ask(path)
    assert answer.status == 400
    assert answer.json["error"].startswith("view is missing")


def test_a_failure_of_ours_shows_no_traceback(monkeypatch):
    monkeypatch.setattr("dashboard.services.tiles.legend", lambda: 1 / 0)
    answer = ask("/tile/legend")
    assert answer.status == 500
    assert answer.json == {"error": "unforeseen ZeroDivisionError; the server's log says where"}


LONG = {"kind": "synthetic", "length": 65_536}
TOO_MUCH = [
    ("longformer", {"window": 65_536, "global_tokens": 65_536}, "window=65,536, global_tokens=65,536"),
    ("reformer", {"rounds": 1_000, "bucket": 1}, "rounds=1,000 with bucket=1"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "params", "said"), TOO_MUCH)
@pytest.mark.parametrize(
    ("path", "place"),
    [("/map/state", {}), ("/cell", {"head": 0, "i": 0, "j": 0}), ("/tile", {"head": 0, "col": 0})],
)
def test_a_view_that_takes_too_much_is_refused_on_every_route(
    method, params, said, path, place, monkeypatch
):
    monkeypatch.setattr("attn_core.contract.AttentionOp.view", None)
    asked = (TILE if path == "/tile" else {}) | place
    answer = ask(path, **asked | {"view": {"source": LONG, "method": method, "params": params}})
    assert answer.status == 413 and said in answer.json["error"]


@pytest.mark.parametrize(
    "problem", [MemoryError(), RuntimeError("DefaultCPUAllocator: can't allocate memory: …")]
)
@pytest.mark.parametrize("place", ["cell", "Built.head"])
def test_too_little_memory_is_said_wherever_it_is_met(place, problem, monkeypatch):
    def fail(*_args):
        raise problem

    where = "tiles.cell" if place == "cell" else "built_views.Built.head"
    monkeypatch.setattr(f"dashboard.services.{where}", fail)
    answer = ask("/cell", view=VIEW, head=1, i=1, j=1)
    assert answer.status == 413
    assert answer.json == {"error": "there is not enough memory for this"}


def test_while_views_are_built_that_take_long_others_are_answered(monkeypatch):
    build, begun, done = built_views.Built, Event(), Event()

    def slowly(spec):
        if spec.params.get("window") == 8:
            begun.set()
            assert done.wait(60)
        return build(spec)

    known, quick = {"source": DRAWN}, VIEW | {"params": {"window": 1, "global_tokens": 0}}
    assert ask("/map/state", view=known).status == 200
    monkeypatch.setattr(built_views, "Built", slowly)
    monkeypatch.setattr(built_views, "QUICK", 2**20)
    with ThreadPoolExecutor(8) as readers:
        # More of them than the routes have threads.
        waiting = [readers.submit(ask, "/map/state", view=VIEW) for _ in range(5)]
        try:
            assert begun.wait(30)
            for view, status in ((known, 200), (quick, 200), ({"source": {"layer": 99}}, 400)):
                asked = readers.submit(ask, "/cell", view=view, head=0, i=0, j=0)
                assert asked.result(30).status == status
            assert not any(one.done() for one in waiting)
        finally:
            done.set()
        assert [one.result(30).status for one in waiting] == [200] * 5


def test_few_views_are_kept_and_built_once(monkeypatch):
    made, build = [], built_views.Built
    monkeypatch.setattr(built_views, "Built", lambda spec: made.append(spec) or build(spec))
    for seed in (*range(6), 5):
        view = {"source": DRAWN | {"seed": seed}}
        assert ask("/tile", **TILE | {"view": view, "side": "exact"}).status == 200
    assert len(made) == 6
    assert len(built_views._known.known) == built_views.MOST


def test_the_app_mounts_the_routes():
    path = Path(__file__).parents[2] / "dashboard" / "app.py"
    spec = importlib.util.spec_from_file_location("entry", path)
    entry = importlib.util.module_from_spec(spec)
    before = list(sys.path)
    try:
        spec.loader.exec_module(entry)
    finally:
        sys.path[:] = before
    assert {"/tile", "/tile/legend", "/cell", "/map/state"} == {route.path for route in ROUTES}
    assert all(route in entry.app._user_routes for route in ROUTES)
