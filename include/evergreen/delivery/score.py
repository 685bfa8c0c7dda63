"""Score table rows in batch with the active release."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Literal

import polars as pl

from evergreen.artifacts import Release
from evergreen.delivery.predictor import Predictor
from evergreen.hashing import key_texts
from evergreen.predictions import COLUMNS, Kind, batch_ids
from evergreen.spec import UseCase
from evergreen.table import AT, KNOWN_AT, ROW, TIME, usable
from evergreen.tasks import task_that_said


def score(
    use_case: UseCase,
    table: pl.LazyFrame,
    predictor: Predictor,
    *,
    release: Release,
    dataset_version: int,
    as_of: datetime,
    made_at: datetime,
    rows: Literal["upcoming", "all"] = "upcoming",
    already: Collection[str] = (),
) -> pl.DataFrame:
    """Predict the usable rows of a dataset version's `table` that `already` does not name by key.

    `upcoming` takes rows whose time lies after `as_of`, the version's data time, and without time those whose label
    is not known; `all` takes every usable row. The answer has the columns of the predictions store; its ids depend
    on use case, key and release alone, so that scoring twice stores once.
    """
    frame = usable_rows(table)
    if rows == "upcoming" and not frame.is_empty():
        timeless = pl.col(AT).is_null() & pl.col(KNOWN_AT).is_null()
        frame = frame.filter((pl.col(AT) > as_of) | timeless)
    frame = not_yet(frame, use_case, already)
    return predicted_rows(
        use_case,
        frame,
        predictor,
        release,
        dataset_version,
        data_time=pl.lit(as_of, TIME),
        made_at=made_at,
        kind="batch",
    )


def usable_rows(table: pl.LazyFrame) -> pl.DataFrame:
    """The rows that may be scored at all: neither provisional nor late."""
    frame = table.collect()
    return usable(frame) if frame.width else frame


def not_yet(frame: pl.DataFrame, use_case: UseCase, already: Collection[str]) -> pl.DataFrame:
    """The rows whose key `already` does not name."""
    if frame.is_empty() or not already:
        return frame
    known = pl.Series(list(already), dtype=pl.String).implode()
    return frame.filter(~key_texts(frame, use_case.key).is_in(known))


def predicted_rows(
    use_case: UseCase,
    frame: pl.DataFrame,
    predictor: Predictor,
    release: Release,
    dataset_version: int,
    *,
    data_time: pl.Expr,
    made_at: datetime,
    kind: Kind,
) -> pl.DataFrame:
    """Predictions for table rows in the form of the predictions store; `data_time` is an expression over the rows."""
    if frame.is_empty():
        return pl.DataFrame(schema=COLUMNS)
    keys = key_texts(frame, use_case.key)
    predicted = predictor.predict(
        frame.select(pl.col(column.name for column in predictor.schema if column.name in frame.columns))
    )
    known = (
        task_that_said(predicted)
        .stored(predicted)
        .with_columns(
            batch_ids(use_case.name, release.number, kind, keys.to_list()),
            keys,
            frame[AT].alias("at"),
            frame[ROW].alias("features_hash"),
            frame.with_columns(data_time=data_time)["data_time"],
            use_case=pl.lit(use_case.name),
            made_at=pl.lit(made_at, TIME),
            release=pl.lit(release.number),
            model_version=pl.lit(release.model.version),
            dataset_version=pl.lit(dataset_version),
            kind=pl.lit(kind),
            features=pl.lit(None),
        )
    )
    return known.select(pl.col(name).cast(dtype) for name, dtype in COLUMNS.items())
