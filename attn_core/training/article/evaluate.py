"""What the article reports of a model, and beside it the same in units that all models share."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch

from attn_core.timing.failures import outcome_of
from attn_core.timing.row import Outcome
from attn_core.training.article.batch import Batch
from attn_core.training.article.model import ArticleModel
from attn_core.training.head import Head
from attn_core.training.scores import token_scores
from attn_core.training.squared_error import chunked_mse

NO_TEST_SET = "on the training pairs themselves, padding included: the recipe has no others"


@dataclass(frozen=True)
class Quality:
    """Means over all positions at one length; none where the method refused it."""

    outcome: Outcome
    message: str = ""
    ce: float | None = None
    accuracy: float | None = None
    kl: float | None = None
    mse: float | None = None


@torch.no_grad()
def outputs(model: ArticleModel, batch: Batch) -> Head:
    """The logits with dropout off, not made yet."""
    return model.eval().output(model(batch.noise, batch.tokens))


@torch.no_grad()
def quality(model: ArticleModel, batch: Batch, teacher: Head | None) -> Quality:
    """Against the labels, and against the teacher's logits where it is not the teacher itself."""
    try:
        mine = outputs(model, batch)
        other = (None, None) if teacher is None else (teacher.hidden, teacher.weight)
        bias = None if teacher is None else teacher.bias
        labels = batch.labels.flatten()
        scores = token_scores(
            *mine[:2], labels, *other, bias=mine.bias, teacher_bias=bias, ignore=None
        )
        mse = None
        if teacher is not None and mine.bias is not None and teacher.bias is not None:
            mse = float(chunked_mse(*mine[:2], mine.bias, *teacher[:2], teacher.bias))
    except (ValueError, RuntimeError, MemoryError) as problem:
        return Quality(*outcome_of(problem))
    ce, correct, kl = (float(x) / scores.count for x in (scores.ce, scores.correct, scores.kl))
    if not math.isfinite(ce):
        return Quality("error", "its training diverged: the cross-entropy is not finite")
    return Quality("ok", "", ce, correct, None if teacher is None else kl, mse)
