"""`evergreen fit` and `evergreen predict`: a model of one file, without Airflow, registry or server."""

from __future__ import annotations

import argparse
import os
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evergreen.spec.base import format_duration, parse_duration
from evergreen.tasks import TASKS

if TYPE_CHECKING:
    from evergreen.spec import UseCase

DEFAULT_BUDGET = "60s"


def add_commands(commands: Any) -> None:
    """Add this file's commands to the parser."""
    fit = commands.add_parser("fit", help="the best model of one file's rows, into a folder")
    fit.add_argument("--data", type=Path, required=True, help="CSV, TSV, JSON, NDJSON or Parquet, also with .gz")
    fit.add_argument("--target", help="the column to predict")
    fit.add_argument("--out", type=Path, required=True, help="folder for the model and its report")
    fit.add_argument("--task", choices=sorted(TASKS), help="default: what the target's values suggest")
    fit.add_argument("--metric", help="default by task: roc_auc, log_loss or rmse")
    fit.add_argument("--positive", help="binary: the class that `probability` speaks of")
    fit.add_argument(
        "--time", metavar="COLUMN", help="when each row happened: later rows are predicted from earlier ones"
    )
    fit.add_argument(
        "--drop", action="append", default=[], metavar="COLUMN", help="leave a column out; may be repeated"
    )
    fit.add_argument("--keep", action="append", default=[], metavar="COLUMN", help="keep a column that looks useless")
    fit.add_argument("--budget", type=_duration, help=f"wall time, e.g. 60s or 10m (default {DEFAULT_BUDGET})")
    fit.add_argument("--trials", type=_positive, help="stop after so many trials, instead of or beside --budget")
    fit.add_argument("--workers", type=_positive, help="processes that try configurations (default 1)")
    fit.add_argument("--seed", type=int, help="default 0")
    fit.add_argument(
        "--use-case",
        type=Path,
        help="a use_case.yaml whose task, target, features and training hold, the search's limits where none is given",
    )
    fit.set_defaults(run=_fit)

    predict = commands.add_parser("predict", help="predictions of a file's rows by a model that `fit` saved")
    predict.add_argument("--model", type=Path, required=True)
    predict.add_argument("--data", type=Path, required=True)
    predict.add_argument("--out", type=Path, required=True, help=".parquet, .csv, .tsv, .ndjson or .json")
    predict.add_argument(
        "--with", dest="carry", action="append", default=[], metavar="COLUMN", help="carry over a column"
    )
    predict.set_defaults(run=_predict)


def _fit(given: argparse.Namespace) -> int:
    for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(threads, "1")  # read when numpy is imported: `--workers` fits go on side by side
    from evergreen.errors import PermanentError
    from evergreen.tabular.fit import FitOrder, fit_file, read_like
    from evergreen.tabular.use_case import FitOptions

    like = read_like(given.use_case) if given.use_case is not None else None
    target = given.target or (like.target.column if like is not None else None)
    if target is None:
        raise PermanentError("say which column to predict: --target COLUMN, or --use-case use_case.yaml")
    budget, trials = given.budget, given.trials
    if budget is None and trials is None:
        budget, trials = _limits(like)
    workers = given.workers or (like.training.search.workers if like is not None else 1)
    seed = given.seed if given.seed is not None else like.training.seed if like is not None else 0
    asked = FitOptions(
        target=target,
        task=given.task or (like.task if like is not None else None),
        metric=given.metric,
        positive=given.positive or _positive_of(like, target),
        time=given.time or (like.event_time if like is not None else None),
        drop=tuple(given.drop),
        keep=tuple(given.keep),
    )
    order = FitOrder(given.data, asked, given.out, budget, trials, workers, seed, like)
    limit = " and ".join([*([format_duration(budget)] if budget else []), *([f"{trials} trials"] if trials else [])])
    print(f"{given.data}: at most {limit}, {workers} worker(s); Ctrl-C keeps the best so far", file=sys.stderr)

    def say(line: str) -> None:
        print(line, file=sys.stderr, flush=True)

    report = fit_file(order, began=_began(), clock=time.monotonic, say=say)
    print("\n".join(report.lines(str(given.out))))
    return 130 if report.stopped else 0


def _limits(like: UseCase | None) -> tuple[timedelta, int | None]:
    if like is None:
        return parse_duration(DEFAULT_BUDGET), None
    from evergreen.training.search.first_trials import usual_trials

    return like.training.search.timeout, usual_trials(like)


def _positive_of(like: UseCase | None, target: str) -> str | None:
    """The positive class that the use case says for its own target."""
    if like is None or like.target.positive is None or like.target.column != target:
        return None
    return str(like.target.positive)


def _began() -> float:
    """When this process was started, on the clock of `time.monotonic`: what it has imported is part of the budget."""
    import psutil

    age = time.time() - float(psutil.Process().create_time())
    return time.monotonic() - max(0.0, age)


def _predict(given: argparse.Namespace) -> None:
    from evergreen.tabular.predict import predict_file

    found = predict_file(
        given.model, given.data, given.out, carry=given.carry, say=lambda line: print(line, file=sys.stderr)
    )
    print(f"{found.rows} rows predicted into {given.out}")
    if found.metrics:
        print("the file has the target: " + ", ".join(f"{name} {value:.5g}" for name, value in found.metrics.items()))


def _duration(text: str) -> Any:
    try:
        found = parse_duration(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    if not found:
        raise argparse.ArgumentTypeError("a budget has to be longer than nothing, e.g. 60s")
    return found


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError("has to be a whole number of at least 1")
    return int(text)
