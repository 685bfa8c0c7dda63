"""How columns of one kind become numbers for one kind of candidate."""

from __future__ import annotations

from typing import Any

from .categories import CategoryCodes
from .learner import Learner

_MOST_ONEHOT = 50


def numbers(how: str, *, scale: bool) -> Any:
    """Fill what is missing (`how`: median, mean, constant, none), and bring to one scale."""
    from sklearn.impute import SimpleImputer
    from sklearn.preprocessing import StandardScaler

    steps: list[Any] = []
    if how != "none":
        fill = {"fill_value": 0.0} if how == "constant" else {}
        steps.append(SimpleImputer(strategy=how, keep_empty_features=True, **fill))
    if scale:
        steps.append(StandardScaler())
    return _chain(steps)


def encoder(how: str, candidate: Learner, seed: int, task: str) -> Any:
    """On the categories' codes, which is quicker than on their texts."""
    from sklearn.model_selection import KFold
    from sklearn.preprocessing import OneHotEncoder, TargetEncoder

    codes = CategoryCodes()
    if how == "onehot":
        few = OneHotEncoder(handle_unknown="infrequent_if_exist", max_categories=_MOST_ONEHOT, sparse_output=False)
        return _chain([codes, few])
    if how == "ordinal":
        return scaled([codes], candidate)
    kind = "continuous" if task == "regression" else "auto"
    means = TargetEncoder(target_type=kind, cv=KFold(5, shuffle=True, random_state=seed))
    return scaled([codes, means], candidate)


def times(steps: list[Any], candidate: Learner) -> Any:
    """The steps of columns of times, filled where the candidate takes nothing missing."""
    from sklearn.impute import SimpleImputer

    if not candidate.takes_missing:
        steps.append(SimpleImputer(strategy="median", keep_empty_features=True))
    return scaled(steps, candidate)


def scaled(steps: list[Any], candidate: Learner) -> Any:
    """The steps, and one scale for a candidate that wants it."""
    from sklearn.preprocessing import StandardScaler

    return _chain([*steps, StandardScaler()] if candidate.wants_scale else steps)


def _chain(steps: list[Any]) -> Any:
    from sklearn.pipeline import make_pipeline

    if not steps:
        return "passthrough"
    return steps[0] if len(steps) == 1 else make_pipeline(*steps)
