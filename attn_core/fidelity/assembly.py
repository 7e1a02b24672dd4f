"""From per-row values to the metrics of a report, each defined only where it means something."""

from __future__ import annotations

import torch
from torch import Tensor

from attn_core.fidelity.report import Report
from attn_core.fidelity.spectrum import Spectra, effective_rank
from attn_core.matrix import MatrixView
from attn_core.views import NOT_FINITE, Metric, heads_without, why_not_distributions

ERROR = "relative error"
SHARE = "share"


def assemble(
    method: str,
    view: MatrixView,
    causal: bool,
    ranks: tuple[int, ...],
    top_k: tuple[int, ...],
    rows: dict[str, Tensor],
    decomposed: Spectra | str,
) -> Report:
    """`rows` holds (B, H, N) values; `decomposed` the singular values, or why there are none."""
    return Report(
        method=method,
        queries=view.shape[0],
        keys=view.shape[1],
        causal=causal,
        ranks=ranks,
        top_k=top_k,
        empty_rows=rows["exact_mass"] == 0,
        zero_output_rows=rows["output_norm"] == 0,
        **_output_errors(rows),
        **_matrix_metrics(rows, view),
        **_row_divergences(rows, view),
        **_spectral_metrics(decomposed),
    )


def _output_errors(rows: dict[str, Tensor]) -> dict[str, Metric]:
    norm = rows["output_norm"]
    counted = norm > 0
    error = rows["output_error"].masked_fill(~counted, 0.0)
    head_error, head_norm = error.sum((0, 2)), norm.sum((0, 2))
    none = "" if counted.any() else "the exact output is zero in every row"
    return {
        "output_error": Metric.measured((error.sum() / norm.sum()).sqrt(), ERROR, none),
        "head_output_error": Metric.measured(
            (head_error / head_norm).sqrt(),
            ERROR,
            heads_without(head_norm > 0, "row with an output that is not zero"),
        ),
        "row_output_error": Metric.measured(
            (error / norm.masked_fill(~counted, 1.0)).sqrt(), ERROR, none
        ),
    }


def _matrix_metrics(rows: dict[str, Tensor], view: MatrixView) -> dict[str, Metric]:
    filled = rows["exact_mass"] != 0
    no_rows = heads_without(filled.any(2).any(0), "row with anything to attend to")
    magnitude = rows["magnitude"].sum((0, 2))
    broken = "" if magnitude.isfinite().all() else NOT_FINITE
    error = (rows["matrix_error"].sum((0, 2)) / rows["matrix_norm"].sum((0, 2))).sqrt()
    negative, no_mass = rows["negative"].sum((0, 2)), heads_without(magnitude != 0, "weight")
    metrics = {
        "matrix_error": Metric.measured(error, ERROR, no_rows),
        "top_k_recall": Metric.measured(_mean(rows["recall"], filled), SHARE, broken or no_rows),
        "negative_mass": Metric.measured(negative / magnitude, SHARE, no_mass),
        "lost_mass": Metric.undefined(SHARE, "the method has no pattern that leaves out pairs"),
    }
    if view.pattern is not None:
        lost = _mean(rows["lost_mass"], filled)
        metrics["lost_mass"] = Metric.measured(lost, SHARE, no_rows)
    return metrics


def _row_divergences(rows: dict[str, Tensor], view: MatrixView) -> dict[str, Metric]:
    filled = rows["exact_mass"] != 0
    why_not = why_not_distributions(view)
    if not why_not and not rows["magnitude"].isfinite().all():
        why_not = NOT_FINITE
    no_rows = why_not or heads_without(filled.any(2).any(0), "row with anything to attend to")
    kl = rows.get("kl", torch.zeros_like(rows["exact_mass"])).masked_fill(~filled, 0.0)
    variation = rows.get("total_variation", torch.zeros_like(kl)).masked_fill(~filled, 0.0)
    finite = filled & kl.isfinite()
    no_finite = no_rows or heads_without(finite.any(2).any(0), "row with a finite divergence")
    return {
        "kl": Metric.measured(_mean(kl.masked_fill(~finite, 0.0), finite), "nats", no_finite),
        "kl_infinite_share": Metric.measured(_mean(kl.isinf().double(), filled), SHARE, no_rows),
        "row_kl": Metric.undefined("nats", why_not) if why_not else Metric(kl, "nats"),
        "total_variation": Metric.measured(_mean(variation, filled), "probability", no_rows),
        "row_total_variation": Metric.measured(variation, "probability", why_not),
    }


def _spectral_metrics(found: Spectra | str) -> dict[str, Metric]:
    if isinstance(found, str):
        units = dict.fromkeys(("exact_spectrum", "approximate_spectrum"), "singular value")
        units |= dict.fromkeys(("exact_effective_rank", "approximate_effective_rank"), "rank")
        units |= dict.fromkeys(("best_rank_error", "best_rank_output_error"), ERROR)
        return {name: Metric.undefined(unit, found) for name, unit in units.items()}
    return {
        "exact_spectrum": Metric.measured(found.exact, "singular value"),
        "approximate_spectrum": Metric.measured(found.approximate, "singular value"),
        "exact_effective_rank": _effective_rank(found.exact),
        "approximate_effective_rank": _effective_rank(found.approximate),
        "best_rank_error": Metric.measured(
            found.best_matrix_error, ERROR, _zero_heads(found.best_matrix_error, "matrix")
        ),
        "best_rank_output_error": Metric.measured(
            found.best_output_error, ERROR, _zero_heads(found.best_output_error, "output")
        ),
    }


def _effective_rank(singular: Tensor) -> Metric:
    zero = singular.sum(-1) == 0
    why_not = (
        f"the matrix is zero in {int(zero.sum())} of {zero.numel()} heads" if zero.any() else ""
    )
    return Metric.measured(effective_rank(singular), "rank", why_not)


def _zero_heads(relative: Tensor, what: str) -> str:
    """A relative error is not a number exactly where it is relative to zero."""
    return heads_without(~relative.isnan().any(-1), f"{what} that is not zero")


def _mean(values: Tensor, rows: Tensor) -> Tensor:
    """(B, H, N, …) to (H, …) over the chosen rows of the whole batch."""
    rows = rows.reshape(*rows.shape, *[1] * (values.dim() - 3))
    return (values * rows).sum((0, 2)) / rows.sum((0, 2))
