"""One training step of a student of the published experiment, written plainly and as `attn_core` does it.

    python -m benchmarks.article_step [--length 2048] [--device cuda]

The plain step is what the recipe's words give: a Longformer with all N×N scores and a mask, an embedding of the whole
vocabulary, all logits of student and teacher at once, losses on whole tensors. It is shown twice, because the teacher
never changes while a student learns: once asking it in every step, as a distillation loop is usually written, and
once with its logits kept from the first. Every contender has processes of its own, in the order A B C C B A; the
first step warms up. All start from the same weights and dropout, so that the losses must agree.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from attn_core import Dims, environment
from attn_core.model.config import Attention
from attn_core.timing import memory
from attn_core.timing.process import Alive, run_child
from attn_core.training.article.batch import Batch, make_batches
from attn_core.training.article.evaluate import outputs
from attn_core.training.article.loss import distillation, taught
from attn_core.training.article.model import ArticleModel, DenseBand, build_mixing
from benchmarks.results import Row

PLAIN, KEPT, OURS = "plain", "plain, teacher's logits kept", "attn_core"
TEMPERATURE, RATE, WINDOW_SHARE = 3.0, 1e-5, 16
AT_LEAST_FASTER, AT_MOST_MEMORY = 2.0, 0.5
# Copies of all logits that the plain step was seen to hold at its peak, and room for the rest.
COPIES = 12
LOSSES_AGREE = 1e-4


@dataclass(frozen=True)
class Sizes:
    length: int
    width: int = 512
    batch: int = 4
    vocabulary: int = 32_100
    device: str = "cpu"
    threads: int | None = None
    steps: int = 2

    @property
    def logits_bytes(self) -> int:
        return self.batch * self.length * self.vocabulary * 4


@dataclass(frozen=True)
class Taken:
    """Seconds of each step after the first, the most memory beyond the libraries', and the first loss."""

    seconds: list[float]
    peak_bytes: int
    loss: float


class Words:
    """Sentences of some thirty words, most of which occur once."""

    def __init__(self, size: int) -> None:
        self.size = size

    def encode(self, text: str) -> list[int]:
        return [2 + (int(word) * 7919) % (self.size - 2) for word in text.split()]


@dataclass(frozen=True)
class Sentence:
    fr: str


def make_batch(sizes: Sizes) -> Batch:
    sentences = [
        Sentence(" ".join(str(row * 20 + place) for place in range(24 + 3 * row)))
        for row in range(sizes.batch)
    ]
    words, lengths = Words(sizes.vocabulary), [sizes.length]
    return make_batches(sentences, words, lengths, sizes.width, 0, sizes.device)[sizes.length]


Step = Callable[[], Tensor]


def plain_step(sizes: Sizes, batch: Batch, kept: bool) -> tuple[ArticleModel, Step]:
    """Everything at once."""
    teacher = _model(sizes, Attention("softmax"), None).eval()
    student = _model(sizes, None, None).train()
    labels = batch.labels

    @torch.no_grad()
    def ask() -> Tensor:
        return teacher.logits(batch.noise, labels)

    known = ask() if kept else None

    def step() -> Tensor:
        target = ask() if known is None else known
        logits = student.logits(batch.noise, labels).flatten(0, 1)
        target = target.flatten(0, 1)
        ce = F.cross_entropy(logits, labels.flatten())
        kl = F.kl_div(
            F.log_softmax(logits / TEMPERATURE, -1),
            F.softmax(target / TEMPERATURE, -1),
            reduction="batchmean",
        )
        return 0.5 * ce + 0.5 * TEMPERATURE**2 * kl

    return student, step


def our_step(sizes: Sizes, batch: Batch) -> tuple[ArticleModel, Step]:
    teacher = _model(sizes, Attention("flash"), batch.words)
    window = Attention("longformer", {"window": _window(sizes), "global_tokens": 0})
    student = _model(sizes, window, batch.words).train()
    goal = taught(outputs(teacher, batch), *batch.groups, batch.labels.flatten())
    del teacher

    def step() -> Tensor:
        head = student.output(student(batch.noise, batch.tokens))
        return distillation(head, goal, TEMPERATURE).loss

    return student, step


