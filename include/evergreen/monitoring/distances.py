"""How far two samples lie apart: the drift methods a use case may name, by Evidently's definitions.

A method is one function here. All of them take samples without nulls; 0 is no difference.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl

from evergreen.monitoring.binning import Shares, binned_shares, fill_zeroes


def distance(method: str, reference: pl.Series, current: pl.Series) -> float:
    """The distance of `current` from `reference` by `method` (see `columns.Comparison.method`)."""
    return METHODS[method](reference, current)


def psi(reference: pl.Series, current: pl.Series) -> float:
    """Population stability index over common bins."""
    return psi_of_shares(*binned_shares(reference, current))


def psi_of_shares(reference: Shares, current: Shares) -> float:
    """Population stability index of two sets of shares over the same bins."""
    before, now = fill_zeroes(reference), fill_zeroes(current)
    return float(np.sum((before - now) * np.log(before / now)))


def jensen_shannon(reference: pl.Series, current: pl.Series) -> float:
    """Jensen-Shannon distance (natural logarithm) over common bins: 0 to 0.83."""
    from scipy.spatial.distance import jensenshannon

    # two equal samples can come out as the root of a tiny negative number
    return float(np.nan_to_num(jensenshannon(*binned_shares(reference, current))))


def wasserstein(reference: pl.Series, current: pl.Series) -> float:
    """Earth mover's distance of two samples of numbers, in standard deviations of the reference."""
    from scipy.stats import wasserstein_distance

    before, now = reference.to_numpy(), current.to_numpy()
    return float(wasserstein_distance(before, now) / max(float(np.std(before)), 0.001))


METHODS: dict[str, Callable[[pl.Series, pl.Series], float]] = {
    "psi": psi,
    "jensenshannon": jensen_shannon,
    "wasserstein": wasserstein,
}
