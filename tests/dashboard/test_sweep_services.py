"""What the Speed page asks for: sweeps from forms, estimates from earlier rates, and sentences from planted rows."""

import pytest

from attn_core import METHODS, jobs
from attn_core.environment import Environment, Gpu
from attn_core.store import Store
from attn_core.timing.preflight import Plan, PlannedCell
from attn_core.timing.scaling import Crossover
from dashboard.figures.amounts import amount, digits, duration
from dashboard.services import findings, sweeps
from dashboard.services.kept import Kept
from dashboard.services.sweep_form import (
    Form,
    devices,
    dtypes,
    lengths_line,
    method_presets,
    spec_of,
    written_lengths,
)
from tests.dashboard.planted import LENGTHS, a_spec, rows_of
from tests.stored_runs import LAPTOP, SERVER, store_run

SPEC = a_spec()


@pytest.fixture
def store(tmp_path, monkeypatch) -> Store:
    monkeypatch.setenv("ATTN_CORE_HOME", str(tmp_path))
    return Store()


def found(outcomes=None, methods=tuple(SPEC.methods)) -> sweeps.Results:
    spec = a_spec(tuple(choice.method for choice in methods))
    return sweeps.derived("", "", "here", spec.to_json(), {}, rows_of(spec, outcomes), [])


def test_a_form_becomes_a_sweep():
    spec = spec_of(
        Form(["flash", "multiscale"], ["512", "1,024"], role="cross", keys="300", threads=2,
             params={"multiscale": {"scales": "1, 2", "window": 8}}, which="forward+backward")
    )  # fmt: skip
    assert [choice.label for choice in spec.methods] == [
        "flash",
        "multiscale scales=(1, 2) window=8",
    ]
    assert (spec.lengths, spec.keys, spec.threads, spec.which) == (
        (512, 1024), 300, 2, "forward+backward",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("form", "words"),
    [
        (Form(methods=[]), "at least one method"),
        (Form(lengths=[]), "at least one length"),
        (Form(lengths=["ten"]), "length must be a whole number from 1 to 1,048,576, got 'ten'"),
        (Form(role="cross", keys="0"), "keys must be a whole number"),
        (Form(heads=0), "heads must be"),
        (Form(seconds=1e9), "seconds per cell must be from 0.05 to 60"),
        (Form(dtype="float16"), "dtype must be one of float32, bfloat16, float64"),
        (Form(["longformer"], params={"longformer": {"window": -1}}), "window must be"),
    ],
)
def test_a_form_that_is_no_sweep_is_refused_in_a_sentence(form, words):
    with pytest.raises(ValueError, match=words.replace("(", r"\(")):
        spec_of(form)


def test_presets_hold_every_method_and_what_it_is_held_against():
    presets = method_presets()
    assert presets["All"] == tuple(METHODS)
    assert {"softmax", "flash", "performer"} <= set(presets["Kernel"])
    assert set(presets["Exact"]) == {"softmax", "flash"}


def test_lengths_are_read_as_people_write_them():
    assert written_lengths("1000, 3000;5_000  7") == ["1000", "3000", "5_000", "7"]
    assert lengths_line(["4096", "512"]) == "512 … 4,096"
    assert lengths_line(["x"]) == "none"


def test_cuda_is_offered_where_the_driver_names_a_gpu():
    assert devices(LAPTOP) == ("cpu",)
    assert devices(Environment(**{**vars(LAPTOP), "gpus": (Gpu("H200", 1),)})) == ("cpu", "cuda")
    assert devices(SERVER) == ("cpu", "cuda")
    assert "float16" in dtypes("cuda")
    assert "float16" not in dtypes("cpu")


def test_an_estimate_takes_the_rates_of_an_earlier_sweep_like_it(store, monkeypatch):
    def rows(flops):
        return [
            row | {"gemm_flops_per_s": flops, "copy_bytes_per_s": 1e10} for row in rows_of(SPEC)
        ]

    for flops in (1e13, 1e9):
        run_id = store.create_run("sweep", SPEC.to_json())
        for row in rows(flops):
            store.append(run_id, f"{row['label']} @ {row['queries']}", "cell", row)
        rates = sweeps.earlier_rates(store, SPEC)
        assert rates is not None
        assert rates.gemm_flops_per_s == flops
    assert sweeps.earlier_rates(store, a_spec(dtype="bfloat16")) is None
    slow = sweeps.planned(SPEC, LAPTOP, store).seconds
    assert slow > sweeps.planned(SPEC, LAPTOP).seconds


def test_results_are_read_again_only_when_the_run_has_changed(store):
    run_id = store_run(store, cells=2)
    first = sweeps.results(store, store.run(run_id), None)
    assert sweeps.results(store, store.run(run_id), None) is first
    row = rows_of(SPEC)[-1]
    store.append(run_id, "new", "cell", row)
    assert len(sweeps.results(store, store.run(run_id), None).rows) == 3


