"""The published recipe is followed to the letter, cheaply, and reaches the same numbers however often interrupted."""

from __future__ import annotations

# Tensors are unpacked into arguments, which pyright cannot count.
# pyright: reportCallIssue=false, reportOptionalMemberAccess=false
# pyright: reportOptionalSubscript=false, reportArgumentType=false
import json
import math
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from attn_core.model.config import Attention
from attn_core.training.article import run_article, speed, train
from attn_core.training.article.batch import END, PAD, make_batches
from attn_core.training.article.evaluate import outputs
from attn_core.training.article.loss import distillation, taught
from attn_core.training.article.model import ArticleModel, DenseBand, build_mixing, dense_mixing
from attn_core.training.article.train import Stage
from attn_core.training.book import Book, Stopped
from attn_core.training.checkpoint import CheckpointError
from attn_core.training.losses import chunked_loss
from attn_core.training.published import FIGURE_Z, figures
from attn_core.training.run import run_figure_z
from attn_core.training.spec import FigureZSpec

WORDS, WIDTH, LENGTH = 61, 8, 16
SPEC: dict[str, Any] = {
    "protocol": "article",
    "methods": [
        {"method": "softmax", "params": {}},
        {"method": "linformer", "params": {"rank": 4}},
        {"method": "longformer", "params": {"window": 2, "global_tokens": 0}},
    ],
    "length": LENGTH,
    "lengths": [LENGTH, 2 * LENGTH],
    "width": WIDTH,
    "layers": 1,
    "heads": 1,
    "positions": "none",
    "batch": 4,
    "seeds": 1,
    "seed": 3,
    "device": "cpu",
    "teacher_steps": 30,
    "student_steps": 30,
    "learning_rate": 1e-2,
    "temperature": 3.0,
    "patience": 100,
}
TRAINED = ("published_quality", "generalization", "val_ce", "token_accuracy", "kl_to_teacher")


@dataclass(frozen=True)
class Pair:
    fr: str


class Letters:
    size = WORDS

    def encode(self, text: str) -> list[int]:
        return [2 + ord(letter) % (WORDS - 2) for letter in text]


PAIRS = [
    Pair("le chat dort"),
    Pair("oui"),
    Pair("une phrase bien plus longue que la place"),
    Pair("non"),
]


class Stop:
    """Says stop from the given question on."""

    def __init__(self, after: float = math.inf) -> None:
        self.after, self.asked = after, 0

    def __call__(self) -> bool:
        self.asked += 1
        return self.asked > self.after


@pytest.fixture(autouse=True)
def quick_clock(monkeypatch):
    monkeypatch.setattr(speed, "SECONDS", 0.01)


def run(folder: Path, stop=None, finished=(), spec=SPEC, rows=None):
    """All rows by kind and key, as a store would keep them: the first of each."""
    rows = {} if rows is None else rows
    told: list[dict[str, Any]] = []
    book = Book(
        set(finished), lambda kind, key, row: rows.setdefault((kind, key), row), told.append,
        stop or Stop(), folder,
    )  # fmt: skip
    with suppress(Stopped):
        run_article(spec, PAIRS, Letters(), book)
    return rows, told


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(speed, "SECONDS", 0.01)
        return run(tmp_path_factory.mktemp("whole"))


def trained(rows):
    """What training decides: everything but seconds."""
    cells = {
        key: (row["value"], row["outcome"], row["message"])
        for (kind, key), row in rows.items()
        if kind == "cell" and row["metric"] in TRAINED
    }
    curves = {
        key: (row["loss"], row["val_ce"]) for (kind, key), row in rows.items() if kind == "curve"
    }
    return cells, curves


def value(rows, metric, method, student="distilled", seed=3, length=LENGTH):
    return rows["cell", f"{metric} {method} {student} seed {seed} @ {length}"]


def batch(length=LENGTH):
    return make_batches(PAIRS, Letters(), [LENGTH, 2 * LENGTH], WIDTH, 0, "cpu")[length]


def model(method="flash", seed=0, **params):
    mixing = build_mixing(Attention(method, params), WIDTH, LENGTH, seed)
    return ArticleModel(mixing, WIDTH, len(batch().words), WORDS, seed)


