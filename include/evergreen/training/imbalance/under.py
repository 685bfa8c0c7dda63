"""Fewer rows of the frequent classes: drawn at random, drawn from clusters, or those that lie among others."""

from __future__ import annotations

import numpy as np

from evergreen.training.imbalance.base import Array
from evergreen.training.imbalance.class_counts import lowered, of_classes
from evergreen.training.imbalance.space import Space

_CLUSTERS = 20


def random_under(x: Array, y: Array, seed: int) -> tuple[Array, Array]:
    """Rows drawn at random, of each class as many as of the rarest, but at least 20 where there are more."""
    rng = np.random.default_rng(seed)
    goal = lowered(y)
    kept = [rng.choice(np.flatnonzero(y == label), goal[label], replace=False) for label in goal]
    rows = np.sort(np.concatenate(kept))
    return x[rows], y[rows]


def cluster_under(x: Array, y: Array, seed: int) -> tuple[Array, Array]:
    """As many rows as `random_under`, but of each cluster of a class its share, so that no region of the class is lost
    (after Yen and Lee 2009).
    """
    from sklearn.cluster import MiniBatchKMeans

    rng = np.random.default_rng(seed)
    points, goal, kept = Space.of(x).enter(x), lowered(y), []
    for label, count in of_classes(y).items():
        rows = np.flatnonzero(y == label)
        if count > goal[label]:
            different = len(np.unique(points[rows], axis=0))
            means = MiniBatchKMeans(min(_CLUSTERS, goal[label], different), n_init=1, random_state=seed)
            # rows in random order within clusters, every cluster thinned alike
            order = np.lexsort((rng.random(count), means.fit_predict(points[rows])))
            rows = rows[order[((np.arange(goal[label]) + 0.5) * count / goal[label]).astype(np.int64)]]
        kept.append(rows)
    rows = np.sort(np.concatenate(kept))
    return x[rows], y[rows]


def tomek(x: Array, y: Array, seed: int) -> tuple[Array, Array]:  # noqa: ARG001 - nothing is drawn
    """Without the more frequent class's half of each Tomek link: two rows of different classes that are each other's
    nearest neighbours (Tomek 1976). A class is never removed altogether.
    """
    return _without_links(x, y, "auto")


def tomek_both(x: Array, y: Array) -> tuple[Array, Array]:
    """Without both halves of each Tomek link, for classes that are equally frequent already."""
    return _without_links(x, y, "all")


def _without_links(x: Array, y: Array, classes: str) -> tuple[Array, Array]:
    from imblearn.under_sampling import TomekLinks

    return _cleaned(TomekLinks(sampling_strategy=classes), x, y)


def enn(x: Array, y: Array) -> tuple[Array, Array]:
    """Without the rows whose three nearest are not all of their class (Wilson 1972), a class never altogether."""
    from imblearn.under_sampling import EditedNearestNeighbours

    return _cleaned(EditedNearestNeighbours(sampling_strategy="all", n_neighbors=3), x, y)


def _cleaned(sampler: object, x: Array, y: Array) -> tuple[Array, Array]:
    counts = of_classes(y)
    if len(y) <= 4 or len(counts) < 2:
        return x, y
    sampler.fit_resample(Space.of(x).enter(x), y)  # type: ignore[attr-defined]
    kept = np.zeros(len(y), dtype=bool)
    kept[np.asarray(sampler.sample_indices_)] = True  # type: ignore[attr-defined]
    for label in counts:
        if not kept[y == label].any():
            kept[y == label] = True
    return x[kept], y[kept]
