"""The text file in the zip of a run: where it comes from, how to measure it again, what each file holds."""

from __future__ import annotations

from attn_core.exchange.document import FIGURE_Z, TRADEOFF, Document

HEAD = """\
{name}
{line}

Measured by attn_core {version}. To measure it again:

    {command}

To look at it, upload this file on the Runs page, or: python -m attn_core runs import THIS_FILE

"""
FOOT = """\
environment.json  the machine and the software
settings.json     what was asked for
run.json          name, notes, command and versions
charts/           the charts as SVG{charts}
"""
SWEEP_FILES = """\
rows.csv          one line for each method and length
rows.json         the same with every raw sample
nulls.json        one method of each length measured twice: how far noise alone moves a number
rates.json        this machine's own rates, beside each length: matrix products and copies
"""
SWEEP_WORDS = """
Times are in seconds, sizes in bytes, rates in FLOP or bytes a second. median_s is the median of the samples, p20_s and
p80_s are percentiles, ci_low_s to ci_high_s is the 95% interval of the median, floor_s what the machine's own rates
allow at best. An outcome other than ok or unstable has no time, and its message says why.
"""
TRADEOFF_FILES = """\
fidelity.json     how far each method and length is from exact attention, on each source
"""
TRADEOFF_WORDS = """
output_error is relative, row_kl in nats, top_k_recall a share of the 8 largest keys, lost_mass the share of exact
attention outside a pattern. Each is the median over different inputs and seeds, _low to _high their range. Where it
has no meaning it is null, and the message says why.
"""
FIGURE_Z_FILES = """\
rows.csv          one line for each number: a metric of a model at a length
rows.json         the same
curves.json       losses and speed while each model was trained
samples.json      held-out texts as each model translates them
agreement.json    how often the right pronoun is the likelier, by the distance to what decides it
roles.json        which method really holds each attention role
"""
FIGURE_Z_WORDS = """
A model is a method, a student and a seed. Of the students, teacher is the exact model that the others learn from,
distilled was trained towards it, drop-in has its weights and was not trained, identity has no attention that mixes,
published is a number that others reported. Lengths are in tokens. val_ce and kl_to_teacher are in nats a token,
token_accuracy and agreement_accuracy are shares, chrf and bleu go to 100, generalization is a ratio whose message says
of what. Metrics that end in _s are seconds, those in _bytes bytes. low to high is an interval, of a quality 95%; its
message says what it was taken over. An outcome other than ok or unstable has no value, and its message says why.
"""


def note(document: Document, drawn: bool) -> str:
    """`drawn` says whether there are charts."""
    figure_z = document["kind"] == FIGURE_Z
    files, words = (FIGURE_Z_FILES, FIGURE_Z_WORDS) if figure_z else (SWEEP_FILES, SWEEP_WORDS)
    if document["kind"] == TRADEOFF:
        files, words = files + TRADEOFF_FILES, words + TRADEOFF_WORDS
    return (
        HEAD.format(
            name=document["name"] or f"Run {document['run_id']}",
            line=(document["environment"] or {}).get("line", "The machine is not known."),
            version=document["versions"]["attn_core"],
            command=document["command"] or "(no command line was kept)",
        )
        + files
        + FOOT.format(charts="" if drawn else " (none: nothing here could draw them)")
        + words
    )
