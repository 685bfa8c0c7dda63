"""Fill in what nobody scored in time: mature rows get the prediction that the release of their moment would have made.

Such predictions are marked `replayed`, so that performance on them is reported apart.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime

import polars as pl

from evergreen.artifacts import Release
from evergreen.delivery.predictor import Predictor
from evergreen.delivery.score import not_yet, predicted_rows
from evergreen.predictions import COLUMNS
from evergreen.spec import UseCase
from evergreen.table import CUTOFF, mature

Activation = tuple[datetime, int]
"""Since when (data time), which release."""


def replay(
    use_case: UseCase,
    table: pl.LazyFrame,
    *,
    activations: Sequence[Activation],
    releases: Mapping[int, Release],
    load: Callable[[Release], Predictor | None],
    dataset_version: int,
    as_of: datetime,
    made_at: datetime,
    already: Collection[str],
) -> pl.DataFrame:
    """Predict the mature rows of `table` that no release has predicted, each by the one active at its cutoff.

    `activations` is the activation log in its own order; `releases` holds those of its releases that are to be used,
    and `load` brings the model of one that has rows to predict, or None. Rows of other releases, and of those without
    a model, are left alone, and so are rows from before the first activation and, having no cutoff, all rows of a use
    case without time. `already` are the keys with a prediction of any kind. `data_time` of a replayed prediction is its
    row's cutoff. The answer has the columns of the predictions store.
    """
    frame = table.collect()
    if not frame.width or not activations:
        return pl.DataFrame(schema=COLUMNS)
    frame = not_yet(mature(frame, use_case, as_of).filter(pl.col(CUTOFF).is_not_null()), use_case, already)
    log = pl.DataFrame(
        _in_force(activations), schema={"_since": frame.schema[CUTOFF], "_release": pl.Int64}, orient="row"
    )
    frame = frame.sort(CUTOFF).join_asof(log, left_on=CUTOFF, right_on="_since", strategy="backward")
    parts = [pl.DataFrame(schema=COLUMNS)]
    for number, release in sorted(releases.items()):
        its = frame.filter(pl.col("_release") == number)
        predictor = load(release) if its.height else None
        if predictor is None:
            continue
        parts.append(
            predicted_rows(
                use_case,
                its,
                predictor,
                release,
                dataset_version,
                data_time=pl.col(CUTOFF),
                made_at=made_at,
                kind="replayed",
            )
        )
    return pl.concat(parts)


def _in_force(activations: Sequence[Activation]) -> list[Activation]:
    """The log as it counts now: each activation holds from its data time on, whatever was said of that time before."""
    found: list[Activation] = []
    for since, release in activations:
        while found and found[-1][0] >= since:
            found.pop()
        found.append((since, release))
    return found
