"""How columns of one kind become numbers for one kind of candidate."""

from __future__ import annotations

from typing import Any

from evergreen.features.categories import CategoryCodes, CategoryColumns, CategoryMeans
from evergreen.features.learner import Learner

_MOST_ONEHOT = 50
_ANY = 1_000_000
"""Who asks for it gets a column a class."""


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
    """How the owner wants categories as numbers: `target`, `onehot` or `ordinal`."""
    if how == "onehot":
        return CategoryColumns(_MOST_ONEHOT)
    if how == "ordinal":
        return scaled([CategoryCodes()], candidate)
    return scaled([CategoryMeans(task, seed, counts=False, codes=False, most_classes=_ANY)], candidate)


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
