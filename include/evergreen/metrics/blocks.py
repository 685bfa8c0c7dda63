"""Which rows err together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from evergreen.tasks.scored import Array


def block_codes(values: Sequence[object] | pl.Series) -> tuple[Array, int]:
    """Blocks as codes 0…J−1 and J: rows with one value err together and are resampled together."""
    series = values if isinstance(values, pl.Series) else pl.Series(values)
    codes = series.rank("dense").fill_null(0).cast(pl.Int64).to_numpy()
    unique, packed = np.unique(codes, return_inverse=True)
    return packed, len(unique)
