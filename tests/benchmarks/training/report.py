"""The results as markdown: scores, regret, and the differences that separate."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import polars as pl

from . import compare
from .cells import Bench, Cell, judge
from .datasets import find
from .measure import BUSY
from .score import plain
from .splits import split
from .systems import LABEL, OURS, SYSTEMS, budget_of

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Results:
    """Finished cells, by data set, seed and system."""

    bench: Bench
    cells: Sequence[Cell]

    @cached_property
    def of(self) -> dict[tuple[str, int, str], dict[str, Any]]:
        """Only splits that every system has come through, or failed on: a comparison has to be of the same ones."""
        known = {(each.dataset, each.seed, each.system): self.bench.result(each) for each in self.cells}
        gaps = {key[:2] for key, result in known.items() if result is None}
        return {key: result for key, result in known.items() if result is not None and key[:2] not in gaps}

    @cached_property
    def datasets(self) -> list[str]:
        return list(dict.fromkeys(key[0] for key in self.of))

    @cached_property
    def systems(self) -> list[str]:
        present = {key[2] for key in self.of}
        return [name for name in (*SYSTEMS, *sorted(present - set(SYSTEMS))) if name in present]

    def seeds(self, dataset: str) -> list[int]:
        return sorted({key[1] for key in self.of if key[0] == dataset})

    def scores(self, dataset: str, system: str) -> list[float | None]:
        return [self.of[dataset, seed, system]["score"] for seed in self.seeds(dataset)]

    def plain(self, dataset: str, seed: int) -> float:
        """What the constant prediction scores."""
        given = find(dataset)
        rows = split(given, seed, self.bench.data)
        known = pl.read_parquet(rows.train, columns=[given.target]).to_series()
        return plain(given.task, known, pl.read_parquet(rows.answers).to_series())

    def regrets(self, dataset: str) -> dict[str, float]:
        """Each system's mean over the seeds."""
        task, found = find(dataset).task, []
        for seed in self.seeds(dataset):
            scores = {name: self.of[dataset, seed, name]["score"] for name in self.systems}
            gains = {name: None if value is None else compare.gain(task, value) for name, value in scores.items()}
            found.append(compare.regrets(gains, compare.gain(task, self.plain(dataset, seed))))
        return {name: statistics.fmean(each[name] for each in found) for name in self.systems}

    def against(self, peer: str, dataset: str, confidence: float) -> compare.Interval | None:
        """Our gain less theirs; None where one of them failed."""
        if None in (*self.scores(dataset, OURS), *self.scores(dataset, peer)):
            return None
        pairs = [
            (judge(self.bench, Cell(dataset, seed, OURS)), judge(self.bench, Cell(dataset, seed, peer)))
            for seed in self.seeds(dataset)
        ]
        return compare.paired(pairs, confidence=confidence, seed=1)


def report(bench: Bench, cells: Sequence[Cell]) -> str:
    """Markdown of all finished cells."""
    results = Results(bench, cells)
    if not results.of:
        return "no data set has been run by all of the systems yet"
    parts = [_heading(results), _scores(results), _costs(results)]
    if OURS in results.systems and len(results.systems) > 1:
        parts += [_comparison(results), _overhead(results)]
    return "\n\n".join(each for each in parts if each)


def _heading(results: Results) -> str:
    seeds = sorted({key[1] for key in results.of})
    budgets = ", ".join(f"{LABEL[name]} {budget_of(name, results.bench.seconds):g} s" for name in results.systems)
    versions = {name: _versions(results, name) for name in results.systems}
    said = "; ".join(f"{LABEL[name]} {value}" for name, value in versions.items() if value)
    busy = sum(result["foreign"] > BUSY for result in results.of.values())
    doubt = f" {busy} of them while others took more than {BUSY:.0%} of the machine." if busy else ""
    return (
        f"{len(results.of)} cells: {len(results.datasets)} data sets, seeds {', '.join(map(str, seeds))}, two cores; "
        f"budgets: {budgets}.{doubt} Versions: {said}."
    )


def _versions(results: Results, system: str) -> str:
    field = (lambda each: each["commit"]) if system == OURS else (lambda each: each.get("notes", {}).get("version"))
    return ", ".join(sorted({str(field(each)) for key, each in results.of.items() if key[2] == system and field(each)}))


