"""What a study has found."""

from __future__ import annotations

from collections import Counter
from typing import Any

from evergreen.artifacts import Artifact, JsonObject
from evergreen.errors import bounded
from evergreen.training.errors import SearchFailed
from evergreen.training.search.lost_trials import GIVEN_BACK
from evergreen.training.search.study import CPU, ERROR, OVER_BUDGET, REFIT
from evergreen.training.trial.configuration import CANDIDATE, of_trial


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


def summary(study: Any) -> SearchSummary:
    """What a study has found so far. Raises SearchFailed when it has trials and all of them failed."""
    from optuna.trial import TrialState

    made = study.get_trials(deepcopy=False)
    trials = [trial for trial in made if not {OVER_BUDGET, GIVEN_BACK} & trial.user_attrs.keys()]
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
    """A trial's parameters under the names its estimator knows, as a fit on all rows takes them."""
    return {**of_trial(trial).params, **trial.user_attrs.get(REFIT, {})}
