"""What the finished study says the winner is: which trial or mix, how calibrated, and from which probability on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from evergreen.artifacts import JsonObject
from evergreen.errors import bounded
from evergreen.features.calibrated import calibrated
from evergreen.features.fitting import LearningRows, learning_rows
from evergreen.metrics.registry import gain, metric_of
from evergreen.spec import UseCase
from evergreen.tasks.base import PLAIN
from evergreen.training.choose.calibration import choose_calibration
from evergreen.training.choose.mix import Time, mixed
from evergreen.training.choose.options import single_options, with_found
from evergreen.training.choose.preference import choose
from evergreen.training.choose.recipe import Recipe
from evergreen.training.choose.threshold import choose_threshold, expected_threshold
from evergreen.training.search.summary import SearchSummary, summary
from evergreen.training.trial.out_of_fold import OutOfFold, joined
from evergreen.training.trial.scored_codes import scored_codes

_READABLE = frozenset({"rule_list", "decision_tree"})
"""Who asks for nothing else has to explain: a mix of them could not be read."""
_HARDLY = 0.001
"""How much of the metric honest probabilities may cost."""


@dataclass(frozen=True)
class Decided:
    """The recipe of the winner; `score` is the mean over `scores`, one a fold; `notes` say what was decided and why.

    `out_of_fold`: what it said of rows that were not learned from, calibrated where it is (the curve has seen them).
    """

    recipe: Recipe
    score: float
    scores: tuple[float, ...]
    notes: tuple[str, ...]
    search: SearchSummary
    out_of_fold: OutOfFold | None = None


def decide(
    use_case: UseCase, study: Any, train: pl.DataFrame, keep: Path, seed: int, time: Time | None = None
) -> Decided:
    """Choose by the out-of-fold predictions in `keep`. `time`: what fitting the winner's members may take;
    None: as long as it takes. Raises SearchFailed where the study has no finished trial.
    """
    from optuna.trial import TrialState

    said = summary(study)
    metric = metric_of(use_case)
    complete = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    options = single_options(complete, keep, higher=metric.higher_is_better)
    rows = learning_rows(use_case, train)
    may_mix = use_case.training.ensemble and not _READABLE.issuperset(use_case.training.candidates)
    mix = mixed(use_case, rows, options, time, seed) if may_mix else None
    choice = choose(
        [*options, *([mix] if mix is not None else [])],
        use_case.training.prefer,
        use_case.metric,
        higher=metric.higher_is_better,
    )
    taken = with_found(choice.option, keep)
    notes = [f"{use_case.training.prefer}: {choice.said}"]
    curve, threshold = None, expected_threshold(use_case)
    known = joined(taken.found) if taken.found else None
    if known is not None and use_case.task.has_classes:
        codes, shares = rows.codes[known.positions], known.shares
        curve = _curve(use_case, rows, codes, shares, seed)
        if curve is not None:
            shares = calibrated(shares, curve["method"], curve["curves"])
            known = OutOfFold(known.positions, shares)
            notes.append(f"probabilities calibrated ({curve['method']}), since that has the better log loss")
        if use_case.task.has_positive:
            threshold = choose_threshold(use_case, codes, shares)
    if threshold != PLAIN:
        notes.append(f"the positive class is said from a probability of {threshold:.3f} on, by its costs")
    elif (costs := use_case.training.costs) is not None and use_case.task.matrix(costs, rows.classes) is not None:
        notes.append("the class with the least expected cost is said, by its costs")
        if unknown := costs.unknown(tuple(map(str, rows.classes))):
            named = bounded(f"`{name}`" for name in unknown)
            notes.append(
                f"`training.costs` names {named}, which is the class of no row; correct it, if it never will be"
            )
    return Decided(Recipe(taken.members, curve, threshold), taken.score, taken.scores, tuple(notes), said, known)


def _curve(use_case: UseCase, rows: LearningRows, codes: Any, shares: Any, seed: int) -> JsonObject | None:
    if use_case.training.calibrate == "never":
        return None
    curve = choose_calibration(codes, shares, seed)
    if curve is None:
        return None
    metric = metric_of(use_case)
    after = calibrated(shares, curve["method"], curve["curves"])
    before, then = (metric.value(scored_codes(use_case, codes, said, rows.classes)) for said in (shares, after))
    return curve if gain(metric, then, before) >= -_HARDLY * abs(before) else None
