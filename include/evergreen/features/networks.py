"""scikit-learn's neural networks, for columns with outliers and for a number of epochs that was found elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

import numpy as np
from sklearn.neural_network import MLPClassifier, MLPRegressor

from evergreen.features.quiet import quietly

Array = np.ndarray[Any, Any]
State = tuple[list[Array], list[Array]]
_FAR = 3.0


def squashed(x: Any) -> Array:
    """Scaled features with outliers drawn in smoothly to ±3, as in RealMLP (Holzmüller et al. 2024)."""
    x = np.asarray(x, dtype=np.float64)
    return np.asarray(x / np.sqrt(1 + (x / _FAR) ** 2))


class _Network:
    """Learns for exactly `max_iter` epochs; `fit_epochs` finds how many."""

    max_iter: int
    batch_size: int
    random_state: Any

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:  # noqa: N803 - scikit-learn's signature
        """As scikit-learn's, without a warning that more epochs might be better."""
        return self.fit_epochs(X, y, sample_weight, lambda epochs: epochs < self.max_iter)

    def fit_epochs(self, x: Any, y: Any, sample_weight: Any, goes_on: Callable[[int], bool]) -> Self:
        """One epoch after another while `goes_on(epochs so far)`. The same epochs as in `fit`."""
        rows, seed, batch = squashed(x), self.random_state, self.batch_size
        self.forget()
        said = {"classes": np.unique(y)} if isinstance(self, MLPClassifier) else {}
        self.random_state = np.random.RandomState(seed)  # one stream over all epochs
        self.batch_size = min(batch, len(rows))
        try:
            epochs = 0
            while epochs == 0 or goes_on(epochs):
                with quietly():
                    super().partial_fit(rows, y, sample_weight=sample_weight, **said)  # type: ignore[misc]
                epochs += 1
        finally:
            self.random_state, self.batch_size = seed, batch
        for name in ("_optimizer", "_random_state"):  # a saved model does not go on learning
            vars(self).pop(name, None)
        return self

    def forget(self) -> None:
        """Back to how it was before it was fitted."""
        for name in [name for name in vars(self) if name.endswith("_") and not name.startswith("_")]:
            delattr(self, name)

    def state(self) -> State:
        """A copy of what has been learned."""
        return [layer.copy() for layer in self.coefs_], [layer.copy() for layer in self.intercepts_]

    def restore(self, state: State) -> None:
        """Go back to a `state()`."""
        self.coefs_, self.intercepts_ = state


class NetworkClassifier(_Network, MLPClassifier):  # type: ignore[misc]
    """scikit-learn's MLPClassifier."""

    def predict(self, X: Any) -> Array:  # noqa: N803
        """As scikit-learn's."""
        return np.asarray(super().predict(squashed(X)))

    def predict_proba(self, X: Any) -> Array:  # noqa: N803
        """As scikit-learn's."""
        return np.asarray(super().predict_proba(squashed(X)))


class NetworkRegressor(_Network, MLPRegressor):  # type: ignore[misc]
    """scikit-learn's MLPRegressor, on a target scaled by the mean and deviation of the rows it learns."""

    def fit_epochs(self, x: Any, y: Any, sample_weight: Any, goes_on: Callable[[int], bool]) -> Self:
        """As in the classifier."""
        y = np.asarray(y, dtype=np.float64)
        self.center, self.spread = float(y.mean()), float(y.std()) or 1.0
        return super().fit_epochs(x, (y - self.center) / self.spread, sample_weight, goes_on)

    def predict(self, X: Any) -> Array:  # noqa: N803
        """As scikit-learn's."""
        return np.asarray(super().predict(squashed(X))) * self.spread + self.center
