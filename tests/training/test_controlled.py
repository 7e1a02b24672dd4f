"""The controlled experiment: the same numbers twice, also when it was killed; fair budgets; refusals as outcomes."""

from __future__ import annotations

from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sacrebleu
import torch

from attn_core.corpus.document import Document
from attn_core.corpus.packing import pack
from attn_core.corpus.shipped import shipped
from attn_core.corpus.tokenizer import shipped_tokenizer
from attn_core.model.decoding import END
from attn_core.model.seq2seq import Seq2Seq
from attn_core.timing.spec import Choice
from attn_core.training import checkpoint, intervals, material
from attn_core.training.controlled import curriculum, examiner, speed
from attn_core.training.controlled import fit as fitting
from attn_core.training.controlled.judge import agreement, judge, states
from attn_core.training.controlled.plan import config_of
from attn_core.training.controlled.translate import scores
from attn_core.training.material import Material, Rows, batches
from attn_core.training.optimiser import Optimiser, share
from attn_core.training.run import run_figure_z
from attn_core.training.spec import FigureZSpec

TINY = FigureZSpec(
    methods=(Choice("linformer", {"rank": 8}),),
    length=48,
    lengths=(48, 96),
    width=16,
    heads=2,
    layers=1,
    batch=2,
    teacher_steps=24,
    transfer_steps=12,
    student_steps=12,
    learning_rate=1e-2,
)


class Killed(BaseException):
    """As a signal ends a process: nothing after it runs."""


class Collector:
    """Takes rows as the store does: the first under a key stays."""

    def __init__(self, kill_after: int | None = None) -> None:
        self.rows: dict[str, dict[str, dict[str, Any]]] = {}
        self.left = kill_after

    def __call__(self, kind: str, key: str, row: dict[str, Any]) -> None:
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                raise Killed
        self.rows.setdefault(kind, {}).setdefault(key, row)

    def numbers(self) -> dict[str, Any]:
        """What must come out the same; times and what hangs on them do not."""
        timed = ("forward_s", "train_forward_backward_s", "peak_bytes", "decode_tokens_per_s")
        cells = {
            key: (row["value"], row["low"], row["high"], row["outcome"])
            for key, row in self.rows["cell"].items()
            if row["metric"] not in timed
        }
        curves = {key: (row["loss"], row["val_ce"]) for key, row in self.rows["curve"].items()}
        texts = {key: row["text"] for key, row in self.rows["sample"].items()}
        return cells | curves | texts


@pytest.fixture(autouse=True)
def small(monkeypatch):
    make_small(monkeypatch)


@cache
def few_documents() -> list[Document]:
    return shipped()[:40]


def make_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Little of everything; and timing stands in, since it is another part's business."""
    monkeypatch.setattr(material, "shipped", few_documents)
    monkeypatch.setattr(material, "JUDGED_TOKENS", 400)
    monkeypatch.setattr(material, "JUDGED_ROWS", 4)
    monkeypatch.setattr(material, "CHOSEN_ROWS", 2)
    monkeypatch.setattr(examiner, "TRANSLATED", 2)
    monkeypatch.setattr(curriculum, "SHORTEST", 12)
    monkeypatch.setattr(fitting, "LOG_EVERY", 3)
    monkeypatch.setattr(fitting, "CHECKPOINT_S", 0.0)
    for name in ("times", "decoding"):
        monkeypatch.setattr(
            speed, name, lambda models, *rest: {name: speed.Cost("ok", "", 1.0) for name in models}
        )
    monkeypatch.setattr(speed, "peak", lambda *rest: speed.Cost("ok", "", 1))


def run(spec: FigureZSpec, folder: Path, collector: Collector, stop: Any = lambda: False) -> bool:
    finished = set(collector.rows.get("cell", {}))
    return run_figure_z(
        spec, finished=finished, emit=collector, progress=lambda told: None, stop=stop, checkpoints=folder
    )  # fmt: skip


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Collector:
    with pytest.MonkeyPatch.context() as patched:
        make_small(patched)
        collector = Collector()
        assert run(TINY, tmp_path_factory.mktemp("whole"), collector)
    return collector


def cells(collector: Collector, **wanted: Any) -> list[dict[str, Any]]:
    rows = collector.rows["cell"].values()
    return [row for row in rows if all(row[name] == value for name, value in wanted.items())]


@pytest.mark.parametrize("after", [3, 20, 40, 60, 75, 95])
def test_a_run_killed_at_any_row_reaches_the_same_numbers(after, whole, tmp_path):
    collector = Collector(kill_after=after)
    with pytest.raises(Killed):
        run(TINY, tmp_path, collector)
    collector.left = None
    assert run(TINY, tmp_path, collector)
    assert collector.numbers() == whole.numbers()


def test_a_run_told_to_stop_again_and_again_reaches_the_same_numbers(whole, tmp_path):
    """Each time after a little more patience, in whatever it is doing then."""
    collector = Collector()
    for patience in range(1, 2000, 61):
        asked = iter(range(patience))
        if run(TINY, tmp_path, collector, lambda asked=asked: next(asked, None) is None):
            break
    assert collector.numbers() == whole.numbers()


