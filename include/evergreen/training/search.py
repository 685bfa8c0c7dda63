"""Look for the best configuration: one Optuna study, any number of workers, one budget."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from ..artifacts import Artifact, JsonObject, Snapshot
from ..errors import bounded
from ..spec import UseCase
from .errors import SearchFailed
from .folds import folds
from .snapshot import read_rows
from .study import CANDIDATE, CPU, ERROR, OVER_BUDGET, enqueue_known_good, fail_stale, opened, spent
from .trial import CandidateFailed, run_trial


@dataclass(frozen=True, slots=True)
class Progress:
    """What a worker says after each of its trials; `str` of it is a line for the log."""

    trial: int
    done: int
    trials: int
    candidate: str
    score: float | None
    best: float | None
    metric: str
    seconds: float

    def __str__(self) -> str:
        score = f"{self.metric} {self.score:.5f}" if self.score is not None else "failed"
        best = f", best {self.best:.5f}" if self.best is not None else ""
        return f"trial {self.done} of {self.trials}: {self.candidate} {score} in {self.seconds:.1f} s{best}"


class SearchSummary(Artifact):
    """What a study holds: of all its workers, not of one. `by_candidate` is each family's best score."""

    study: str
    complete: int
    failed: int
    best_score: float
    best_candidate: str
    best_params: JsonObject
    by_candidate: dict[str, float]
    cpu_seconds: float


def search(
    use_case: UseCase,
    snapshot: Snapshot,
    *,
    storage: str,
    study: str,
    worker: int,
    workers: int,
    trials: int,
    timeout: timedelta,
    seed: int,
    progress: Callable[[Progress], None],
    n_jobs: int = 1,
) -> SearchSummary:
    """Try configurations until all workers together have made `trials`, or used `timeout` × `workers` of fitting time.

    `worker` counts from 0; worker 0 puts the known-good configurations in front. At least one trial is always finished.
    Called again it goes on where the study stands, also after a crash: the trial of a killed worker is noticed by its
    missing heartbeat and tried again. With one worker and a budget in trials the same snapshot and seed give the same
    study. A configuration that fails costs one trial. Only rows of `snapshot.train` are read.

    Raises SearchFailed when every trial failed, NotEnoughData, WrongColumns, UnusableTarget, and StudyUnreachable.
    """
    parts = folds(use_case, read_rows(snapshot.train, snapshot.train_sha256), seed)
    with opened(use_case, storage, study, seed + worker, workers) as found:
        if worker == 0:
            enqueue_known_good(use_case, found)

        def objective(trial: Any) -> float:
            counted = spent(found).numbers
            if sum(number < trial.number for number in counted) >= trials:
                from optuna import TrialPruned

                trial.set_user_attr(OVER_BUDGET, True)  # another worker took the last place in the meantime
                raise TrialPruned
            return run_trial(use_case, trial, parts, seed, n_jobs)

        def report(_: Any, trial: Any) -> None:
            if not trial.user_attrs.get(OVER_BUDGET):
                progress(_progress(use_case, found, trial, trials))

        while _budget_left(found, trials, timeout * workers):
            found.optimize(objective, n_trials=1, catch=(CandidateFailed,), callbacks=[report])
        return summary(found)


def summary(study: Any) -> SearchSummary:
    """What a study has found so far. Raises SearchFailed when it has trials and all of them failed."""
    from optuna.trial import TrialState

    trials = [trial for trial in study.get_trials(deepcopy=False) if not trial.user_attrs.get(OVER_BUDGET)]
    complete = [trial for trial in trials if trial.state == TrialState.COMPLETE]
    failed = [trial for trial in trials if trial.state == TrialState.FAIL]
    if not complete:
        reasons = Counter(
            f"{trial.params.get(CANDIDATE)}: {trial.user_attrs.get(ERROR, 'stopped')}" for trial in failed
        )
        said = bounded(f"{reason} ({count}×)" for reason, count in reasons.most_common())
        raise SearchFailed(
            f"all {len(failed)} trials of study `{study.study_name}` failed ({said or 'none was finished'}); look at "
            "the task's log, try other `training.candidates`, or check the features' values"
        )
    best = study.best_trial
    higher = study.direction.name == "MAXIMIZE"
    by_candidate: dict[str, float] = {}
    for trial in complete:
        name = trial.params[CANDIDATE]
        choose = max if higher else min
        by_candidate[name] = choose(by_candidate.get(name, trial.value), trial.value)
    return SearchSummary(
        study=study.study_name,
        complete=len(complete),
        failed=len(failed),
        best_score=best.value,
        best_candidate=best.params[CANDIDATE],
        best_params=own_params(best),
        by_candidate=by_candidate,
        cpu_seconds=round(sum(trial.user_attrs.get(CPU, 0.0) for trial in complete), 3),
    )


def own_params(trial: Any) -> JsonObject:
    """A trial's parameters under the names its estimator knows."""
    prefix = f"{trial.params[CANDIDATE]}."
    return {key.removeprefix(prefix): value for key, value in trial.params.items() if key.startswith(prefix)}


def _budget_left(study: Any, trials: int, seconds: timedelta) -> bool:
    """Also when it is used up, while nothing is finished and nobody is at work on it."""
    from optuna.trial import TrialState

    fail_stale(study)
    used = spent(study)
    if len(used.numbers) >= trials:
        return False
    finished = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    return used.seconds < seconds.total_seconds() or (not finished and not used.running)


def _progress(use_case: UseCase, study: Any, trial: Any, trials: int) -> Progress:
    from optuna.trial import TrialState

    complete = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    used = spent(study)
    took = (trial.datetime_complete - trial.datetime_start).total_seconds() if trial.datetime_complete else 0.0
    return Progress(
        trial=trial.number,
        done=len(used.numbers) - used.running,
        trials=trials,
        candidate=str(trial.params.get(CANDIDATE, "?")),
        score=trial.value,
        best=study.best_value if complete else None,
        metric=use_case.metric,
        seconds=took,
    )
