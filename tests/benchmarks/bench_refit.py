"""One model of all rows, or the mean of the models of the folds? Both from the same configurations, on untouched rows.

    PYTHONPATH=include:tests .venv/bin/python tests/benchmarks/bench_refit.py [--sets churn ames] [--seeds 11 12]

A search has fitted a model a fold already: to ship their mean costs no further fit (it is how AutoGluon bags). To fit
once more, on all rows, gives a model of a third of the latency and size. Printed are the scores of both for the best
known configuration of each family, and for the plain mean of three boosters, on sets that anything may be tuned on.
"""

from __future__ import annotations

import argparse
import os
import statistics
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")  # read when numpy is imported

import numpy as np
import polars as pl

from benchmarks.training.datasets import Dataset, find, load
from benchmarks.training.score import judged, score
from benchmarks.training.splits import parted
from evergreen.features.fitting import learning_rows
from evergreen.features.frames import to_pandas
from evergreen.features.pipeline import build_pipeline
from evergreen.tabular.columns import typed_for
from evergreen.tabular.use_case import FitOptions, file_case
from evergreen.tasks import task_named
from evergreen.training.candidates import CANDIDATES
from evergreen.training.candidates.base import StopsEarly
from evergreen.training.candidates.early_stopping import Labelled
from evergreen.training.split.folds import folds
from evergreen.training.trial.fold_features import FoldFeatures

SETS = ("churn", "ames", "attrition", "houses", "mlc_churn", "deliveries")
FAMILIES = ("lightgbm", "catboost", "hist_gradient_boosting", "random_forest")
MIX = FAMILIES[:3]

Array = np.ndarray[Any, Any]


def main() -> int:
    """Print a line a set, seed and family, and how often which of the two was better."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", nargs="+", default=SETS)
    parser.add_argument("--seeds", nargs="+", type=int, default=(11, 12))
    asked = parser.parse_args()
    gains: dict[str, list[float]] = {}
    for name in asked.sets:
        for seed in asked.seeds:
            for family, (refit, mean) in compared(find(name), seed).items():
                better = (mean / refit - 1) * (100 if find(name).task == "binary" else -100)
                gains.setdefault(family, []).append(better)
                print(f"{name:12} {seed}  {family:24} refit {refit:12.5f}  mean of folds {mean:12.5f}  {better:+.2f}%")
    for family, found in gains.items():
        won = sum(value > 0 for value in found)
        median = statistics.median(found)
        print(f"{family:24} the mean of the folds is better in {won} of {len(found)}, median {median:+.2f}%")
    return 0


def compared(dataset: Dataset, seed: int) -> dict[str, tuple[float, float]]:
    """By family: the score of the refit and of the mean of the folds' models on the test rows."""
    train, test = parted(load(dataset), dataset, seed)
    case = file_case(train, FitOptions(target=dataset.target, task=dataset.task), name=dataset.name)
    made = learning_rows(case.use_case, case.rows)
    features = FoldFeatures(case.use_case, made, folds(case.use_case, case.rows, seed), seed)
    rows = to_pandas(typed_for(test, made.schema).rows, made.schema, made.texts)
    refits: dict[str, Array] = {}
    means: dict[str, Array] = {}
    for family in FAMILIES:
        candidate, params = CANDIDATES[family], dict(CANDIDATES[family].known_good(task_named(dataset.task))[0])
        said, stops = [], []
        for index in range(len(features.folds)):
            fold = features.of(index, candidate)
            model = candidate.build(task_named(dataset.task), params, seed, 1)
            if isinstance(candidate, StopsEarly):
                learn, judge = Labelled(fold.learn, fold.learn_codes), Labelled(fold.judge, fold.judge_codes)
                stops.append(candidate.fit_early(model, learn, judge, lambda: False))
            else:
                model.fit(fold.learn, fold.learn_codes)
            said.append(asked_of(model, fold.step.transform(rows), dataset))
        params |= {key: round(statistics.fmean(stop[key] for stop in stops)) for key in (stops[0] if stops else {})}
        whole = build_pipeline(case.use_case, made.types, candidate, params, seed, 1).fit(made.frame, made.codes)
        refits[family], means[family] = asked_of(whole, rows, dataset), np.mean(said, axis=0)
    for both in (refits, means):
        both["mean of three boosters"] = np.mean([both[name] for name in MIX], axis=0)
    answers = test[dataset.target]
    return {name: (worth(dataset, answers, refits[name]), worth(dataset, answers, means[name])) for name in refits}


def asked_of(model: Any, rows: Any, dataset: Dataset) -> Array:
    """Predictions, or probabilities of 1."""
    return np.asarray(model.predict(rows) if dataset.task == "regression" else model.predict_proba(rows)[:, 1])


def worth(dataset: Dataset, answers: pl.Series, said: Array) -> float:
    """By scikit-learn."""
    column = "probability" if dataset.task == "binary" else "prediction"
    return score(judged(dataset.task, answers, pl.DataFrame({column: said})))


if __name__ == "__main__":
    raise SystemExit(main())
