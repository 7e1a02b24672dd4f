"""Errors from sampled rows: with all rows they are those of a whole comparison; draws give an interval; a source that
cannot be so long says so once."""

from itertools import pairwise
from typing import Any

import pytest
import torch

from attn_core.contract import Dims
from attn_core.fidelity.comparison import compare
from attn_core.methods import get_method
from attn_core.sources import SourceSpec, load_source
from attn_core.timing.process import Alive
from attn_core.timing.spec import Choice
from attn_core.tradeoff import fidelity
from attn_core.tradeoff.fidelity import measure_fidelity
from attn_core.tradeoff.fidelity_rows import Drawn
from attn_core.tradeoff.sampled import METRICS, Sampled, strips
from attn_core.tradeoff.spec import StudySpec

SPEC = StudySpec(
    lengths=(64,), sources=("synthetic local",), draws=3, rows=16, heads=2, head_dim=16
)
SOURCE = load_source(
    SourceSpec("synthetic", length=64, heads=2, head_dim=16, structure="gaussian")
)


def operator(name: str):
    return get_method(name).build(Dims(2, 16, 64, 64))


@pytest.mark.parametrize(
    "name", ["softmax", "flash", "linformer", "performer", "longformer", "reformer"]
)
def test_of_all_rows_it_is_what_a_whole_comparison_finds(name):
    op = operator(name)
    found, _ = Sampled(SOURCE, 64, 0).compare(op)
    with torch.no_grad():
        report = compare(op, SOURCE.q, SOURCE.k, SOURCE.v, top_k=8, spectrum_entries=0)
    assert found["output_error"] == pytest.approx(float(report.output_error.value))
    assert found["top_k_recall"] == pytest.approx(
        float(report.top_k_recall.value.mean()), abs=0.01
    )
    if found["row_kl"] is not None:
        assert found["row_kl"] == pytest.approx(float(report.kl.value.mean()), rel=1e-5, abs=1e-6)
    assert (found["lost_mass"] is None) == (report.lost_mass.value is None)


def test_what_has_no_meaning_is_none_with_a_reason():
    for name, metric in (
        ("linformer", "row_kl"),
        ("longformer", "row_kl"),
        ("flash", "lost_mass"),
    ):
        params = {"window": 4} if name == "longformer" else {}
        op = get_method(name).build(Dims(2, 16, 64, 64), **params)
        found, message = Sampled(SOURCE, 16, 0).compare(op)
        assert found[metric] is None and metric in message


def test_strips_are_spread_and_within_the_text():
    for length, rows in ((3, 16), (64, 16), (1000, 64), (65_536, 64)):
        found = strips(length, rows, 1)
        assert all(0 <= part.start < part.stop <= length for part in found)
        assert sum(part.stop - part.start for part in found) <= max(rows, 4)
        assert all(a.stop <= b.start for a, b in pairwise(found))


@pytest.fixture
def here(monkeypatch):
    """The child's work in this process; it may be lost over a choice."""
    lost: list[str] = []

    def run_child(work, *arguments, name, receive, stop):
        from attn_core.timing.process import End

        class Gone(BaseException):
            pass

        def send(message):
            receive(message)
            if isinstance(message, Alive) and any(message.doing.startswith(one) for one in lost):
                raise Gone

        try:
            work(send, *arguments)
        except Gone:
            return End("oom", "killed")
        return End()

    monkeypatch.setattr(fidelity, "run_child", run_child)
    return lost


def measured(
    spec: StudySpec, choices: list[Choice], finished: tuple[str, ...] = ()
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    measure_fidelity(
        spec,
        spec.lengths[0],
        choices,
        finished=finished,
        emit=found.__setitem__,
        stop=lambda: False,
    )
    return found


def test_a_row_has_the_median_and_the_range_of_its_draws(here):
    rows = measured(SPEC, [Choice("flash"), Choice("performer"), Choice("ssd")])
    row = rows["performer @ 64 on synthetic local"]
    assert row["outcome"] == "ok" and (row["draws"], row["rows"]) == (3, 16)
    assert row["output_error_low"] < row["output_error"] < row["output_error_high"]
    assert rows["flash @ 64 on synthetic local"]["output_error"] < 1e-5
    refused = rows["ssd @ 64 on synthetic local"]
    assert refused["outcome"] == "unsupported" and refused["message"].startswith(
        "ssd: the encoder"
    )
    assert all(refused[metric] is None for metric in METRICS)
    assert set(row) == set(refused)


def test_what_kills_its_child_is_a_row_and_the_others_are_tried_without_it(here):
    here.append("performer")
    rows = measured(SPEC, [Choice("performer"), Choice("flash")])
    assert rows["performer @ 64 on synthetic local"]["outcome"] == "oom"
    assert rows["flash @ 64 on synthetic local"]["outcome"] == "ok"


def test_what_is_finished_is_not_compared_again(here):
    rows = measured(
        SPEC, [Choice("performer"), Choice("flash")], ("flash @ 64 on synthetic local",)
    )
    assert list(rows) == ["performer @ 64 on synthetic local"]


def test_a_source_that_cannot_be_so_long_says_so_once(here, monkeypatch):
    spec = StudySpec(lengths=(16_384,), sources=("teacher layer 0",), draws=1)
    rows = measured(spec, [Choice("flash"), Choice("performer")])
    assert [row["outcome"] for row in rows.values()] == ["unsupported"]
    assert "8,192" in next(iter(rows.values()))["message"]


def test_a_metric_that_one_draw_lacks_has_no_value():
    values = dict.fromkeys(METRICS, 0.5)
    draws = [
        Drawn("synthetic local", "flash", {}, "", 2, 16, 64, 16, given, "why" if given["row_kl"] is None else "")
        for given in (values, values | {"row_kl": None})
    ]  # fmt: skip
    row = fidelity.row_of(SPEC, 64, Choice("flash"), draws)
    assert row["row_kl"] is None and row["row_kl_low"] is None and row["message"] == "why"
    assert row["output_error"] == 0.5