def test_sentences_fill_the_length_exactly_and_keep_their_end():
    short, long = batch(), batch(2 * LENGTH)
    assert short.labels.shape == (4, LENGTH) and long.labels.shape == (4, 2 * LENGTH)
    assert short.labels[2, -1] == END
    assert (short.labels[1, 4:] == PAD).all() and short.labels[1, 3] == END
    assert short.words[short.tokens].equal(short.labels)
    assert not short.noise.equal(long.noise[:, :LENGTH])


def test_the_exact_teacher_answers_alike_wherever_a_sentence_has_the_same_token():
    group, first = batch().groups
    hidden = outputs(model(), batch()).hidden
    assert len(first) < len(group)
    assert group[first].equal(torch.arange(len(first)))
    torch.testing.assert_close(hidden[first][group], hidden)


@pytest.mark.parametrize("temperature", [3.0, 1.7])
def test_the_cheap_loss_is_the_plain_one(temperature):
    teacher = outputs(model().double(), _wide(batch()))
    labels, student = batch().labels.flatten(), model("longformer", seed=1, window=2).double()
    goal = taught(teacher, *batch().groups, labels)
    found = {}
    for name in ("cheap", "plain"):
        torch.manual_seed(0)
        student.train().zero_grad()
        head = student.output(student(_wide(batch()).noise, batch().tokens))
        if name == "cheap":
            losses = distillation(head, goal, temperature, chunk=7)
        else:
            losses = chunked_loss(
                *head[:2], labels, *teacher[:2], bias=head.bias, teacher_bias=teacher.bias,
                ce=0.5, kl=0.5, temperature=temperature, ignore=None,
            )  # fmt: skip
        losses.loss.backward()
        found[name] = (
            [x.detach() for x in losses],
            [p.grad.clone() for p in student.parameters()],
        )
    torch.testing.assert_close(*found.values())


def test_the_masked_form_that_is_timed_is_the_longformer_that_is_trained():
    x = torch.randn(2, 1, 40, WIDTH)
    attention = Attention("longformer", {"window": 3, "global_tokens": 0})
    dense = dense_mixing(attention, WIDTH, 40, 0)
    assert isinstance(dense, DenseBand)
    torch.testing.assert_close(dense(x, x, x), build_mixing(attention, WIDTH, 40, 0)(x, x, x))


def test_linformers_projection_is_drawn_from_a_unit_normal_and_shared():
    op = build_mixing(Attention("linformer", {"rank": 64}), WIDTH, 256, 0)
    (projection,) = op.parameters()
    assert projection.shape == (64, 256)
    assert abs(float(projection.detach().std()) - 1) < 0.02


def test_both_self_attentions_are_one_and_the_decoder_sees_ahead():
    made = model("linformer", rank=4)
    assert sum(name.startswith("mixing.") for name, _ in made.named_parameters()) == 1
    before = outputs(made, batch()).hidden.view(4, LENGTH, -1)
    changed = batch()
    changed.tokens[:, -1] = 1
    assert not torch.allclose(
        outputs(made, changed).hidden.view(4, LENGTH, -1)[:, 0], before[:, 0]
    )


def test_a_student_starts_from_the_teachers_weights_with_its_own_attention():
    teacher, student = model(seed=0), model("linformer", seed=1, rank=4)
    own = student.state_dict()["mixing.key_projection"].clone()
    student.start_from(teacher)
    assert student.head.weight.equal(teacher.head.weight)
    assert student.state_dict()["mixing.key_projection"].equal(own)


def test_every_number_of_the_recipe_is_there(whole):
    rows, _ = whole
    for method, student in (
        ("softmax", "teacher"), ("linformer rank=4", "distilled"),
        ("longformer window=2 global_tokens=0", "distilled"),
    ):  # fmt: skip
        for metric in (
            "published_quality",
            "val_ce",
            "token_accuracy",
            "forward_s",
            "article_forward_s",
        ):
            assert value(rows, metric, method, student)["outcome"] == "ok"
        steps = [
            r["step"] for (kind, _), r in rows.items() if kind == "curve" and r["method"] == method
        ]
        assert steps == sorted(set(steps)) and steps[0] == 1
    assert value(rows, "dense_forward_s", "longformer window=2 global_tokens=0")["value"] > 0
    assert rows["role", "role linformer rank=4"]["cross"] == "flash"


