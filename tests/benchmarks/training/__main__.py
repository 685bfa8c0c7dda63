"""The training benchmark: runs what is missing of the cells asked for, then reports.

    make bench-training                                                          # everything: three and a half hours
    make bench-training ARGS="--seeds 1 --sets concrete credit hpc loans stops"   # an early picture: 40 minutes
    make bench-training ARGS="--seconds 10 --seeds 1 --sets concrete credit"      # does the machinery work?
    make bench-training ARGS="--again '*/evergreen'"                            # ours anew, the rest stays

Two cores, each system in a process of its own on the same rows. Results are kept in `.bench/training`, which no
target removes.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from fnmatch import fnmatch
from pathlib import Path

from .cells import Bench, Cell, fill, plan
from .datasets import DEVELOPMENT, REPORTED, find
from .measure import BUSY, load
from .report import report
from .systems import CORES, OURS, PRESETS, ROOT, SYSTEMS, budget_of, python_of

BESIDES = 12  # seconds a cell takes beside its budget: imports, last fits, predicting


def main() -> int:
    """Run, and print the report's markdown."""
    asked = _arguments()
    bench = Bench(asked.home.resolve(), asked.seconds)
    datasets = asked.sets or [each.name for each in (DEVELOPMENT if asked.development else REPORTED)]
    for name in datasets:
        find(name)
    systems = list(dict.fromkeys(asked.systems))
    cells = [each for each in plan(datasets, range(1, asked.seeds + 1), systems) if fnmatch(str(each), asked.only)]
    _pin()
    if not asked.report:
        _forget(bench, cells, asked.again)
        _run(bench, cells, time.monotonic() + 60 * asked.minutes)
    print(report(bench, cells))
    return 0


def _run(bench: Bench, cells: list[Cell], ends: float) -> None:
    missing = [each for each in cells if bench.result(each) is None]
    seconds = sum(budget_of(each.system, bench.seconds) + BESIDES for each in missing)
    _say(f"{len(missing)} of {len(cells)} cells to run, about {seconds / 60:.0f} minutes")
    if missing and (taken := load()) > BUSY:
        _say(f"WARNING: {taken:.0%} of this machine is busy with other things; times and scores will suffer")
    commit = _commit()
    for place, cell in enumerate(missing, 1):
        if time.monotonic() > ends:
            _say("the time is up; the same command goes on from here")
            return
        if cell.system != OURS and not python_of(cell.system, bench.envs).exists():
            _say(f"{cell}: its environment is missing (make bench-training makes it)")
            continue
        done = fill(bench, cell, commit)
        busy = f", WARNING: others took {done['foreign']:.0%} of the machine" if done["foreign"] > BUSY else ""
        what = f"{done['metric']} {done['score']:.5g}" if done["score"] is not None else f"FAILED: {done['failure']}"
        _say(f"[{place}/{len(missing)}] {cell}: {what}, {done['wall']:.0f} s wall, {done['cpu']:.0f} s CPU{busy}")


def _forget(bench: Bench, cells: list[Cell], pattern: str | None) -> None:
    for cell in cells:
        if pattern and fnmatch(str(cell), pattern):
            shutil.rmtree(bench.folder(cell), ignore_errors=True)


def _pin() -> None:
    """Two cores for everything started here, however many there are."""
    cores = sorted(os.sched_getaffinity(0))[:CORES]
    os.sched_setaffinity(0, cores)
    if len(cores) < CORES:
        _say(f"WARNING: only {len(cores)} core is to be had")


def _commit() -> str:
    git = ["git", "-C", str(ROOT)]
    head = subprocess.run([*git, "rev-parse", "--short=12", "HEAD"], capture_output=True, text=True, check=False)
    dirty = subprocess.run([*git, "status", "--porcelain", "include"], capture_output=True, text=True, check=False)
    return head.stdout.strip() + ("+changes" if dirty.stdout.strip() else "")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bench-training", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument(
        "--seconds", type=float, default=60, help="budget of a fit (Optuna + LightGBM has four times as much)"
    )
    parser.add_argument("--seeds", type=int, default=3, help="how many seeds, from 1")
    parser.add_argument("--sets", nargs="+", metavar="NAME", help="data sets (default: all reported ones)")
    parser.add_argument("--development", action="store_true", help="the development sets in place of the reported ones")
    parser.add_argument(
        "--systems", nargs="+", choices=list(dict.fromkeys([*SYSTEMS, *PRESETS])), default=list(SYSTEMS)
    )
    parser.add_argument(
        "--only", default="*", metavar="PATTERN", help="cells whose set/seed/system matches, e.g. 'hpc/*'"
    )
    parser.add_argument(
        "--again", metavar="PATTERN", help="forget the matching cells' results first, e.g. '*/evergreen'"
    )
    parser.add_argument("--minutes", type=float, default=float("inf"), help="start no cell after so many minutes")
    parser.add_argument("--report", action="store_true", help="run nothing, report what there is")
    parser.add_argument(
        "--home", type=Path, default=ROOT / ".bench" / "training", help="where data and results are kept"
    )
    return parser.parse_args()


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