def test_every_model_has_every_number(whole):
    for method, student in (
        ("flash", "teacher"), ("flash", "distilled"), ("linformer rank=8", "drop-in"),
        ("linformer rank=8", "distilled"), ("identity", "identity"),
    ):  # fmt: skip
        found = {(r["metric"], r["length"]) for r in cells(whole, method=method, student=student)}
        wanted = {("val_ce", 48), ("token_accuracy", 48), ("chrf", 48), ("bleu", 48),
                  ("val_ce", 96), ("token_accuracy", 96), ("generalization", 96)}  # fmt: skip
        wanted |= set() if student == "teacher" else {("kl_to_teacher", 48)}
        assert wanted <= found, method


def test_decoding_is_timed_once_an_architecture_at_the_trained_length(whole):
    """A drop-in computes what its distilled student does, and the teacher what the exact one does."""
    found = [
        (r["method"], r["student"], r["length"])
        for r in cells(whole, metric="decode_tokens_per_s")
    ]
    assert found == [
        ("flash", "distilled", 48), ("linformer rank=8", "distilled", 48), ("identity", "identity", 48),
    ]  # fmt: skip


def test_decoding_speed_is_of_as_many_tokens_whatever_is_decoded(monkeypatch):
    """A model that ends at once and one that never does take the same steps, warmed up and in turn."""
    steps: list[str] = []
    monkeypatch.undo()
    monkeypatch.setattr(speed, "SECONDS", 0.01)
    models = {name: Seq2Seq(config_of(TINY, 20)).eval() for name in ("ends", "goes on")}
    for name, model in models.items():
        token = END if name == "ends" else END + 5
        monkeypatch.setattr(
            model,
            "logits",
            lambda states, at=token: torch.eye(20)[at].expand(*states.shape[:-1], 20),
        )
        step = model.decoder_norm.forward
        monkeypatch.setattr(
            model.decoder_norm,
            "forward",
            lambda x, n=name, step=step: (steps.append(n), step(x))[1],
        )
    found = speed.decoding(models, TINY.length, "cpu", lambda: False)
    turns = [(name, len(list(same))) for name, same in groupby(steps)]
    assert all(taken % speed.DECODED == 0 for _, taken in turns)
    passes = {n: sum(taken for name, taken in turns if name == n) / speed.DECODED for n in models}
    assert len(turns) > 2, "not in turn"
    for name, one in found.items():
        assert one.outcome == "ok"
        assert one.value is not None and one.low is not None and one.high is not None
        assert 0 < one.low <= one.value <= one.high
        count = int(one.message.split("median of ")[1].split()[0])
        # Beside the timed passes: one that may be refused, and at least one of warm-up.
        assert count >= 3 and passes[name] >= count + 2


def test_a_refused_length_is_an_outcome_and_never_a_number(whole):
    refused = cells(whole, method="linformer rank=8", student="distilled", length=96)
    of_quality = [
        row for row in refused if row["metric"] in ("val_ce", "token_accuracy", "generalization")
    ]
    assert len(of_quality) == 3
    for row in of_quality:
        assert row["outcome"] == "unsupported"
        assert row["value"] is None
        assert "96" in row["message"]


def test_the_exact_student_starts_as_its_teacher(whole):
    """Next to nothing is left to transfer: its attention is the teacher's own."""
    first = {
        row["method"]: row["loss"]
        for row in reversed(whole.rows["curve"].values())
        if row["stage"] == "transfer"
    }
    assert first["flash"] < 0.01 * first["linformer rank=8"]


def test_roles_say_where_exact_attention_stands_in(whole):
    roles = whole.rows["role"]["role linformer rank=8"]
    assert (roles["encoder"], roles["decoder"], roles["cross"]) == (
        "linformer",
        "flash",
        "linformer",
    )


def test_no_document_is_in_two_splits():
    found = Material(TINY)
    parts = [
        {pair for document in part for pair in document.pairs}
        for part in (found._train, found._choose, found._judge)
    ]
    assert not (parts[0] & parts[1] or parts[0] & parts[2] or parts[1] & parts[2])


def test_batches_are_all_rows_once_a_turn_and_can_be_begun_anywhere():
    whole_way = list(batches(10, 3, seed=5, first=0, last=9))
    turn = [row for batch in whole_way[:3] for row in batch]
    assert turn != sorted(turn)
    assert len(set(turn)) == 9
    assert list(batches(10, 3, seed=5, first=4, last=9)) == whole_way[4:]
    assert list(batches(2, 8, seed=0, first=0, last=1)) in ([[0, 1]], [[1, 0]])