def test_failure_at_the_longer_length_is_no_number_ours_and_the_articles_alike(whole):
    rows, _ = whole
    ours = value(rows, "generalization", "linformer rank=4", length=2 * LENGTH)
    assert (ours["value"], ours["outcome"]) == (None, "unsupported")
    assert "32 keys exceed max_keys=16" in ours["message"]
    theirs = value(rows, "generalization", "linformer rank=4", "published", 0, 4096)
    assert (theirs["value"], theirs["outcome"]) == (None, "unsupported")
    assert "the article set it to 1,000" in theirs["message"]


def test_no_other_published_number_is_lost(whole):
    rows, _ = whole
    kept = {
        (row["metric"], row["length"], row["method"].split()[0]): row["value"]
        for (kind, _), row in rows.items()
        if kind == "cell" and row["student"] == "published"
    }
    said = {(one.metric, one.n, one.method): one.value for one in figures(FIGURE_Z)}
    assert kept == said | {("generalization", 4096, "linformer"): None}


def test_rows_of_the_file_that_were_left_out_stand_with_the_numbers(tmp_path):
    path = tmp_path / "own.csv"
    path.write_text("a cat,un chat\na dog\n,une table\na house,une maison\n")
    one_step = {
        "teacher_steps": 1,
        "student_steps": 1,
        "methods": SPEC["methods"][:1],
        "data": str(path),
    }
    rows: dict[str, dict[str, Any]] = {}
    assert run_figure_z(
        FigureZSpec.from_json(SPEC | one_step), finished=set(), stop=Stop(), progress=lambda told: None,
        emit=lambda kind, key, row: rows.setdefault(key, row), checkpoints=tmp_path,
    )  # fmt: skip
    left_out = (
        "2 rows read, 2 skipped (line 2: 1 column where there should be 2; line 3: en is empty)"
    )
    for metric in ("published_quality", "val_ce", "token_accuracy"):
        assert left_out in rows[f"{metric} softmax teacher seed 3 @ {LENGTH}"]["message"]


def test_the_teachers_ratio_is_set_and_says_what_it_would_be(whole):
    rows, _ = whole
    ratio = value(rows, "generalization", "softmax", "teacher", length=2 * LENGTH)
    ces = [value(rows, "val_ce", "softmax", "teacher", length=n)["value"] for n in (32, 16)]
    assert ratio["value"] == 1.0
    assert f"{ces[0] / ces[1]:.4g}" in ratio["message"]


def test_quality_is_the_squared_difference_of_logits_to_the_trained_teacher(whole, tmp_path):
    rows, _ = whole
    again, _ = run(tmp_path)
    assert trained(again) == trained(rows)
    student, teacher = (
        model(**one) for one in ({"method": "longformer", "window": 2, "global_tokens": 0}, {})
    )
    for made, name in (
        (student, "distilled longformer window=2 global_tokens=0"), (teacher, "teacher softmax"),
    ):  # fmt: skip
        train.load(tmp_path / f"{name} seed 3.safetensors", made, None)
    at = make_batches(PAIRS, Letters(), [LENGTH, 2 * LENGTH], WIDTH, 3, "cpu")[LENGTH]
    logits = [made.eval().logits(at.noise, at.tokens).detach() for made in (student, teacher)]
    found = value(rows, "published_quality", "longformer window=2 global_tokens=0")["value"]
    assert found == pytest.approx(float(F.mse_loss(*logits)), rel=1e-4)


@pytest.mark.parametrize("after", [1, 11, 45, 75])
def test_stopped_and_resumed_reaches_the_same_numbers(whole, tmp_path, monkeypatch, after):
    monkeypatch.setattr(train, "STOP_EVERY_S", 0.0)
    rows, _ = run(tmp_path, Stop(after))
    assert len(trained(rows)[1]) < len(trained(whole[0])[1])
    finished = {key for kind, key in rows if kind == "cell"}
    run(tmp_path, finished=finished, rows=rows)
    # Where it was read depends on where it was stopped; what was read does not.
    cells, curves = trained(rows)
    assert cells == trained(whole[0])[0]
    assert curves == trained(whole[0])[1]


