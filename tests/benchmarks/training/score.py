"""What a system's predictions are worth: by scikit-learn, not by the product's own metrics."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from .datasets import Task

CERTAIN = 1e-6  # no share is taken as surer than this: one row can't decide a mean


@dataclass(frozen=True)
class Judged:
    """The target and what a system said of it, as the metric takes it.

    `truth`: numbers, or codes of the classes; `said`: (rows,) values or probabilities of 1, or (rows, classes) shares.
    """

    task: Task
    truth: np.ndarray
    said: np.ndarray


def judged(task: Task, answers: pl.Series, predictions: pl.DataFrame) -> Judged:
    """Both sides, checked; raises ValueError where predictions are missing, not finite or not as many as the rows."""
    if task == "multiclass":
        classes = sorted(answers.unique().to_list())
        names = [name for name in predictions.columns if name.startswith("probability_")]
        classes += sorted({name.removeprefix("probability_") for name in names} - set(classes))
        said = predictions.select(f"probability_{each}" for each in classes).to_numpy().astype(float)
        said = np.clip(said, CERTAIN, None)
        said /= said.sum(axis=1, keepdims=True)
        truth = np.searchsorted(classes[: answers.n_unique()], answers.to_numpy())
    else:
        column = "probability" if task == "binary" else "prediction"
        said = predictions[column].cast(pl.Float64).to_numpy()
        truth = answers.to_numpy()
    if len(said) != len(truth) or not np.isfinite(said).all():
        raise ValueError(f"{len(said)} predictions, finite: {np.isfinite(said).all()}, for {len(truth)} rows")
    return Judged(task, truth, said)


def score(of: Judged) -> float:
    """ROC AUC (higher is better), log loss or root mean squared error (lower is better)."""
    from sklearn import metrics

    if of.task == "binary":
        return float(metrics.roc_auc_score(of.truth, of.said))
    if of.task == "multiclass":
        return float(metrics.log_loss(of.truth, of.said, labels=range(of.said.shape[1])))
    return float(metrics.root_mean_squared_error(of.truth, of.said))


def plain(task: Task, known: pl.Series, answers: pl.Series) -> float:
    """The score of always saying what the learning rows' target is on average."""
    if task == "binary":
        return 0.5
    if task == "regression":
        return score(Judged(task, answers.to_numpy(), np.full(len(answers), known.mean())))
    shares = known.value_counts(normalize=True)
    names = [f"probability_{each}" for each in shares[known.name]]
    row = pl.DataFrame(dict(zip(names, ([value] for value in shares["proportion"]), strict=True)))
    return score(judged(task, answers, pl.concat([row] * len(answers))))
