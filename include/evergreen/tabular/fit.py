"""From one file to a model in a folder, and from that model to predictions: no Airflow, no registry, no server."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from importlib.metadata import version
from math import nan
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from evergreen.errors import PermanentError
from evergreen.spec import UseCase, parse_use_case
from evergreen.tabular.columns import quoted, with_formats
from evergreen.tabular.model_folder import check_free, save
from evergreen.tabular.read import read_file
from evergreen.tabular.report import Report
from evergreen.tabular.use_case import FileCase, FitOptions, file_case
from evergreen.tabular.winner_score import Score, constant, score, unjudged

if TYPE_CHECKING:
    from evergreen.features.predictor import Predictor
    from evergreen.training.fit.winner import Winner
    from evergreen.training.search.search import TrialProgress

_LEAST_SEARCH = timedelta(seconds=1)
_SAVING, _MOST_SAVING = timedelta(seconds=1.5), 0.05
"""Kept back for saving the model and the end of the process, at most this share of the budget."""


@dataclass(frozen=True)
class FitOrder:
    """What to fit. `like`: a use case of the owner's whose task, target, features and training hold where `asked`
    leaves them open; its sources and joins do not matter here.
    """

    data: Path
    asked: FitOptions
    out: Path
    budget: timedelta | None
    trials: int | None
    workers: int
    seed: int
    like: UseCase | None = None


def fit_file(order: FitOrder, *, began: float, clock: Callable[[], float], say: Callable[[str], object]) -> Report:
    """Search for the best model of the file's rows within the budget, and save it into `order.out` with its report.

    `clock` gives seconds, of which the budget counts from `began`; `say` takes a line of progress. Raises
    UnreadableRows, UnusableRows, and what a search raises; KeyboardInterrupt where not even one trial was finished.
    """
    check_free(order.out)
    case = file_case(read_file(order.data), order.asked, name=order.data.name.partition(".")[0], like=order.like)
    use_case = case.use_case
    say(_opening(case))
    from evergreen.training.in_memory import (
        search_in_memory,  # seconds; what is wrong with the file has been said before
    )
    from evergreen.training.nested_score import searches, with_nested_score

    left = None
    if order.budget is not None:
        saving = min(_SAVING, _MOST_SAVING * order.budget)
        left = max(_LEAST_SEARCH, order.budget - saving - timedelta(seconds=clock() - began)) / searches(use_case)

    def report_trial(progress: TrialProgress) -> None:
        say(str(progress))

    with tempfile.TemporaryDirectory(prefix="evergreen-fit-") as workplace:
        fitted = search_in_memory(
            use_case,
            case.rows,
            budget=left,
            trials=order.trials,
            workers=order.workers,
            seed=order.seed,
            workplace=Path(workplace),
            progress=report_trial,
        )
        if not fitted.stopped:
            fitted = with_nested_score(
                use_case,
                fitted,
                case.rows,
                budget=left,
                trials=order.trials,
                workers=order.workers,
                seed=order.seed,
                workplace=Path(workplace),
                say=say,
            )
    found = _score(case, fitted, order.seed)
    predictor = with_formats(fitted.predictor, case.formats)
    if found.beats is False:
        from evergreen.training.fit.baselines import baseline

        predictor = baseline(use_case, case.rows)
    report = _report(order, case, fitted, predictor, found, clock() - began)
    save(predictor, report, order.out)
    return report


def read_like(path: Path) -> UseCase:
    """The use case in a YAML file, wherever it lies. Raises SpecError, and PermanentError where it can't be read."""
    try:
        return parse_use_case(path.read_text(encoding="utf-8"), path)
    except OSError as error:
        raise PermanentError(f"--use-case {path}: can't be read ({error.strerror}); give a use_case.yaml") from None
    except UnicodeDecodeError:
        raise PermanentError(f"--use-case {path}: is not text in UTF-8; give a use_case.yaml") from None


def _opening(case: FileCase) -> str:
    use_case = case.use_case
    why = f", since {case.why_task}" if case.why_task else ""
    left = f"; leaving out {quoted(case.dropped)}" if case.dropped else ""
    return f"{use_case.task}, judged by {use_case.metric}{why}: {case.rows.height} rows{left}"


def _score(case: FileCase, fitted: Winner, seed: int) -> Score:
    """The winner's out-of-fold predictions beside the classes' shares, or the mean, of all rows."""
    from evergreen.tasks.labels import encoded

    task, classes = case.use_case.task, fitted.predictor.classes
    codes = encoded(case.rows[case.use_case.target.column], classes)
    if fitted.out_of_fold is None:
        return unjudged(case.use_case, fitted.cv_score)
    shares, truth = fitted.out_of_fold.shares, codes[fitted.out_of_fold.positions]
    winner = task.laid(truth, shares, task.texts(classes), fitted.predictor.threshold, fitted.predictor.costs)
    always = task.prior(codes, len(classes), case.use_case.quantile)
    blocks = _blocks(case, fitted.out_of_fold.positions)
    return score(case.use_case, winner, constant(winner, always, case.use_case.training.costs), blocks, seed)


def _blocks(case: FileCase, positions: Any) -> pl.Series:
    """Rows of one day or group err together; of too few of them nothing could be told."""
    from evergreen.evaluation.gain import LEAST_BLOCKS
    from evergreen.evaluation.window import blocks_of

    _, blocks = blocks_of(case.use_case, case.rows[positions])
    return blocks if blocks.n_unique() >= LEAST_BLOCKS else pl.Series(range(len(blocks)))


def _report(
    order: FitOrder, case: FileCase, fitted: Winner, shipped: Predictor, found: Score, seconds: float
) -> Report:
    from evergreen.features.readable import rules_of

    use_case = case.use_case
    search = fitted.search
    return Report(
        data=order.data.name,
        target=use_case.target.column,
        task=use_case.task.name,
        why_task=case.why_task,
        metric=use_case.metric,
        positive=fitted.predictor.positive,
        candidate=fitted.candidate,
        params=fitted.params,
        shipped="baseline" if found.beats is False else fitted.candidate,
        score=found,
        by_candidate=search.by_candidate,
        trials=search.complete,
        failed=search.failed,
        rows=fitted.rows,
        unlabelled=case.unlabelled,
        columns=len(fitted.predictor.schema),
        dropped=case.dropped,
        rules=tuple(rules_of(shipped, use_case.target.column)),
        notes=(*case.notes, *fitted.notes),
        seed=order.seed,
        seconds=round(seconds, 2),
        overhead=round(max(0.0, 1 - fitted.busy_seconds / (order.workers * seconds)), 3),
        stopped=fitted.stopped,
        trained=nan if found.beats is False else fitted.train_score,
        versions={name: version(name) for name in ("scikit-learn", "lightgbm", "xgboost", "polars", "skops")},
    )
