"""Make two frames comparable: which features are numbers or categories, in one form on both sides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from evergreen.columns import CATEGORIES, Comparison, kind_of
from evergreen.errors import bounded
from evergreen.monitoring.errors import MonitoringError


@dataclass(frozen=True, slots=True)
class Comparable:
    """Reference and current with the same columns: numbers as Float64, categories as String, the rest left out.

    NaN and infinities count as missing (null), as in Evidently.
    """

    reference: pl.DataFrame
    current: pl.DataFrame
    kinds: dict[str, Comparison]
    not_compared: tuple[str, ...]


def comparable(reference: pl.DataFrame, current: pl.DataFrame, features: Sequence[str]) -> Comparable:
    """Both frames' `features` in one form. Raises MonitoringError for a missing column or one of two kinds."""
    for side, frame in (("reference", reference), ("current", current)):
        missing = [name for name in features if name not in frame.columns]
        if missing:
            raise MonitoringError(
                f"the {side} rows have no column {bounded(f'`{name}`' for name in missing)}; the active model uses it. "
                "Bring the column back in `prepare`, or train a model without it"
            )
    kinds: dict[str, Comparison] = {}
    left_out = []
    for name in features:
        kind = _kind(name, reference.schema[name], current.schema[name])
        if kind is None:
            left_out.append(name)
        else:
            kinds[name] = kind
    forms = [kind.form(name) for name, kind in kinds.items()]
    return Comparable(reference.select(forms), current.select(forms), kinds, tuple(left_out))


def _kind(name: str, reference: pl.DataType, current: pl.DataType) -> Comparison | None:
    """How both sides are compared, a side of nulls only agreeing with any; None: not at all."""
    found = {_of(dtype) for dtype in (reference, current) if dtype != pl.Null}
    if len(found) > 1:
        raise MonitoringError(
            f"column `{name}` is {reference} in the reference rows and {current} in the current ones; "
            "say its type under `types` of its source"
        )
    return next(iter(found)) if found else CATEGORIES


def _of(dtype: pl.DataType) -> Comparison | None:
    kind = kind_of(dtype)
    return None if kind is None else kind.comparison