def test_only_what_was_begun_here_and_not_finished_can_be_resumed(store, monkeypatch):
    monkeypatch.setattr(jobs.submit, "ensure_worker", lambda _store: None)
    run_id = sweeps.start(store, SPEC).id
    assert not sweeps.can_resume(store.run(run_id))
    sweeps.cancel(store, run_id)
    assert sweeps.can_resume(store.run(run_id))
    assert not sweeps.can_resume(store.run(store_run(store)))


def test_a_folder_that_cannot_be_written_is_named(tmp_path, monkeypatch):
    assert sweeps.cannot_write(tmp_path / "not" / "there") is None
    monkeypatch.setattr(sweeps.os, "access", lambda *_: False)
    assert str(tmp_path) in (sweeps.cannot_write(tmp_path / "not" / "there") or "")


def test_the_fastest_at_the_longest_length_is_named():
    words = findings.fastest(rows_of(SPEC))
    assert words == (
        "At N = 8,192 Linformer takes 24.6 ms, the fastest here: 5.46× as fast as FlashAttention and "
        "16.4× as fast as Softmax."
    )


def test_nothing_is_called_the_fastest_on_the_strength_of_noise():
    rows = [dict(row) for row in rows_of(SPEC)]
    best = next(r for r in rows if (r["label"], r["queries"]) == ("linformer", 8192))
    best["p80_s"] = best["ci_high_s"] = 10.0
    words = findings.fastest(rows)
    assert "fastest" not in words and "do not tell it from" in words


def test_a_win_at_short_lengths_alone_is_said_as_that():
    lost = Crossover(1024.0, None, None, "only shorter", 8192)
    assert (
        findings.passing({"softmax": lost})
        == "Faster than FlashAttention only up to N = 1,024: Softmax."
    )


def test_a_length_that_one_method_finished_alone_says_nothing_about_speed():
    alone = {cell.key: ("oom", "") for cell in SPEC.cells
             if cell.queries == 8192 and cell.choice.method != "flash"}  # fmt: skip
    assert "At N = 4,096 Linformer" in findings.fastest(rows_of(SPEC, alone))


def test_crossovers_are_said_in_order_of_length():
    words = findings.passing(found().crossovers["flash"])
    assert words.startswith(
        "Faster than FlashAttention: Linformer from about N = 1,500, Longformer from"
    )
    assert words.endswith("Not faster than FlashAttention at any length measured: Softmax.")


def test_what_has_no_number_is_said_by_method():
    outcomes = {f"linformer @ {n}": ("unsupported", "no such role") for n in LENGTHS}
    outcomes |= {"softmax @ 4096": ("timeout", ""), "softmax @ 8192": ("oom", "")}
    words = findings.missing(rows_of(SPEC, outcomes))
    assert "Not supported at any length: Linformer." in words
    assert "Does not fit in memory: Softmax at 8,192." in words
    assert "Too slow for one call: Softmax at 4,096." in words


def test_many_failures_are_counted():
    outcomes = {cell.key: ("oom" if cell.queries > 4096 else "timeout", "") for cell in SPEC.cells
                if cell.queries > 2048}  # fmt: skip
    assert (
        findings.missing(rows_of(SPEC, outcomes)) == "10 cells have no number; the table says why."
    )


def test_nothing_is_said_of_no_rows():
    assert findings.sentences(sweeps.derived("", "", "here", {}, {}, [], [])) == ""


def test_what_cannot_run_is_grouped_by_its_reason():
    cells = [
        PlannedCell(cell, cell.choice.method != "softmax", "needs 64 GiB", 1.0, 2**20)
        for cell in SPEC.cells
    ]
    plan = Plan(cells, 75.0, 3 * 2**30)
    assert findings.blocked(plan) == [("Softmax", list(LENGTHS), "needs 64 GiB")]
    assert findings.blocked_line(plan) == "5 cannot run: Softmax"
    assert findings.plan_line(plan) == "20 cells, about 1 min 15 s, at most 3.00 GiB"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0, "0"),
        (0.01234, "0.0123"),
        (1.0666, "1.07"),
        (10.66, "10.7"),
        (106.6, "107"),
        (9999, "9,999"),
    ],
)
def test_numbers_have_three_digits_and_no_exponent(value, words):
    assert digits(value) == words


def test_amounts_carry_their_units():
    said = [amount("time", 0.00002), amount("memory", 3 * 2**20), amount("tokens", 2.5e6),
            amount("roofline", 0.25), amount("speedup", 2)]  # fmt: skip
    assert said == ["20.0 µs", "3.00 MiB", "2.50 M tokens/s", "25.0%", "2.00×"]
    assert [duration(s) for s in (0.2, 80, 700, 7500)] == [
        "1 s",
        "1 min 20 s",
        "12 min",
        "2 h 5 min",
    ]


def test_an_answer_is_worked_out_once_and_the_oldest_is_let_go():
    asked = []
    kept: Kept[int] = Kept(2)
    for key in (1, 2, 1, 3, 1, 2):
        kept.get(key, lambda key=key: asked.append(key) or key)
    assert asked == [1, 2, 3, 2]
