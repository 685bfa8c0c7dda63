"""Make two frames comparable: which features are numbers or categories, in one form on both sides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import polars as pl

from evergreen.errors import bounded
from evergreen.monitoring.errors import MonitoringError

Kind = Literal["numeric", "categorical"]


@dataclass(frozen=True, slots=True)
class Comparable:
    """Reference and current with the same columns: numbers as Float64, categories as String, the rest left out.

    NaN and infinities count as missing (null), as in Evidently.
    """

    reference: pl.DataFrame
    current: pl.DataFrame
    kinds: dict[str, Kind]
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
    kinds: dict[str, Kind] = {}
    left_out = []
    for name in features:
        kind = _kind(name, reference.schema[name], current.schema[name])
        if kind is None:
            left_out.append(name)
        else:
            kinds[name] = kind
    forms = [_form(name, kind) for name, kind in kinds.items()]
    return Comparable(reference.select(forms), current.select(forms), kinds, tuple(left_out))


def _kind(name: str, reference: pl.DataType, current: pl.DataType) -> Kind | None:
    """The kind both sides agree on, a side of nulls only agreeing with any; None: not to be compared."""
    found = {_of(dtype) for dtype in (reference, current) if dtype != pl.Null}
    if len(found) > 1:
        raise MonitoringError(
            f"column `{name}` is {reference} in the reference rows and {current} in the current ones; "
            "say its type under `types` of its source"
        )
    return next(iter(found)) if found else "categorical"


def _of(dtype: pl.DataType) -> Kind | None:
    if dtype.is_numeric():
        return "numeric"
    return "categorical" if dtype in (pl.String, pl.Boolean, pl.Categorical, pl.Enum) else None


def _form(name: str, kind: Kind) -> pl.Expr:
    if kind == "categorical":
        return pl.col(name).cast(pl.String)
    number = pl.col(name).cast(pl.Float64)
    return pl.when(number.is_finite()).then(number).alias(name)
