"""Polars SQL expressions from the YAML, checked before they run: known columns, row by row, no clock, no chance."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

import polars as pl

from evergreen.errors import PermanentError
from evergreen.spec.load import did_you_mean

_QUOTED = re.compile(r"'[^']*'")
_CLOCK = re.compile(r"\b(now\s*\(|today\s*\(|rand(om)?\s*\(|(current|local)_?(date|time|timestamp)\b)", re.IGNORECASE)
_WIDE = {
    *("Agg", "Len", "Over", "Window", "Rolling", "Explode", "Implode", "Filter", "Gather", "Slice", "Sort", "SortBy"),
    *("CumSum", "CumCount", "CumMin", "CumMax", "CumProd", "Diff", "Shift", "Rank", "Quantile", "NullCount", "Unique"),
    *("FillNullWithStrategy", "DropNulls", "Mode", "Range", "Random", "Reverse"),
}
"""Operations, as Polars names them, that look at more than their own row."""


def sql_expression(text: str, columns: Iterable[str], where: str) -> pl.Expr:
    """The expression `text`, which may use `columns`. `where` names its place in the YAML.

    Raises PermanentError when it can't be read, names an unknown column, looks at other rows or at the clock.
    """
    known = set(columns)
    for column in sorted(columns_of(text, where) - known):
        raise PermanentError(f"{where}: there is no column `{column}`{did_you_mean(column, known)}")
    if _CLOCK.search(_QUOTED.sub("''", text)):
        raise PermanentError(f"{where}: depends on the clock or on chance; use the row's own times")
    if not _row_by_row(text):
        raise PermanentError(f"{where}: looks at other rows; what is estimated from data belongs under `features`")
    return pl.sql_expr(text)


def columns_of(text: str, where: str) -> set[str]:
    """The columns an expression uses. Raises PermanentError when it can't be read."""
    try:
        return set(pl.sql_expr(text).meta.root_names())
    except pl.exceptions.PolarsError as error:
        raise PermanentError(f"{where}: not a Polars SQL expression: {_first_line(error)}") from None


def evaluate(frame: pl.DataFrame, expression: pl.Expr, name: str, where: str) -> pl.DataFrame:
    """`frame` with the expression's values as column `name`. Raises PermanentError when the types do not fit."""
    try:
        return frame.with_columns(expression.alias(name))
    except pl.exceptions.PolarsError as error:
        # the rest of Polars' message may hold values
        kinds = ", ".join(f"{column} {frame.schema[column]}" for column in sorted(set(expression.meta.root_names())))
        raise PermanentError(f"{where}: can't be computed ({type(error).__name__}) from {kinds or 'nothing'}") from None


def _row_by_row(text: str) -> bool:
    # Polars' own `is_row_separable` says yes to `a > avg(a)`, so the expression's tree is looked through
    return not _WIDE & set(_node_names(json.loads(pl.sql_expr(text).meta.serialize(format="json"))))


def _node_names(node: Any) -> Iterator[str]:
    """The names of an expression's operations, leaving out its columns' names and its constants."""
    if isinstance(node, dict):
        for name, inner in node.items():
            yield name
            if name not in ("Column", "Literal"):
                yield from _node_names(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from _node_names(inner)
    elif isinstance(node, str):
        yield node


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0][:200] if str(error).strip() else type(error).__name__