def test_the_optimiser_goes_on_as_if_it_had_never_stopped():
    def model() -> Seq2Seq:
        return Seq2Seq(config_of(TINY, 50))

    def step(one: Seq2Seq, moves: Optimiser, number: int) -> None:
        tokens = torch.full((1, 8), 3 + number)
        one(tokens, tokens).square().sum().backward()
        moves.step(number)

    straight = model()
    moves = Optimiser(straight, 0.01, 6)
    for number in range(6):
        step(straight, moves, number)
    halted = model()
    moves = Optimiser(halted, 0.01, 6)
    for number in range(3):
        step(halted, moves, number)
    kept = {name: x.clone() for name, x in moves.state().items()}
    resumed = model()
    resumed.load_state_dict(halted.state_dict())
    moves = Optimiser(resumed, 0.01, 6)
    moves.restore(kept)
    for number in range(3, 6):
        step(resumed, moves, number)
    for name, x in straight.state_dict().items():
        assert torch.equal(x, resumed.state_dict()[name]), name


def test_the_rate_rises_then_falls():
    rates = [share(number, 100) for number in range(100)]
    top = rates.index(max(rates))
    assert max(rates) == 1.0
    assert rates[: top + 1] == sorted(rates[: top + 1])
    assert rates[top:] == sorted(rates[top:], reverse=True)
    assert rates[-1] < 0.05


@torch.no_grad()
def test_agreement_compares_the_two_pronouns_where_the_first_differs():
    rows = Rows(pack(shipped()[:6], shipped_tokenizer(), 96))
    probes = rows.packed.probes
    assert probes
    size = shipped_tokenizer().size
    weight = torch.eye(size)[:, :size]
    hidden = torch.zeros(len(rows), 96, size)
    for number, probe in enumerate(probes):
        hidden[probe.row, probe.position, probe.gold if number % 2 else probe.other] = 1.0
    assert agreement(hidden, weight, rows).tolist() == [bool(n % 2) for n in range(len(probes))]


def test_a_judgement_adds_up_to_that_of_all_tokens():
    torch.manual_seed(0)
    spec = TINY
    model = Seq2Seq(config_of(spec, shipped_tokenizer().size)).eval()
    rows = Material(spec).judging(48)
    found = judge(model, rows, "cpu", (states(model, rows, "cpu"), model.head_weight.detach()))
    with torch.no_grad():
        logits = model.logits(states(model, rows, "cpu"))
        real = rows.labels != 0
        plain = torch.nn.functional.cross_entropy(logits[real], rows.labels[real])
        hits = (logits.argmax(-1) == rows.labels)[real].double().mean()
    assert found.ce.sum() / found.count.sum() == pytest.approx(float(plain), rel=1e-5)
    assert found.accuracy == pytest.approx(float(hits), rel=1e-9)
    assert found.kl is not None
    assert np.allclose(found.kl, 0, atol=1e-3)


def test_intervals_hold_what_they_are_of_and_shrink_with_more_rows():
    generator = np.random.default_rng(0)
    counts = np.full(400, 10.0)
    parts = generator.binomial(10, 0.7, 400).astype(float)
    few, many = intervals.of_mean(parts[:20], counts[:20]), intervals.of_mean(parts, counts)
    assert few is not None and many is not None
    assert many[0] < parts.sum() / 4000 < many[1]
    assert many[1] - many[0] < few[1] - few[0]
    assert intervals.of_mean(parts[:1], counts[:1]) is None
    low, high = intervals.of_share(0, 10)
    assert low == 0.0
    assert 0.2 < high < 0.35


def test_a_checkpoint_that_is_none_is_named(tmp_path):
    path = tmp_path / "broken.safetensors"
    path.write_bytes(b"not a checkpoint")
    with pytest.raises(ValueError, match="not a checkpoint"):
        checkpoint.load(path)
    assert checkpoint.load(tmp_path / "absent") is None


@pytest.mark.parametrize(
    ("change", "words"),
    [({"length": 8}, "length"), ({"lengths": (24,)}, "at least the trained"), ({"seeds": 0}, "seeds"),
     ({"width": 30, "heads": 4}, "width"), ({"device": "tpu"}, "device"), ({"methods": ()}, "at least one"),
     ({"positions": "polar"}, "positions"), ({"learning_rate": 0.0}, "learning_rate"), ({"data": " "}, "data")],
)  # fmt: skip
def test_settings_that_cannot_be_are_named(change, words):
    with pytest.raises(ValueError, match=words) as refused:
        TINY.changed(**change)
    assert len(str(refused.value).splitlines()) == 1


def test_settings_survive_json_and_nothing_unknown_is_ignored():
    assert FigureZSpec.from_json(TINY.to_json()) == TINY
    with pytest.raises(ValueError, match="colour"):
        FigureZSpec.from_json(TINY.to_json() | {"colour": "red"})


def test_scores_are_those_of_sacrebleu_and_an_empty_text_is_no_accident():
    references = ["Le chien est rouge.", "Le chat dort ici.", "La table était vieille."]
    texts = ["Le chien est vert.", "", "La table était vieille."]
    found = scores(texts, references)
    assert found["bleu"].value == pytest.approx(sacrebleu.corpus_bleu(texts, [references]).score)
    assert found["chrf"].value == pytest.approx(sacrebleu.corpus_chrf(texts, [references]).score)
    for one in found.values():
        assert one.low is not None and one.high is not None
        assert 0 <= one.low <= one.value <= one.high <= 100
    assert scores(texts[:1], references[:1])["bleu"].low is None
