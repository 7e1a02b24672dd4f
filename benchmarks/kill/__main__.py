"""`python -m benchmarks.kill [--times 20] [--real]`: the trials, and a table of what they showed."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from attn_core.jobs import ensure_worker, work
from attn_core.store import Store
from benchmarks.kill.rehearsal import settings
from benchmarks.kill.trials import VICTIMS, Found, Trials, worker


def be_a_page(store: Store, kind: str) -> None:
    """Until it is killed."""
    run_id = store.create_run(kind, settings(kind))
    store.submit(run_id, settings(kind), "cpu")
    while True:
        ensure_worker(store, worker(store))
        store.stamp(run_id)
        store.rows(run_id)
        time.sleep(0.2)


def table(found: list[Found]) -> str:
    lines = [
        "| killed | times | cells stored then | lost after, s | faults |",
        "|---|---|---|---|---|",
    ]
    for victim in VICTIMS:
        mine = [one for one in found if one.victim == victim]
        if not mine:
            continue
        cells = [one.cells_then for one in mine]
        lost = [one.lost for one in mine if one.lost is not None]
        after = f"{min(lost):.1f}–{max(lost):.1f} ({len(lost)} of {len(mine)})" if lost else "–"
        faults = sorted({fault for one in mine for fault in one.faults})
        lines.append(
            f"| {victim} | {len(mine)} | {min(cells)}–{max(cells)} | {after} | {'; '.join(faults) or 'none'} |"
        )
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.kill", description="Kill -9 at random.")
    parser.add_argument("--times", type=int, default=20, help="how often each of them is killed")
    parser.add_argument("--victims", default=",".join(VICTIMS), help="separated by commas")
    parser.add_argument("--real", action="store_true", help="a real sweep, not a pretended one")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--work", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--page", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--kind", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        work(Store(options.work), 30.0, handlers="benchmarks.kill.rehearsal")
        return 0
    if options.page:
        be_a_page(Store(options.page), options.kind)
    found: list[Found] = []
    with tempfile.TemporaryDirectory(prefix="attn-kill-") as folder:
        trials = Trials(Path(folder) / "home", options.real, options.seed)
        try:
            for victim in options.victims.split(","):
                for _ in range(options.times):
                    found.append(trials.trial(victim))
                    print(found[-1], file=sys.stderr, flush=True)
        finally:
            trials.close()
    print(table(found))
    return 1 if any(one.faults for one in found) else 0


if __name__ == "__main__":
    sys.exit(main())
