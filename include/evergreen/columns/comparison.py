"""How two samples of a column are made comparable before their distance is measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import polars as pl


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """`name` as Evidently has it; `form` of a column; `instead`: methods that don't fit, and what is taken for them."""

    name: Literal["numeric", "categorical"]
    form: Callable[[str], pl.Expr]
    instead: Mapping[str, str] = field(default_factory=dict)

    def method(self, wanted: str) -> str:
        """The method used where the use case wants `wanted`."""
        return self.instead.get(wanted, wanted)


def _finite(name: str) -> pl.Expr:
    """NaN and infinities count as missing, as in Evidently."""
    number = pl.col(name).cast(pl.Float64)
    return pl.when(number.is_finite()).then(number).alias(name)


def _texts(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.String)


NUMBERS = Comparison("numeric", _finite)
CATEGORIES = Comparison("categorical", _texts, {"wasserstein": "jensenshannon"})
"""Wasserstein is a distance of numbers, so categories take Jensen-Shannon in its stead."""
