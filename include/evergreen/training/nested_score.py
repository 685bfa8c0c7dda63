"""Nested cross-validation: what the whole search comes to on rows that no part of it has seen.

The best of many trials looks better on the folds that chose it than it is. Here a search of its own, with choice, mix
and calibration, is made of each fold's rows to learn from, and what it ships is judged on the fold's other rows (S.
Varma, R. Simon: Bias in error estimation when using cross-validation for model selection, BMC Bioinformatics 7, 2006).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any

import polars as pl

from evergreen.errors import PermanentError
from evergreen.metrics.registry import metric_of
from evergreen.spec import UseCase
from evergreen.tasks.scored import Scored
from evergreen.training.in_memory import search_in_memory
from evergreen.training.search.search import TrialProgress
from evergreen.training.split.folds import folds
from evergreen.training.trial.out_of_fold import OutOfFold, joined

if TYPE_CHECKING:
    from evergreen.training.fit.winner import Winner


def searches(use_case: UseCase) -> int:
    """How many searches a training makes: one, and with `split.method: nested` one more a fold."""
    split = use_case.training.split
    return 1 + split.folds if split.method == "nested" else 1


def with_nested_score(
    use_case: UseCase,
    fitted: Winner,
    train: pl.DataFrame,
    *,
    budget: timedelta | None,
    trials: int | None,
    workers: int,
    seed: int,
    workplace: Path,
    say: Callable[[str], object],
) -> Winner:
    """`fitted` with the scores and out-of-fold predictions of nested cross-validation on `train`, which it learned
    from; as it is where `split.method` is another.

    `budget` and `trials` are those of one search; `workplace` is a folder of the caller's. A fold whose search fails
    leaves `fitted` as it is, but for a note; Ctrl-C, but for a note and `stopped`.
    """
    if use_case.training.split.method != "nested":
        return fitted
    known = train.filter(train[use_case.target.column].is_not_null())
    inner, parts = _plain(use_case), folds(use_case, known, seed)
    scores: list[float] = []
    said: list[OutOfFold] = []
    for number, fold in enumerate(parts, 1):
        where = f"fold {number} of {len(parts)}"
        try:
            found = search_in_memory(
                inner,
                known[fold.learn],
                budget=budget,
                trials=trials,
                workers=workers,
                seed=seed,
                workplace=workplace / f"nested-{number}",
                progress=_reporting(say, where),
            )
        except KeyboardInterrupt:
            found = None
        except PermanentError as error:  # the winner is found, and stands without a score of its search
            return replace(
                fitted, notes=(*fitted.notes, f"nested: {where} has no winner, so there is no score ({error})")
            )
        if found is None or found.stopped:
            return replace(
                fitted, stopped=True, notes=(*fitted.notes, f"nested: ended in {where}, so there is no score")
            )
        rows = known[fold.judge]
        laid = use_case.task.scored(
            rows[use_case.target.column], found.predictor.predict(rows), found.predictor.positive
        )
        scores.append(metric_of(use_case).value(laid))
        said.append(OutOfFold(fold.judge, _shares(laid, fitted.predictor.classes)))
        fitted = _spent(fitted, found)
        say(f"{where}: {use_case.metric} {scores[-1]:.5f} of {found.candidate} on rows that its search never saw")
    each = ", ".join(f"{score:.5f}" for score in scores)
    note = f"nested: searches that never saw a fold come to {use_case.metric} {fmean(scores):.5f} on it ({each})"
    return replace(
        fitted,
        cv_score=fmean(scores),
        fold_scores=tuple(scores),
        notes=(*fitted.notes, note),
        out_of_fold=joined(said),
    )


def _shares(laid: Scored, classes: Sequence[Any]) -> Any:
    """In the order of `classes`, all of them; a fold's rows may have fewer."""
    places = {str(label): code for code, label in enumerate(classes)}
    return laid.task.spread(laid.shares, [places[label] for label in laid.labels], len(classes))


def _reporting(say: Callable[[str], object], where: str) -> Callable[[TrialProgress], None]:
    def tell(line: TrialProgress) -> None:
        say(f"{where}: {line}")

    return tell


def _spent(fitted: Winner, found: Winner) -> Winner:
    cpu, busy = fitted.cpu_seconds + found.cpu_seconds, fitted.busy_seconds + found.busy_seconds
    return replace(fitted, cpu_seconds=round(cpu, 3), busy_seconds=busy)


def _plain(use_case: UseCase) -> UseCase:
    """The same use case with folds that are not nested."""
    training = use_case.training
    split = training.split.model_copy(update={"method": "kfold"})
    return use_case.model_copy(update={"training": training.model_copy(update={"split": split})})