def _scores(results: Results) -> str:
    rows = []
    totals: dict[str, list[float]] = {name: [] for name in results.systems}
    for dataset in results.datasets:
        regrets = results.regrets(dataset)
        values = []
        for name in results.systems:
            totals[name].append(regrets[name])
            values.append(f"{_mean(results.scores(dataset, name))} ({regrets[name]:.3f})")
        given = find(dataset)
        sign = "↑" if given.task == "binary" else "↓"
        rows.append([dataset, f"{given.metric} {sign}", *values])
    rows.append(["mean regret", "", *(f"**{statistics.fmean(totals[name]):.4f}**" for name in results.systems)])
    note = (
        "Mean test score over the seeds, and in brackets the normalised regret: 0 for the best system on a split, "
        "1 for one that is no better than the constant prediction or failed."
    )
    return f"{note}\n\n{_table(['data set', 'metric', *(LABEL[name] for name in results.systems)], rows)}"


def _comparison(results: Results) -> str:
    peers = [name for name in results.systems if name != OURS]
    # Bonferroni over the data sets: all of a peer's verdicts hold together with the stated confidence.
    confidence = 1 - (1 - CONFIDENCE) / len(results.datasets)
    regrets = {dataset: results.regrets(dataset) for dataset in results.datasets}
    rows, verdicts = [], {peer: [] for peer in peers}
    for dataset in results.datasets:
        row = [dataset]
        for peer in peers:
            found = results.against(peer, dataset, confidence)
            verdict = found.verdict if found else _of_failures(results, dataset, peer)
            verdicts[peer].append(verdict)
            row.append(f"{verdict} {_interval(found)}" if found else f"{verdict} (failed)")
        rows.append(row)
    counts = [[verdicts[peer].count(each) for each in ("win", "tie", "loss")] for peer in peers]
    rows.append(["**win / tie / loss**", *(f"**{win} / {tie} / {loss}**" for win, tie, loss in counts)])
    means = []
    for peer in peers:
        ahead = [regrets[dataset][peer] - regrets[dataset][OURS] for dataset in results.datasets]
        means.append(_interval(compare.over_sets(ahead, confidence=CONFIDENCE, seed=1)))
    rows.append(["regret: theirs less ours", *means])
    note = (
        "Evergreen's gain over each (above 0: Evergreen is better), with paired bootstrap intervals over seeds and "
        f"test rows that hold together for a column with {CONFIDENCE:.0%} (Bonferroni over the data sets); a win or "
        f"loss is an interval that leaves out 0. Last line: {CONFIDENCE:.0%} interval over the data sets."
    )
    return f"{note}\n\n{_table(['data set', *(f'over {LABEL[peer]}' for peer in peers)], rows)}"


def _of_failures(results: Results, dataset: str, peer: str) -> str:
    ours, theirs = (None in results.scores(dataset, name) for name in (OURS, peer))
    return "tie" if ours and theirs else "loss" if ours else "win"


def _costs(results: Results) -> str:
    rows = []
    for name in results.systems:
        mine = [result for key, result in results.of.items() if key[2] == name]
        fits = [each["notes"]["fit_seconds"] for each in mine if each["score"] is not None]
        rows.append(
            [
                LABEL[name],
                f"{budget_of(name, results.bench.seconds):g}",
                f"{statistics.median(fits):.0f} ({max(fits):.0f})" if fits else "–",
                *(f"{statistics.median(each[what] for each in mine):.0f}" for what in ("wall", "cpu")),
                f"{max(each['peak'] for each in mine) / 2**20:.0f}",
                str(sum(each["score"] is None for each in mine)),
            ]
        )
    heads = [
        "system",
        "budget, s",
        "fit, s: median (most)",
        "wall, s: median",
        "CPU, s: median",
        "peak memory, MiB",
        "failed",
    ]
    return _table(heads, rows)


def _overhead(results: Results) -> str:
    shares = {}
    for (dataset, _, system), result in results.of.items():
        said = result.get("notes", {}).get("report", {}).get("overhead")
        if system == OURS and said is not None:
            shares.setdefault(dataset, []).append(said)
    if not shares:
        return "Overhead: `evergreen fit` did not report it."
    cells = ", ".join(f"{name} {max(values):.1%}" for name, values in shares.items())
    return (
        f"Overhead of `evergreen fit` (all but fitting and predicting; share of the budget, most of any seed): {cells}."
    )


def _mean(scores: Iterable[float | None]) -> str:
    known = [value for value in scores if value is not None]
    return f"{statistics.fmean(known):.5g}" if known else "failed"


def _interval(of: compare.Interval) -> str:
    return f"{of.value:+.3g} [{of.low:+.3g}, {of.high:+.3g}]"


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return "\n".join("| " + " | ".join(row) + " |" for row in [heads, ["---"] * len(heads), *rows])
