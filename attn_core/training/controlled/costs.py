"""What each model of a run costs at every length: times of all of them in turn, then memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from attn_core.model.seq2seq import Seq2Seq
from attn_core.training.cells import Row, Who, cell
from attn_core.training.controlled import speed
from attn_core.training.controlled.context import Run
from attn_core.training.passes import Cost

Times = Callable[[Mapping[str, Seq2Seq]], Mapping[str, Cost]]


def keep_costs(run: Run, models: Mapping[Who, Seq2Seq]) -> None:
    """Training and decoding are timed at the trained length alone: a translator does neither elsewhere."""
    device, stop, trained = run.spec.device, run.book.stop, run.spec.length

    def once(backward: bool, length: int) -> Times:
        return lambda named: speed.times(named, length, backward, device, stop)

    _keep_times(run, models, trained, "train_forward_backward_s", once(True, trained))
    _keep_times(
        run, models, trained, "decode_tokens_per_s",
        lambda named: speed.decoding(named, trained, device, stop),
    )  # fmt: skip
    for length in run.spec.lengths:
        _keep_times(run, models, length, "forward_s", once(False, length))
        for who, model in models.items():
            _keep_memory(run, who, model, length)


def _keep_times(
    run: Run, models: Mapping[Who, Seq2Seq], length: int, metric: str, times: Times
) -> None:
    """Measured anew for all if one is missing: they are compared with each other."""
    if all(run.book.has(who, length, metric) for who in models):
        return
    run.book.check()
    run.say("speed", next(iter(models)))
    named = {who.method: model for who, model in models.items()}
    found = times(named)
    run.book.check()
    run.book.keep(_row(metric, who, length, found[who.method]) for who in models)


def _keep_memory(run: Run, who: Who, model: Seq2Seq, length: int) -> None:
    if run.book.has(who, length, "peak_bytes"):
        return
    run.say("memory", who)
    found = speed.peak(model.config, length, run.spec.device, run.book.stop)
    run.book.check()
    run.book.keep([_row("peak_bytes", who, length, found)])


def _row(metric: str, who: Who, length: int, found: Cost) -> tuple[str, Row]:
    interval = (found.low, found.high)
    return cell(metric, who, length, found.value, found.outcome, found.message, interval)
