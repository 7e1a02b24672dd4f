"""Every method's forward pass, as it was trained and, where it has one, in its form with all N×N scores."""

from __future__ import annotations

from collections.abc import Mapping

from attn_core.model.config import Attention
from attn_core.training.article.book import STUDENT, TEACHER, Run, Stopped
from attn_core.training.article.model import ArticleModel, dense_mixing
from attn_core.training.article.rows import speed_cell
from attn_core.training.article.speed import as_published, by_our_clock, peak_bytes
from attn_core.training.passes import Cost


def time_all(run: Run, models: Mapping[str, ArticleModel], seed: int) -> None:
    """Of the models by their labels. The article's own figure is of the form that the article has."""
    settings, base = run.settings, run.base
    timed: dict[tuple[str, str], ArticleModel] = {}
    found: dict[tuple[str, str], Cost] = {}
    student = {
        one.label: TEACHER if one == settings.teacher else STUDENT
        for one in (settings.teacher, *settings.students)
        if one.label in models
    }
    wanted = ("forward_s", "article_forward_s", "peak_bytes")
    if all(run.has(label, student[label], seed, wanted) for label in student):
        return
    for one in (settings.teacher, *settings.students):
        if run.stop():
            raise Stopped
        if one.label not in models:
            continue
        run.say("speed", one, student[one.label], seed)
        model = timed[one.label, "forward_s"] = models[one.label]
        dense = _dense(run, one, model, seed)
        if dense is not None:
            timed[one.label, "dense_forward_s"] = dense
        found[one.label, "article_forward_s"] = as_published(dense or model, base)
        found[one.label, "peak_bytes"] = peak_bytes(model, base)
        if dense is not None:
            found[one.label, "dense_peak_bytes"] = peak_bytes(dense, base)
    clocked = by_our_clock(
        {" ".join(name): model for name, model in timed.items()}, base, run.stop
    )
    if run.stop():
        raise Stopped
    found |= {(label, metric): clocked[f"{label} {metric}"] for label, metric in timed}
    # What a resumed run looks for comes last: once that is there, so is the rest.
    for (label, metric), one in sorted(found.items(), key=lambda item: item[0][1] in wanted):
        run.keep([speed_cell(metric, label, student[label], seed, settings.length, one)])


def _dense(run: Run, one: Attention, model: ArticleModel, seed: int) -> ArticleModel | None:
    """The same weights around another form of attention."""
    mixing = dense_mixing(one, run.settings.width, run.settings.length, seed)
    if mixing is None:
        return None
    made = run.model(one, seed, mixing)
    made.start_from(model)
    return made
