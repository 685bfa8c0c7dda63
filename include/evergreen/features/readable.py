"""Models that a person can read."""

from __future__ import annotations

from typing import Any

from evergreen.features.calibrated import Calibrated
from evergreen.features.feature_names import features_of
from evergreen.features.predictor import Predictor
from evergreen.features.rule_list import RuleListClassifier, RuleListRegressor
from evergreen.features.unweighted import Unweighted


def rules_of(predictor: Predictor, target: str) -> list[str]:
    """A rule list's rules, a line each, in the columns' names and units; none for another kind of model.

    The shares are those the model says: with weights taken back, and calibrated, where it is so.
    """
    model: Any = predictor.pipeline
    calibrated = model if isinstance(model, Calibrated) else None
    if calibrated is not None:
        model = calibrated.model
    learned = getattr(model, "named_steps", {}).get("model")
    weighed = learned if isinstance(learned, Unweighted) else None
    if weighed is not None:
        learned = weighed.model
    if not isinstance(learned, RuleListClassifier | RuleListRegressor):
        return []
    values = learned.values_ if weighed is None else weighed.shares(learned.values_)
    values = values if calibrated is None else calibrated.shares(values)
    return learned.rules(
        features_of(model.named_steps["features"], predictor.task.means(target, predictor.classes)),
        values,
        predictor.classes,
    )
