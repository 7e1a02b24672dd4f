"""Every method's forward pass, as it was trained and, where it has one, in its form with all N×N scores."""

from __future__ import annotations

from collections.abc import Sequence

from attn_core.model.config import Attention
from attn_core.training.article.context import Run
from attn_core.training.article.model import ArticleModel, dense_mixing
from attn_core.training.article.rows import speed_cell
from attn_core.training.article.speed import as_published, by_our_clock, peak_bytes
from attn_core.training.cells import Who
from attn_core.training.passes import Cost

WANTED = ("forward_s", "article_forward_s", "peak_bytes")


def time_all(run: Run, models: Sequence[tuple[Attention, ArticleModel]]) -> None:
    """The article's own figure is of the form that the article has."""
    book, base, length = run.book, run.base, run.settings.length
    if all(book.has(run.who(attention), length, *WANTED) for attention, _ in models):
        return
    timed: dict[tuple[Who, str], ArticleModel] = {}
    found: dict[tuple[Who, str], Cost] = {}
    for attention, model in models:
        book.check()
        who = run.who(attention)
        book.say("speed", who)
        timed[who, "forward_s"] = model
        dense = _dense(run, attention, model)
        if dense is not None:
            timed[who, "dense_forward_s"] = dense
        found[who, "article_forward_s"] = as_published(dense or model, base)
        found[who, "peak_bytes"] = peak_bytes(model, base)
        if dense is not None:
            found[who, "dense_peak_bytes"] = peak_bytes(dense, base)
    named = {f"{who.method} {metric}": model for (who, metric), model in timed.items()}
    clocked = by_our_clock(named, base, book.stop)
    book.check()
    found |= {(who, metric): clocked[f"{who.method} {metric}"] for who, metric in timed}
    # What a resumed run looks for comes last: once that is there, so is the rest.
    for (who, metric), one in sorted(found.items(), key=lambda item: item[0][1] in WANTED):
        book.keep([speed_cell(metric, who, length, one)])


def _dense(run: Run, attention: Attention, model: ArticleModel) -> ArticleModel | None:
    """The same weights around another form of attention."""
    mixing = dense_mixing(attention, run.settings.width, run.settings.length, run.seed)
    if mixing is None:
        return None
    made = run.model(attention, mixing)
    made.start_from(model)
    return made
