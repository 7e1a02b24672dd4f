"""One section of the report a benchmark, each a function of its stored rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from benchmarks.results import Row
from benchmarks.tables import busy, digits, failed, milliseconds, spread, table, verdict


def ratio_rows(rows: Iterable[Row]) -> Iterable[list[str]]:
    for row in rows:
        head = [row["name"], row["pass"], f"{row['length']:,}", row["target"] or "–"]
        yield head + (
            failed(row, 4)
            or [
                spread(row["ratio"]),
                milliseconds(row["ours_s"]),
                milliseconds(row["peer_s"]),
                verdict(row["met"]),
            ]
        )


RATIO_HEADERS = (
    "ours / peer",
    "pass",
    "N",
    "target",
    "ratio (p20–p80)",
    "ours ms",
    "peer ms",
    "met",
)


def peers_section(rows: list[Row]) -> str:
    peers = {row["name"]: (row["peer"], row["note"]) for row in rows}
    described = [
        f"- *{name}*: {peer}" + (f"; {note}." if note else ".")
        for name, (peer, note) in peers.items()
    ]
    return (
        "## Beside the packages people use\n\n"
        + busy(rows)
        + table(RATIO_HEADERS, ratio_rows(rows))
        + "\nWhat runs on the other side:\n\n"
        + "\n".join(described)
        + "\n"
    )


def exact_section(rows: list[Row]) -> str:
    return (
        "## Beside torch's exact attention\n\n"
        "The time of `scaled_dot_product_attention` over ours, operators with their default parameters. The "
        "first comparison is the same function twice: how far from 1 a ratio strays by chance.\n\n"
        + busy(rows)
        + table(RATIO_HEADERS, ratio_rows(rows))
    )


def agreement_section(rows: list[Row]) -> str:
    def cells(row: Row) -> list[str]:
        numbers = failed(row, 3) or [
            digits(row["output"]),
            digits(row["gradient"]),
            verdict(row["met"]),
        ]
        return [row["name"], digits(row["tolerance"]), *numbers]

    headers = ("ours / peer", "tolerance", "output error", "gradient error", "equal")
    return (
        "## The same numbers, where a peer computes the same function\n\n"
        "Relative errors in norm at 512 tokens, fp32: of the output, and the largest of the gradients of the "
        "inputs.\n\n" + table(headers, map(cells, rows))
    )


def faults_section(rows: list[Row]) -> str:
    def cells(row: Row) -> list[str]:
        numbers = failed(row, 3) or [
            digits(row["theirs"]),
            "–" if row["ours"] is None else digits(row["ours"]),
            verdict(row["seen"] and row["free"]),
        ]
        return [row["peer"], row["claim"], row["how"], *numbers]

    headers = ("peer", "what is wrong", "how it was seen", "there", "here", "only there")
    return "## Where a peer is wrong\n\n" + table(headers, map(cells, rows))


def growth_section(rows: list[Row]) -> str:
    lengths = next((row["lengths"] for row in rows), [])

    def cells(row: Row) -> list[str]:
        times = failed(row, len(lengths) + 2) or [
            *(milliseconds(time) for time in row["seconds"]),
            f"{row['exponent']:.2f} ({row['by_round']['p20']:.2f}–{row['by_round']['p80']:.2f})",
            verdict(row["met"]),
        ]
        return [row["name"], f"≤ {row['at_most']:.2f}", *times]

    headers = ("method", "target p", *(f"{n:,} ms" for n in lengths), "p (p20–p80)", "met")
    return (
        "## How time grows with length\n\nForward time ∝ N^p, fitted by least squares on log-log over all "
        "lengths; the spread is of fits to single rounds.\n\n"
        + busy(rows)
        + table(headers, map(cells, rows))
    )


def memory_section(rows: list[Row]) -> str:
    def cells(row: Row) -> list[str]:
        numbers = failed(row, 4) or [
            digits(row["extra_bytes"] / 2**20),
            f"{row['extra_multiple']:.2f}",
            f"{row['multiple']:.2f}",
            verdict(row["met"]),
        ]
        return [row["name"], f"{row['length']:,}", f"< {row['at_most']:g}", *numbers]

    headers = ("method", "N", "target", "added MiB", "added ×", "with inputs ×", "met")
    return (
        "## Peak memory of one forward pass\n\nPeak resident memory of a fresh process above what was resident "
        "with the inputs made and the operator warmed on 128 tokens, as a multiple of the bytes of q, k, v and the "
        "output; the target is held against the stricter count, inputs included.\n\n"
        + table(headers, map(cells, rows))
    )


def floor_section(rows: list[Row]) -> str:
    def cells(row: Row) -> list[str]:
        numbers = failed(row, 5) or [
            f"{milliseconds(row['floor_s'])} ({row['bound']})",
            milliseconds(row["seconds"]),
            f"{100 * row['share']['median']:.0f} % "
            f"({100 * row['share']['p20']:.0f}–{100 * row['share']['p80']:.0f})",
            verdict(row["met"]),
            ", ".join(f"{o['operation']} {100 * o['share']:.0f} %" for o in row["spent_on"])
            or "–",
        ]
        return [row["name"], f"{row['length']:,}", f"≥ {100 * row['at_least']:.0f} %", *numbers]

    measured = [row for row in rows if row["outcome"] == "ok"]
    rates = ""
    if measured:
        gemm = sorted(row["gflops_per_s"] for row in measured)
        copy = sorted(row["copy_gb_per_s"] for row in measured)
        rates = (
            f"Measured in turn with the methods: {gemm[0]:.0f}–{gemm[-1]:.0f} GFLOP/s for a matrix product of "
            f"2,048³, {copy[0]:.0f}–{copy[-1]:.0f} GB/s read and written by a copy.\n\n"
        )
    headers = (
        "method",
        "N",
        "target",
        "floor ms",
        "time ms",
        "share",
        "met",
        "where the time goes",
    )
    return (
        "## Share of the machine's own floor\n\nThe floor is the larger of a method's declared FLOPs at the measured "
        "matrix-product rate and its declared bytes at the measured copy rate. Where the share is below the target, "
        "the profiler's largest entries say where the time goes.\n\n"
        + rates
        + busy(rows)
        + table(headers, map(cells, rows))
    )


def imports_section(rows: list[Row]) -> str:
    def cells(row: Row) -> list[str]:
        limit = "–" if row["at_most"] is None else f"< {row['at_most']:g}"
        return [f"`import {row['name']}`", limit, spread(row["seconds"]), verdict(row["met"])]

    headers = ("what", "target s", "seconds (p20–p80)", "met")
    return "## Import time, fresh processes\n\n" + table(headers, map(cells, rows))


def cuda_section(rows: list[Row]) -> str:
    def cells(row: Row) -> list[str]:
        numbers = failed(row, 3) or [
            milliseconds(row["ours_s"]),
            milliseconds(row["peer_s"]),
            spread(row["ratio"]),
        ]
        return [row["name"], row["pass"], f"{row['length']:,}", *numbers]

    headers = ("method", "pass", "N", "ours ms", "SDPA flash ms", "ratio (p20–p80)")
    return "## On the GPU, bf16, against SDPA's flash backend\n\n" + table(
        headers, map(cells, rows)
    )


SECTIONS: dict[str, Callable[[list[Row]], str]] = {
    "peers": peers_section,
    "exact": exact_section,
    "agreement": agreement_section,
    "faults": faults_section,
    "growth": growth_section,
    "floor": floor_section,
    "memory": memory_section,
    "import": imports_section,
    "cuda": cuda_section,
}
