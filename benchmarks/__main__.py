"""`python -m benchmarks [PART …]`: measure, store the rows as they come, and render docs/benchmarks.md."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from benchmarks import agreement, faults, floor, growth, imports, memory, packages, peers, report
from benchmarks.adapters import EXACT, PEERS
from benchmarks.catalogue import EXPONENT_LIMITS, LINEAR
from benchmarks.clock import Budget
from benchmarks.machine import environment, use_threads
from benchmarks.results import LATEST, Row, merge, read

QUICK = LATEST.with_name("quick.json")


@dataclass(frozen=True)
class Plan:
    """What the options ask for: which rows, which lengths, and how long each may take."""

    only: str = ""
    lengths: tuple[int, ...] = ()
    quick: bool = False
    patience: float = 0.0

    def wants(self, name: str) -> bool:
        return self.only in name

    def methods(self, names: Sequence[str]) -> list[str]:
        return [name for name in names if self.wants(name)]

    def at(self, usual: tuple[int, ...], quick: tuple[int, ...]) -> tuple[int, ...]:
        return self.lengths or (quick if self.quick else usual)

    def budget(self, turns: int, seconds: float) -> Budget:
        if self.quick:
            return Budget(4, 2.0, 1, 2, self.patience)
        return Budget(turns, seconds, patience=self.patience)

    @property
    def whole(self) -> bool:
        """Rows that a whole run does not measure again are rows of comparisons that are gone."""
        return not self.only and not self.lengths


def measure_peers(plan: Plan) -> Iterator[Row]:
    chosen = [comparison for comparison in PEERS if plan.wants(comparison.name)]
    return peers.measure(chosen, plan.at((4096,), (1024,)), plan.budget(20, 40))


def measure_exact(plan: Plan) -> Iterator[Row]:
    chosen = [comparison for comparison in EXACT if plan.wants(comparison.name)]
    return peers.measure(chosen, plan.at((4096,), (1024,)), plan.budget(20, 40))


def measure_agreement(plan: Plan) -> Iterator[Row]:
    return agreement.measure(case for case in agreement.CASES if plan.wants(case.name))


def measure_faults(plan: Plan) -> Iterator[Row]:
    return faults.measure(fault for fault in faults.FAULTS if plan.wants(fault.peer))


def measure_growth(plan: Plan) -> Iterator[Row]:
    lengths = plan.at(growth.LENGTHS, (1024, 2048, 4096))
    return growth.measure(plan.methods(list(EXPONENT_LIMITS)), lengths, plan.budget(8, 60))


def measure_floor(plan: Plan) -> Iterator[Row]:
    return floor.measure(
        plan.methods(LINEAR), plan.at(floor.LENGTHS, (2048,)), plan.budget(20, 20)
    )


def measure_memory(plan: Plan) -> Iterator[Row]:
    return memory.measure(plan.methods(LINEAR), plan.at(memory.LENGTHS, (8192,)))


def measure_imports(plan: Plan) -> Iterator[Row]:
    return imports.measure(plan.budget(7, 60))


PARTS: dict[str, Callable[[Plan], Iterator[Row]]] = {
    "agreement": measure_agreement,
    "faults": measure_faults,
    "import": measure_imports,
    "peers": measure_peers,
    "exact": measure_exact,
    "floor": measure_floor,
    "memory": measure_memory,
    "growth": measure_growth,
}


def announced(part: str, rows: Iterator[Row]) -> Iterator[Row]:
    """One line a row on stderr, so that a long run can be watched."""
    for row in rows:
        words = [part, row["name"], row.get("pass", ""), row.get("length", "")]
        result = row.get("message") or {True: "met", False: "not met", None: ""}[row.get("met")]
        ratio = f"{row['ratio']['median']:.2f}" if "ratio" in row else ""
        print(*(str(word) for word in [*words, ratio, result] if word != ""), file=sys.stderr)
        yield row


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all")
    parser.add_argument("--only", default="", help="rows whose name contains this")
    parser.add_argument("--lengths", default="", help="instead of the usual ones, as 1024,4096")
    parser.add_argument(
        "--quick", action="store_true", help="short and few; printed, and the document left alone"
    )
    parser.add_argument(
        "--patience", type=float, default=0.0, help="seconds to wait for a quiet machine, each row"
    )
    options = parser.parse_args(arguments)
    for part in options.parts:
        if part not in PARTS:
            parser.error(f"unknown part {part!r}, choose from: {', '.join(PARTS)}")
    try:
        options.lengths = tuple(int(n) for n in options.lengths.split(",") if n)
    except ValueError:
        parser.error(f"--lengths takes integers like 1024,4096, got {options.lengths!r}")
    return options


def main(arguments: Sequence[str] | None = None) -> None:
    options = parse(arguments)
    plan = Plan(options.only, options.lengths, options.quick, options.patience)
    use_threads()
    packages.install()
    results = QUICK if plan.quick else LATEST
    if plan.quick:
        QUICK.unlink(missing_ok=True)
    for part in options.parts or PARTS:
        rows = announced(part, PARTS[part](plan))
        merge(results, part, environment(), rows, whole=plan.whole)
    if plan.quick:
        print(report.render(read(results)))
    else:
        report.write(results)


if __name__ == "__main__":
    main()