def test_killed_while_saving_and_resumed_reaches_the_same_numbers(whole, tmp_path, monkeypatch):
    monkeypatch.setattr(train, "SAVE_EVERY_S", 0.0)
    monkeypatch.setattr(train, "SAVING_SHARE", math.inf)
    saves = 0

    def save(path, *rest):
        nonlocal saves
        saves += 1
        if saves == 4:
            path.with_suffix(".partial").write_bytes(b"half a file")
            raise KeyboardInterrupt
        whole_save(path, *rest)

    whole_save = train.save
    monkeypatch.setattr(train, "save", save)
    rows: dict[Any, Any] = {}
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, rows=rows)
    run(tmp_path, rows=rows)
    assert trained(rows) == trained(whole[0])


def test_what_is_finished_is_neither_trained_nor_said_again(whole, tmp_path):
    first, _ = run(tmp_path)
    finished = {key for kind, key in first if kind == "cell"}
    second, told = run(tmp_path, finished=finished)
    assert not [key for kind, key in second if kind in ("cell", "curve")]
    assert not [one for one in told if one["step"]]


def test_progress_says_where_it_is(whole):
    _, told = whole
    keys = [
        "stage", "method", "student", "seed", "step", "steps", "tokens_per_s", "seconds_left", "done", "total",
    ]  # fmt: skip
    assert all(list(one) == keys for one in told)
    assert [one["done"] for one in told] == sorted(one["done"] for one in told)
    assert {one["stage"] for one in told} == {"teacher", "logits", "speed"}
    assert json.dumps(told, allow_nan=False)


def test_a_method_that_fails_is_a_result_and_the_others_go_on(tmp_path, monkeypatch):
    def no_memory(*_):
        raise MemoryError("can't allocate memory")

    monkeypatch.setattr(DenseBand, "forward", no_memory)
    spec = SPEC | {"methods": [*SPEC["methods"][:1], *SPEC["methods"][2:]], "student_steps": 2}
    rows, _ = run(tmp_path, spec=spec)
    found = value(rows, "dense_forward_s", "longformer window=2 global_tokens=0")
    assert (found["outcome"], found["value"]) == ("oom", None)
    assert value(rows, "forward_s", "longformer window=2 global_tokens=0")["value"] > 0


class Falling(nn.Module):
    """Its cross-entropy follows a script, its weight every step's random numbers."""

    def __init__(self, ces: list[float]) -> None:
        super().__init__()
        self.weight, self.ces, self.calls = nn.Parameter(torch.ones(3)), ces, 0

    def step(self):
        self.calls += 1
        return (self.weight * torch.randn(3)).sum(), torch.tensor(self.ces[self.calls - 1])


@pytest.mark.parametrize("patience", [1, 7, 30])
def test_reading_seldom_stops_where_reading_always_would(tmp_path, monkeypatch, patience):
    torch.manual_seed(5)
    ces = (torch.linspace(3, 1, 200) + torch.rand(200)).tolist()
    ends = {}
    for every in (1, 20):
        monkeypatch.setattr(train, "READ_EVERY", every)
        readings: list[Any] = []
        made = Falling(ces)
        stage = Stage("logits", 0, 200, patience, 1e-2)
        state = train.train(
            made, made.step, stage, tmp_path / f"{every}.st", readings.append, Stop()
        )
        assert made.calls == state.step
        ends[every] = (state.step, state.best, made.weight.tolist(), len(readings))
    assert ends[1][:3] == ends[20][:3]
    best = min(range(ends[1][0]), key=lambda i: ces[i])
    assert ends[1][0] in (best + 1 + patience, 200)
    assert patience == 1 or ends[20][3] < ends[1][3]


def test_a_file_that_is_no_checkpoint_is_named(tmp_path):
    (tmp_path / "teacher softmax seed 3.safetensors").write_bytes(b"nothing of the kind")
    with pytest.raises(CheckpointError, match=r"teacher softmax seed 3.*delete it"):
        run(tmp_path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"layers": 2}, "layers must be 1, got 2"),
        ({"positions": "rotary"}, "positions must be 'none', got 'rotary'"),
        ({"batch": 8}, "batch must be at most 4, got 8"),
        ({"methods": [{"method": "ssd", "params": {}}]}, "ssd has no encoder role"),
    ],
)
def test_what_the_recipe_does_not_have_is_refused(tmp_path, change, said):
    with pytest.raises(ValueError, match=said):
        run(tmp_path, spec=SPEC | change)


def _wide(one):
    return type(one)(one.noise.double(), one.labels, one.tokens, one.words)
