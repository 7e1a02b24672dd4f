"""A Figure Z run as the engine would leave it, with planted laws: performer keeps less than longformer, linformer
refuses what is longer than it was made for, softmax does not fit at the longest length."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from attn_core.store import Store
from attn_core.training.article.rows import published_cells
from tests.stored_runs import LAPTOP, facts

METHODS = ("flash", "linformer", "performer", "kernelized", "longformer")
LENGTHS = (256, 512, 1024)
SETTINGS: dict[str, Any] = {
    "protocol": "controlled", "preset": "quick", "scale": "full",
    "methods": [{"method": name, "params": {}} for name in METHODS],
    "length": 256, "lengths": list(LENGTHS), "seeds": 1, "data": "shipped", "tokenizer": "shipped",
    "device": "cpu", "width": 128, "layers": 2, "heads": 4, "positions": "rotary", "convolution": 0,
    "batch": 8, "teacher_steps": 600, "transfer_steps": 60, "student_steps": 120,
    "learning_rate": 0.002, "temperature": 2.0, "patience": 5, "seed": 0,
}  # fmt: skip
TEACHER = 0.972
# Token accuracy at the trained length, and the share of it that is left after each doubling.
QUALITY = {
    "flash": (0.970, 0.985), "linformer": (0.881, 0.9), "performer": (0.921, 0.95),
    "kernelized": (0.915, 0.93), "longformer": (0.961, 0.98),
}  # fmt: skip
FORWARD_S = {
    "flash": 4.1e-3,
    "linformer": 5.2e-3,
    "performer": 8.4e-3,
    "kernelized": 6.3e-3,
    "longformer": 7.1e-3,
}
KEPT = 0.985  # of the teacher's own accuracy, at each doubling
REFUSED = "linformer: keys must be at most 256, got {length}"


def steps(length: int) -> int:
    return (length // 256).bit_length() - 1


def accuracy(method: str, length: int, seed: int = 0) -> float:
    start, kept = QUALITY[method]
    return (start - 0.004 * seed) * kept ** steps(length)


def teacher_accuracy(length: int) -> float:
    return TEACHER * KEPT ** steps(length)


def cell(
    method: str, student: str, metric: str, length: int, value: float | None, **more: Any
) -> dict[str, Any]:
    row = {
        "method": method, "student": student, "seed": 0, "metric": metric, "length": length, "value": value,
        "low": None, "high": None, "outcome": "ok", "message": "",
    }  # fmt: skip
    return row | more


def around(value: float, by: float) -> dict[str, float]:
    return {"low": value - by, "high": value + by}


def quality_cells(seeds: int) -> Iterator[dict[str, Any]]:
    for seed in range(seeds):
        for length in LENGTHS:
            yield from model_cells("flash", "teacher", length, teacher_accuracy(length), seed)
            for method in METHODS:
                if method == "linformer" and length > 256:
                    why = REFUSED.format(length=length)
                    gone: dict[str, Any] = {"outcome": "unsupported", "message": why, "seed": seed}
                    for metric in ("token_accuracy", "val_ce", "kl_to_teacher", "generalization"):
                        yield cell(method, "distilled", metric, length, None, **gone)
                else:
                    yield from model_cells(
                        method, "distilled", length, accuracy(method, length, seed), seed
                    )
        for method in METHODS[1:]:
            yield from model_cells(method, "drop-in", 256, 0.31, seed)
        yield from model_cells("identity", "identity", 256, 0.52, seed)


def model_cells(
    method: str, student: str, length: int, value: float, seed: int
) -> Iterator[dict[str, Any]]:
    of: dict[str, Any] = {"seed": seed}
    yield cell(method, student, "token_accuracy", length, value, **of, **around(value, 0.006))
    yield cell(
        method, student, "val_ce", length, 3 * (1 - value), **of, **around(3 * (1 - value), 0.02)
    )
    kl = 0.0 if student == "teacher" else 2 * (1 - value)
    yield cell(method, student, "kl_to_teacher", length, kl, **of)
    if length == 256:
        yield cell(method, student, "bleu", length, 80 * value, **of, **around(80 * value, 1.5))
        yield cell(method, student, "chrf", length, 90 * value, **of, **around(90 * value, 1.0))
        yield cell(method, student, "agreement_accuracy", length, 0.5 + value / 2.1, **of)
    if student in ("teacher", "distilled"):
        own = (
            QUALITY[method][1] ** steps(length)
            if student == "distilled"
            else KEPT ** steps(length)
        )
        ratio = own / KEPT ** steps(length)
        note = {"message": "token_accuracy"}
        yield cell(
            method, student, "generalization", length, ratio, **of, **note, **around(ratio, 0.01)
        )


def speed_cells() -> Iterator[dict[str, Any]]:
    for method in METHODS:
        for length in LENGTHS:
            grown = (length / 256) ** (1.8 if method == "flash" else 1.05)
            seconds = FORWARD_S[method] * grown
            if method == "linformer" and length > 256:
                why = REFUSED.format(length=length)
                for metric in ("forward_s", "train_forward_backward_s", "peak_bytes"):
                    yield cell(
                        method,
                        "distilled",
                        metric,
                        length,
                        None,
                        outcome="unsupported",
                        message=why,
                    )
                continue
            spread = {"low": seconds * 0.94, "high": seconds * 1.11}
            yield cell(method, "distilled", "forward_s", length, seconds, **spread)
            if method == "flash" and length == 1024:
                full = {"outcome": "oom", "message": "needs 3 GiB"}
                yield cell(method, "distilled", "train_forward_backward_s", length, None, **full)
            else:
                yield cell(method, "distilled", "train_forward_backward_s", length, 3 * seconds)
            yield cell(method, "distilled", "peak_bytes", length, 2**20 * grown * 9)
        yield cell(method, "distilled", "decode_tokens_per_s", 256, 0.9 / FORWARD_S[method])


def curve_rows(seeds: int) -> Iterator[dict[str, Any]]:
    for seed in range(seeds):
        for step in range(20, 601, 20):
            yield curve("flash", "teacher", seed, "teacher", step, 600, 7 * 0.992**step + 0.09)
        for method in METHODS:
            for step in range(10, 61, 10):
                yield curve(method, "distilled", seed, "transfer", step, 60, 0.5 * 0.95**step)
            for step in range(10, 121, 10):
                loss = 2.0 * 0.97**step + 3 * (1 - QUALITY[method][0])
                yield curve(method, "distilled", seed, "logits", step, 120, loss)


def curve(
    method: str, student: str, seed: int, stage: str, step: int, steps: int, loss: float
) -> dict[str, Any]:
    return {
        "method": method, "student": student, "seed": seed, "stage": stage, "step": step, "steps": steps, "loss": loss,
        "val_ce": loss * 1.05 if stage != "transfer" and step % 20 == 0 else None,
        "tokens_per_s": 41_200.0, "seconds": step * 0.2,
    }  # fmt: skip


def agreement_rows() -> Iterator[dict[str, Any]]:
    for method in METHODS:
        for evidence in ("both", "target"):
            for low, high in ((8, 15), (16, 31), (32, 63), (64, 127), (128, 255)):
                short = method == "longformer" and low >= 32
                value = 0.5 if short else 0.97 - (0 if method == "flash" else low / 700)
                student = "distilled"
                yield {
                    "method": method, "student": student, "seed": 0, "length": 256, "evidence": evidence,
                    "distance_low": low, "distance_high": high, "correct": round(200 * value), "total": 200,
                    "value": value, "low": value - 0.04, "high": min(1.0, value + 0.03),
                }  # fmt: skip


REFERENCE = "La table était vieille. Elle était rouge, et le chat dormait dessous."
TEXTS = {
    "flash": REFERENCE,
    "longformer": "La table était vieille. Il était rouge, et le chat dormait dessous.",
    "performer": "La table est vieille. Elle était rouge, et chat dormait dessous.",
}


def sample_rows() -> Iterator[dict[str, Any]]:
    source = "The table was old. It was red, and the cat slept under it."
    for index in range(2):
        base = {"index": index, "source": source, "reference": REFERENCE, "seed": 0}
        yield base | {"method": "flash", "student": "teacher", "text": REFERENCE}
        for method, text in TEXTS.items():
            yield base | {"method": method, "student": "distilled", "text": text}


def role_rows() -> Iterator[dict[str, Any]]:
    lacking = {"linformer": "decoder", "longformer": "cross"}
    for method in METHODS:
        holds = dict.fromkeys(("encoder", "decoder", "cross"), method)
        yield (
            {"method": method} | holds | ({lacking[method]: "flash"} if method in lacking else {})
        )


def rows(seeds: int = 1) -> dict[str, list[dict[str, Any]]]:
    return {
        "cell": [*quality_cells(seeds), *speed_cells()],
        "curve": list(curve_rows(seeds)),
        "sample": list(sample_rows()),
        "agreement": list(agreement_rows()),
        "role": list(role_rows()),
    }


# At the published lengths, so that what was published stands beside it.
ARTICLE: dict[str, Any] = SETTINGS | {
    "protocol": "article", "preset": "article", "scale": "small", "length": 128, "lengths": [128, 256],
    "methods": [
        {"method": "softmax", "params": {}}, {"method": "linformer", "params": {"rank": 8}},
        {"method": "kernelized", "params": {"random_features": 32}},
        {"method": "longformer", "params": {"window": 8, "global_tokens": 0}},
    ],
}  # fmt: skip
ARTICLE_QUALITY = {
    "softmax": 10.9, "linformer rank=8": 0.81, "kernelized random_features=32": 0.11,
    "longformer window=8": 0.14,
}  # fmt: skip


def article_rows() -> dict[str, list[dict[str, Any]]]:
    """Our rows are planted; those that were published are the engine's own."""
    found = []
    for label, value in ARTICLE_QUALITY.items():
        student = "teacher" if label == "softmax" else "distilled"
        seconds = 1e-3 + value / 1e4
        found.append(cell(label, student, "published_quality", 128, value))
        found.append(cell(label, student, "forward_s", 128, seconds, low=9e-4, high=3e-3))
        place = (label, student, "generalization", 256)
        if label.startswith("linformer"):
            why = "linformer: 256 keys exceed max_keys=128"
            found.append(cell(*place, None, outcome="unsupported", message=why))
        else:
            found.append(cell(*place, 0.9 + value / 20, message="published_quality"))
    labels = {label.split()[0]: label for label in ARTICLE_QUALITY}
    found += [row for _, row in published_cells(labels)]
    curves = [
        curve("softmax", "teacher", 0, "teacher", step, 3000, 1e-3 * 0.999**step)
        for step in range(100, 900, 100)
    ]
    return {"cell": found, "curve": curves, "sample": [], "agreement": [], "role": []}


def store_figure_z(
    store: Store,
    found: dict[str, list[dict[str, Any]]] | None = None,
    settings: dict[str, Any] | None = None,
    name: str = "",
) -> str:
    """A finished run with rows of every kind."""
    run_id = store.create_run("figure-z", settings or SETTINGS, name=name)
    store.set_environment(run_id, store.environment(facts(LAPTOP)))
    for kind, some in (found or rows()).items():
        for number, one in enumerate(some):
            store.append(run_id, f"{kind} {number}", kind, one)
    return run_id


def study(found: dict[str, list[dict[str, Any]]] | None = None) -> dict[str, Any]:
    """The same as a file of data/studies."""
    found = found or rows()
    return {
        "run_id": "x", "name": "Quick study", "environment": facts(LAPTOP), "settings": SETTINGS,
        "rows": found["cell"], "curves": found["curve"], "samples": found["sample"],
        "agreement": found["agreement"], "roles": found["role"],
    }  # fmt: skip
