"""Which fields a request's row has: a row of the table without the target."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from evergreen.columns import kind_written
from evergreen.delivery.predictor import InputColumn
from evergreen.delivery.service.routes import Routes
from evergreen.delivery.shape import Field, Shape
from evergreen.errors import PermanentError
from evergreen.spec import UseCase


def request_shape(routes: Routes, inputs: Iterable[InputColumn]) -> Shape:
    """The shape of a row for a model that reads `inputs`.

    Without lookup the key and all inputs are required. With `lookup: latest` only what the base brings is: the key,
    the base's inputs, the time, and what joins and derived columns are made from; the rest may be given and then
    counts instead of what would be looked up. Other columns of the base may be there, so that a whole row fits.

    Raises PermanentError when an expression of `prepare` can't be read.
    """
    use_case = routes.use_case
    base = {name: kind_written(kind).name for name, kind in routes.base.items() if name != use_case.target.column}
    by_input = {column.name: column for column in inputs}
    required = set(use_case.key) | set(by_input)
    never_null = set(use_case.key)
    if use_case.serving.lookup == "latest":
        wanted = required | {column for join in use_case.prepare.join for column in join.on}
        wanted |= _computed_from(use_case)
        required = {name for name in wanted if name in base} | set(use_case.key)
        # what is personal and comes from a join is looked up in its anonymised form, never taken from a request
        hidden = personal_fields(use_case) - base.keys()
        by_input = {name: column for name, column in by_input.items() if name not in hidden}
        if use_case.at is not None:
            required.add(use_case.at)
            never_null.add(use_case.at)
    times = use_case.time_columns(use_case.base)
    fields = {}
    for name in dict.fromkeys((*use_case.key, *by_input, *base, *sorted(required))):
        model = by_input.get(name)
        time = "datetime" if name in times else None
        kind = model.type if model is not None else time or base.get(name, "string")
        nullable = name not in never_null and (model is None or model.nullable)
        fields[name] = Field(name, kind, nullable, name in required)
    return Shape(fields)


def key_shape(routes: Routes) -> Shape:
    """The shape of a row's key alone, in the types of the base: what routing needs before a release is chosen."""
    whole = request_shape(routes, ()).fields
    return Shape({name: whole[name] for name in routes.use_case.key})


def personal_fields(use_case: UseCase) -> frozenset[str]:
    """The table's columns that hold what some source marks as personal: the base's own and joined ones."""
    joined = {
        f"{join.prefix}{name}" for join in use_case.prepare.join for name in use_case.sources[join.source].personal
    }
    return frozenset(joined | use_case.sources[use_case.base].personal.keys())


def _computed_from(use_case: UseCase) -> set[str]:
    """The columns that derived columns and `where` are computed from."""
    texts = {f"prepare.derive.{name}": text for name, text in use_case.prepare.derive.items()}
    texts |= {"prepare.where": use_case.prepare.where} if use_case.prepare.where else {}
    found: set[str] = set()
    for place, text in texts.items():
        try:
            found.update(pl.sql_expr(text).meta.root_names())
        except pl.exceptions.PolarsError as error:
            raise PermanentError(f"{place} is not a Polars SQL expression; mend it in `use_case.yaml`") from error
    return found
