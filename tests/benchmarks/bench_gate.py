"""How often the gate promotes a challenger that is no better, and how often one that is: on made-up windows.

`PYTHONPATH=include python tests/benchmarks/bench_gate.py [--simulations 1000] [--only WORDS] [--seed 0]`, or `--speed`

Of each cell: the share of windows that promoted, with its 95% interval (Clopper, Pearson 1934). Where the truth is "no
better than asked for", it has to stay below 1 − confidence. `above` marks a cell whose interval lies above that.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import polars as pl
from gate_worlds import BINARY, MULTICLASS, REGRESSION, SKEWED, UNSEEN, Shape, World

from evergreen.evaluation.gain import confidence_after, judge_gain
from evergreen.evaluation.window import Window
from evergreen.metrics.bootstrap import Resampling
from evergreen.metrics.registry import metric_named
from evergreen.spec import UseCase, parse_use_case

CONFIDENCE = 0.95
_YAML = """
name: made_up
task: {task}
key: [id]
target: {{column: y}}
sources: {{base: {{type: files, path: "x/*.csv", key: [id]}}}}
training: {{metric: {metric}}}
promotion: {{confidence: {confidence}, min_gain: {{absolute: {least}}}}}
"""


@cache
def use_case(task: str, metric: str, confidence: float, least: float) -> UseCase:
    return parse_use_case(_YAML.format(task=task, metric=metric, confidence=confidence, least=repr(least)))


@dataclass(frozen=True)
class Cell:
    """`better`: how much the challenger is; `least`: the gain asked for; `uses`: challengers that one window judges."""

    group: str
    world: World
    shape: Shape
    better: float = 0.0
    least: float = 0.0
    uses: int = 1
    by_row: bool = False
    by_week: bool = False

    def promoted(self, seed: int) -> bool:
        """Whether the gate promotes any of the challengers of one window."""
        spec = use_case(self.world.task, self.world.metric, CONFIDENCE, self.least)
        for use in range(self.uses):
            rng, own = np.random.default_rng([seed, 1]), np.random.default_rng([seed, use + 2])
            challenger, champion, day = self.world.make(self.shape, rng, own, self.better)
            blocks = np.arange(len(day)) if self.by_row else day // 7 if self.by_week else day
            number = int(blocks.max()) + 1
            window = Window(spec, pl.DataFrame(), challenger, champion, blocks, number, "day")
            resampling = Resampling.of(blocks, number, seed)
            if judge_gain(window, confidence_after(CONFIDENCE, use), resampling).reason.passed:
                return True
        return False

    def __str__(self) -> str:
        shape = self.shape
        said = [f"{shape.days} days × {shape.rows} rows" + (" unevenly" if shape.uneven else "")]
        said.append("rows apart" if self.by_row else f"{shape.together:.0%} shared")
        said += [f"better by {self.better:g}"] if self.better else []
        said += [f"{self.least:.4g} asked for"] if self.least else []
        said += [f"{self.uses} challengers"] if self.uses > 1 else []
        said += [f"lasting {shape.lasting:g}"] if shape.lasting else []
        said += ["weeks as blocks"] if self.by_week else []
        return f"{self.world.name}: {', '.join(said)}"


USUAL = Shape()
NAMED = {world.name: world for world in (*BINARY, *MULTICLASS, *REGRESSION, *SKEWED, *UNSEEN)}
TYPICAL = ("twins, roc_auc", "twins, log_loss", "numbers, mse")


def no_better() -> Iterator[Cell]:
    """Cells in which nothing should be promoted."""
    for world in (*BINARY, *MULTICLASS, *REGRESSION):
        yield Cell("metrics", world, USUAL)
    for name in TYPICAL:
        world = NAMED[name]
        for days in (7, 28, 60):
            yield Cell("days", world, replace(USUAL, days=days))
        for together in (0.0, 0.1, 0.8):
            yield Cell("correlation", world, replace(USUAL, together=together))
        for rows in (15, 1000):
            yield Cell("rows", world, replace(USUAL, rows=rows))
        yield Cell("uneven days", world, replace(USUAL, uneven=1.0))
        for uses in (2, 5, 14):
            yield Cell("reuse", world, USUAL, uses=uses)
        yield Cell("rows as blocks", world, Shape(1, 300, 0.0), by_row=True)
    for name, better in (("twins, roc_auc", 0.3), ("numbers, mse", 0.2), ("numbers, rmse", 0.2), ("numbers, mae", 0.2)):
        yield Cell("at the least gain", NAMED[name], USUAL, better, NAMED[name].gain(better))
    for world in SKEWED:
        for days in (7, 14, 28, 60):
            yield Cell("skewed", world, replace(USUAL, days=days))
    yield Cell("skewed", NAMED["blunders, log_loss"], Shape(1, 1000, 1e-6), by_row=True)


def unknowable() -> Iterator[Cell]:
    """Cells that break what the gate takes for granted."""
    for days in (14, 28, 60):
        yield Cell("unseen", UNSEEN[0], replace(USUAL, days=days))
    for lasting in (0.3, 0.6):
        yield Cell("days that last", NAMED["numbers, mse"], replace(USUAL, lasting=lasting))
    for by_week in (False, True):
        yield Cell("days that last", NAMED["numbers, mse"], replace(USUAL, days=70, lasting=0.6), by_week=by_week)


def better() -> Iterator[Cell]:
    """Cells in which the challenger is better: how often it is promoted."""
    for days in (7, 14, 28):
        for step in (0.1, 0.3, 0.6):
            yield Cell("power", NAMED["twins, roc_auc"], replace(USUAL, days=days), step)
        for step in (0.1, 0.2, 0.4):
            yield Cell("power", NAMED["numbers, mse"], replace(USUAL, days=days), step)
        yield Cell("power", NAMED["bad days, mse"], replace(USUAL, days=days), 0.4)


def interval(hits: int, tries: int) -> tuple[float, float]:
    """Of a share, at 95%."""
    from scipy.stats import beta

    low = float(beta.ppf(0.025, hits, tries - hits + 1)) if hits else 0.0
    return low, float(beta.ppf(0.975, hits + 1, tries - hits)) if hits < tries else 1.0


def tell(title: str, cells: Iterator[Cell], simulations: int, only: str, seed: int, *, bounded: bool) -> None:
    """Simulate the cells and print a line each."""
    print(f"\n{title}\n")
    for cell in cells:
        if only not in f"{cell.group}: {cell}":
            continue
        hits = sum(cell.promoted(seed * 1_000_003 + number) for number in range(simulations))
        low, high = interval(hits, simulations)
        mark = " above" if bounded and low > 1 - CONFIDENCE else ""
        print(f"| {cell.group} | {cell} | {hits / simulations:.2%} ({low:.2%} to {high:.2%}){mark} |", flush=True)


def speed(rows: int = 1_000_000) -> None:
    """CPU seconds of comparing two models on so many rows with 1000 resamples, and the peak of memory."""
    import resource

    for days in (14, rows):
        for metric in ("roc_auc", "pr_auc", "log_loss", "f1", "calibration_error"):
            world, shape = NAMED[f"twins, {metric}"], Shape(14, rows // 14, 0.3)
            challenger, champion, day = world.make(shape, np.random.default_rng(1), np.random.default_rng(2), 0.1)
            blocks = day if days == 14 else np.arange(len(day))
            began = time.process_time()
            resampling = Resampling.of(blocks, int(blocks.max()) + 1, 0)
            resampling.compare(metric_named(metric), challenger, champion)
            print(
                f"| {metric} | {'14 days' if days == 14 else 'rows'} | {time.process_time() - began:.1f} s |",
                flush=True,
            )
    print(f"\n{len(day)} rows, at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB")


def main() -> None:
    """All three tables, or the speed."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--simulations", type=int, default=1000)
    asked.add_argument("--only", default="")
    asked.add_argument("--seed", type=int, default=0)
    asked.add_argument("--speed", action="store_true")
    said = asked.parse_args()
    if said.speed:
        speed()
        return
    began = time.monotonic()
    for title, cells, bounded in (
        (
            f"False promotions at {CONFIDENCE:.0%} confidence; at most {1 - CONFIDENCE:.0%} are allowed",
            no_better(),
            True,
        ),
        ("What a window can't show: false promotions where days are not alike and apart", unknowable(), True),
        ("Power: promotions of challengers that are better", better(), False),
    ):
        tell(title, cells, said.simulations, said.only, said.seed, bounded=bounded)
    print(f"\n{said.simulations} windows a cell, seed {said.seed}, {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
