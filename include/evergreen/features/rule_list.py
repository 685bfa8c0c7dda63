"""An ordered list of if-then rules that a person can read, explain and sign."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from evergreen.features.feature_names import Feature

Array = np.ndarray[Any, Any]


class _RuleList(BaseEstimator):  # type: ignore[misc]
    """Sequential covering: a shallow tree is grown on the rows that no rule has covered yet, and its most telling leaf
    becomes the next rule; what is left at the end is the rule "otherwise". A row is said what its first rule says.

    `most`: rules, without the last one; `depth`: conditions a rule, at most; `least`: rows a rule covers, as a share of
    all (at least two). Rules are `(conditions, value)`: conditions are (feature, below, threshold), all of which hold;
    value is the mean target or the share of each class among the rows covered.
    """

    def __init__(self, most: int = 8, depth: int = 2, least: float = 0.02, random_state: int | None = None) -> None:
        self.most = most
        self.depth = depth
        self.least = least
        self.random_state = random_state

    def _cover(self, x: Any, told: Array, sample_weight: Any) -> Self:
        """`told`: rows × what is averaged: one column for each class, or the target alone."""
        x = _seen(x)
        weight = np.ones(len(x)) if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)
        least = max(2, int(self.least * len(x)))
        rest = np.arange(len(x))
        self.conditions_: list[list[tuple[int, bool, float]]] = []
        values = []
        while len(self.conditions_) < self.most and len(rest) >= 2 * least:
            found = self._most_telling(x[rest], told[rest], weight[rest], least)
            if found is None:
                break
            inside = _holds(found, x[rest])
            self.conditions_.append(found)
            values.append(self._value(told[rest][inside], weight[rest][inside]))
            rest = rest[~inside]
        values.append(self._value(told[rest], weight[rest]))
        self.values_ = np.array(values)
        return self

    def _most_telling(self, x: Array, told: Array, weight: Array, least: int) -> list[tuple[int, bool, float]] | None:
        """The leaf that differs most: by n · Σ(mean inside - mean of all)², about the squared error it saves."""
        tree = self._tree(least).fit(x, self._target(told), sample_weight=weight)
        leaves = tree.apply(x)
        overall = np.average(told, axis=0, weights=weight)
        best, gain = None, 1e-12
        for leaf in np.unique(leaves):
            inside = leaves == leaf
            if inside.all():
                return None
            moved = np.average(told[inside], axis=0, weights=weight[inside]) - overall
            saved = float(weight[inside].sum() * (moved**2).sum())
            if saved > gain:
                best, gain = int(leaf), saved
        return None if best is None else _path(tree.tree_, best)

    def _said(self, x: Any) -> Array:
        x = _seen(x)
        which = np.full(len(x), len(self.conditions_))
        for number in reversed(range(len(self.conditions_))):
            which[_holds(self.conditions_[number], x)] = number
        return np.asarray(self.values_[which])

    def _tree(self, least: int) -> Any:
        raise NotImplementedError

    def _target(self, told: Array) -> Array:
        raise NotImplementedError

    def _value(self, told: Array, weight: Array) -> Array:
        raise NotImplementedError

    def rules(self, features: Sequence[Feature], values: Array, labels: Sequence[Any]) -> list[str]:
        """One line a rule, in their order. `values`: what each says, the last one otherwise; `labels`: the classes'."""
        lines: list[str] = []
        for conditions, value in zip(self.conditions_, values, strict=False):
            bounds = " and ".join(
                features[feature].condition(threshold, below=below) for feature, below, threshold in conditions
            )
            lines.append(f"{'else if' if lines else 'if'} {bounds}: {_said(value, labels)}")
        return [*lines, f"{'otherwise' if lines else 'always'}: {_said(values[-1], labels)}"]


class RuleListClassifier(ClassifierMixin, _RuleList):  # type: ignore[misc]
    """Rules that say the share of each class, smoothed by one row of the training rows' own shares."""

    def fit(self, x: Any, y: Any, sample_weight: Any = None) -> Self:
        """`x`: rows × features without missing values; `y`: classes."""
        self.classes_, codes = np.unique(y, return_inverse=True)
        told = np.eye(len(self.classes_))[codes]
        self.prior_ = np.average(told, axis=0, weights=sample_weight)
        return self._cover(x, told, sample_weight)

    def predict_proba(self, x: Any) -> Array:
        """Rows × classes."""
        return self._said(x)

    def predict(self, x: Any) -> Array:
        """The likeliest class of each row."""
        return np.asarray(self.classes_[self._said(x).argmax(axis=1)])

    def _tree(self, least: int) -> Any:
        return DecisionTreeClassifier(max_depth=self.depth, min_samples_leaf=least, random_state=self.random_state)

    def _target(self, told: Array) -> Array:
        return np.asarray(told.argmax(axis=1))

    def _value(self, told: Array, weight: Array) -> Array:
        return np.asarray((weight @ told + self.prior_) / (weight.sum() + 1))


class RuleListRegressor(RegressorMixin, _RuleList):  # type: ignore[misc]
    """Rules that say the mean of the rows they cover."""

    def fit(self, x: Any, y: Any, sample_weight: Any = None) -> Self:
        """`x`: rows × features without missing values; `y`: numbers."""
        return self._cover(x, np.asarray(y, dtype=np.float64)[:, None], sample_weight)

    def predict(self, x: Any) -> Array:
        """The mean of each row's rule."""
        return np.asarray(self._said(x)[:, 0])

    def _tree(self, least: int) -> Any:
        return DecisionTreeRegressor(max_depth=self.depth, min_samples_leaf=least, random_state=self.random_state)

    def _target(self, told: Array) -> Array:
        return np.asarray(told[:, 0])

    def _value(self, told: Array, weight: Array) -> Array:
        return np.atleast_1d(np.average(told, axis=0, weights=weight))


def _said(value: Array, labels: Sequence[Any]) -> str:
    if not labels:
        return f"{value[0]:.6g}"
    return ", ".join(f"{label} {share:.1%}" for label, share in zip(labels, value, strict=True))


def _seen(x: Any) -> Array:
    """The values as trees see them: rounded to single precision, and compared in double."""
    return np.asarray(x, dtype=np.float32).astype(np.float64)


def _path(tree: Any, leaf: int) -> list[tuple[int, bool, float]]:
    """The conditions on the way to a leaf, at most one of each kind a feature."""
    parents = {int(child): (node, True) for node, child in enumerate(tree.children_left) if child >= 0}
    parents |= {int(child): (node, False) for node, child in enumerate(tree.children_right) if child >= 0}
    bounds: dict[tuple[int, bool], float] = {}
    node = leaf
    while node in parents:
        node, below = parents[node]
        key = (int(tree.feature[node]), below)
        bounds.setdefault(key, float(tree.threshold[node]))  # the nearest to the leaf is the tightest
    return [(feature, below, bound) for (feature, below), bound in sorted(bounds.items())]


def _holds(conditions: list[tuple[int, bool, float]], x: Array) -> Array:
    inside = np.ones(len(x), dtype=bool)
    for feature, below, threshold in conditions:
        inside &= (x[:, feature] <= threshold) if below else (x[:, feature] > threshold)
    return inside
