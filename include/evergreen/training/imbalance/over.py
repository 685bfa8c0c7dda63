"""More rows of the rare classes: copies, or points between neighbours."""

from __future__ import annotations

from typing import Any

import numpy as np

from evergreen.training.imbalance.base import Array
from evergreen.training.imbalance.class_counts import of_classes, raised
from evergreen.training.imbalance.space import Space

_NEIGHBOURS = 5


def random_over(x: Array, y: Array, seed: int) -> tuple[Array, Array]:
    """Copies of rows drawn at random."""
    return _copied(x, y, raised(y), seed)


def smote(x: Array, y: Array, seed: int) -> tuple[Array, Array]:
    """Points on the lines between rows of a class and their five nearest of the same class (Chawla et al. 2002)."""
    return _interpolated("SMOTE", x, y, seed)


def adasyn(x: Array, y: Array, seed: int) -> tuple[Array, Array]:
    """As SMOTE, more of them where other classes are near (He et al. 2008); SMOTE where none is near anywhere."""
    return _interpolated("ADASYN", x, y, seed)


def _interpolated(method: str, x: Array, y: Array, seed: int) -> tuple[Array, Array]:
    """Classes with too few rows for neighbours are copied instead. Rows that there were stay as they are."""
    goal, counts = raised(y), of_classes(y)
    few = {label for label, count in counts.items() if count <= _NEIGHBOURS}
    wanted = {label: goal[label] for label in goal if label not in few and goal[label] > counts[label]}
    made_x, made_y = x[:0], y[:0]
    if wanted:
        space = Space.of(x)
        points, labels = _made(method, space.enter(x), y, wanted, seed)
        made_x, made_y = space.leave(points[len(y) :]), labels[len(y) :]
    copied_x, copied_y = _copied(x, y, {label: goal[label] if label in few else counts[label] for label in goal}, seed)
    return np.vstack([copied_x, made_x]), np.concatenate([copied_y, made_y])


def _made(method: str, points: Array, y: Array, wanted: dict[int, int], seed: int) -> tuple[Array, Array]:
    from imblearn.over_sampling import ADASYN, SMOTE

    made: tuple[Array, Array]
    smote: Any = SMOTE(sampling_strategy=wanted, k_neighbors=_NEIGHBOURS, random_state=seed)
    if method == "ADASYN":
        try:
            adaptive = ADASYN(sampling_strategy=wanted, n_neighbors=_NEIGHBOURS, random_state=seed)
            made = adaptive.fit_resample(points, y)
        except (ValueError, RuntimeError):  # no row of another class is near: there is nothing to adapt to
            made = smote.fit_resample(points, y)
    else:
        made = smote.fit_resample(points, y)
    return made


def _copied(x: Array, y: Array, goal: dict[int, int], seed: int) -> tuple[Array, Array]:
    rng = np.random.default_rng(seed)
    rows = [np.arange(len(y))]
    for label, count in of_classes(y).items():
        rows.append(rng.choice(np.flatnonzero(y == label), goal[label] - count))
    drawn = np.concatenate(rows)
    return x[drawn], y[drawn]