def _window(sizes: Sizes) -> int:
    return max(1, sizes.length // WINDOW_SHARE)


def _model(sizes: Sizes, attention: Attention | None, words: Tensor | None) -> ArticleModel:
    """The same weights whoever asks; ours keeps of the embedding what occurs."""
    if attention is None:
        mixing: Any = DenseBand(_window(sizes))
    elif words is None:
        mixing = attention.definition.build(_dims(sizes))  # pyright: ignore[reportOptionalMemberAccess]
    else:
        mixing = build_mixing(attention, sizes.width, sizes.length, 0)
    made = ArticleModel(mixing, sizes.width, sizes.vocabulary, sizes.vocabulary, 0)
    if words is not None:
        made.embedding = torch.nn.Embedding.from_pretrained(
            made.embedding.weight.detach()[words.cpu()], freeze=False
        )
    return made.to(sizes.device)


def _dims(sizes: Sizes) -> Dims:
    return Dims(1, sizes.width, sizes.length, sizes.length)


def work(send: Callable[[Any], None], name: str, sizes: Sizes) -> None:
    """The child's side: a few whole steps, Adam's update included."""
    if sizes.threads:
        torch.set_num_threads(sizes.threads)
    send(Alive(name, 3600.0))
    on_gpu = sizes.device == "cuda"
    before = torch.cuda.memory_allocated() if on_gpu else memory.status("VmRSS")
    batch = make_batch(sizes)
    made = our_step(sizes, batch) if name == OURS else plain_step(sizes, batch, name == KEPT)
    model, step = made
    optimizer = torch.optim.Adam(model.parameters(), lr=RATE, fused=name == OURS)
    seconds, losses = [], []
    for number in range(1 + sizes.steps):
        torch.manual_seed(number)
        _wait(sizes.device)
        began = time.perf_counter()
        optimizer.zero_grad(set_to_none=True)
        loss = step()
        loss.backward()
        optimizer.step()
        _wait(sizes.device)
        seconds.append(time.perf_counter() - began)
        losses.append(float(loss.detach()))
    peak = torch.cuda.max_memory_allocated() if on_gpu else memory.status("VmHWM")
    send(Taken(seconds[1:], peak - before, losses[0]))


def _wait(device: str) -> None:
    if device == "cuda":
        torch.cuda.synchronize()


def in_fresh_process(name: str, sizes: Sizes) -> Taken:
    found: list[Taken] = []

    def receive(message: Any) -> None:
        if isinstance(message, Taken):
            found.append(message)

    end = run_child(work, name, sizes, name=name, receive=receive, stop=lambda: False)
    if end.outcome is not None or not found:
        raise RuntimeError(f"{name}: {end.outcome}: {end.message}")
    return found[0]


def measure(sizes: Sizes) -> list[Row]:
    """A row for each contender; the plain ones say how they compare with ours."""
    order = (PLAIN, KEPT, OURS)
    taken: dict[str, list[Taken]] = {name: [] for name in order}
    for name in (*order, *reversed(order)):
        taken[name].append(in_fresh_process(name, sizes))
    seconds = {name: [s for one in runs for s in one.seconds] for name, runs in taken.items()}
    peaks = {name: max(one.peak_bytes for one in runs) for name, runs in taken.items()}
    ours = taken[OURS][0].loss
    rows: list[Row] = []
    for name in order:
        faster = median(seconds[name]) / median(seconds[OURS])
        share = peaks[OURS] / peaks[name]
        apart = abs(taken[name][0].loss - ours) / abs(ours)
        rows.append(
            {
                "name": name,
                "length": sizes.length,
                "samples": seconds[name],
                "median_s": median(seconds[name]),
                "peak_bytes": peaks[name],
                "loss": taken[name][0].loss,
                "ours_is_faster": round(faster, 2),
                "ours_needs_of_its_memory": round(share, 3),
                "losses_agree": apart < LOSSES_AGREE,
                "met": faster >= AT_LEAST_FASTER and share <= AT_MOST_MEMORY,
            }
        )
    return rows


def largest_length(sizes: Sizes, available: int) -> int:
    """The full 2,048, or the largest half, quarter … of it whose plain step fits."""
    length = 2048
    per_token = sizes.batch * sizes.vocabulary * 4 * COPIES
    while length > 64 and length * per_token > available:
        length //= 2
    return length


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.article_step", description=__doc__)
    parser.add_argument(
        "--length", type=int, help="tokens; default: what the memory holds, up to 2048"
    )
    for name, default in (("width", 512), ("batch", 4), ("vocabulary", 32_100), ("steps", 2)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    given = vars(parser.parse_args(arguments))
    length = given.pop("length")
    sizes = Sizes(length or 2048, **given)
    if length is None:
        sizes = Sizes(largest_length(sizes, free_bytes(sizes.device)), **given)
    print(f"{sizes}: all logits are {sizes.logits_bytes / 2**30:.2f} GiB")
    for row in measure(sizes):
        print(
            f"{row['name']:30} {row['median_s']:8.3f} s  {row['peak_bytes'] / 2**30:7.2f} GiB  "
            f"ours {row['ours_is_faster']:.2f}× faster, {row['ours_needs_of_its_memory']:.0%} of the memory"
            f"{'' if row['losses_agree'] else '  LOSSES DIFFER'}"
        )


def free_bytes(device: str) -> int:
    if device == "cuda":
        return torch.cuda.mem_get_info()[0]
    _, available = environment.memory()
    if available is None:
        raise ValueError("article_step: this system does not tell its free memory, give --length")
    return available


if __name__ == "__main__":
    # A process of its own must find by name what it is sent: this file under the name that others import.
    from benchmarks import article_step

    article_step.main()
