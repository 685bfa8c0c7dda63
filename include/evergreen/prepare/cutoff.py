"""Cutoffs: the last ingest tick at or before `at − lead`, for a whole column at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl

from evergreen.errors import PermanentError
from evergreen.spec import UseCase
from evergreen.table import TIME


def cutoffs(use_case: UseCase, at: pl.Series) -> pl.Series:
    """Up to when each row may know the world.

    `at` holds the moments rows are predicted for (Datetime us UTC). The answer has the same height; null where `at` is
    null, and everywhere when the use case has no `predict`. Raises PermanentError when the cron never ticks.
    """
    nothing = pl.Series("cutoff", [None] * at.len(), dtype=TIME)
    if use_case.predict is None or at.null_count() == at.len():
        return nothing
    latest = (at.cast(TIME) - use_case.predict.lead).alias("latest")
    first, last = latest.min(), latest.max()
    if not isinstance(first, datetime) or not isinstance(last, datetime):
        return nothing
    known = ticks(use_case.schedule.ingest, first, last)
    position = known.search_sorted(latest.fill_null(first), side="right") - 1
    return (
        pl.select(
            pl.when(latest.is_not_null()).then(known.gather(position.cast(pl.Int64)))  # null stays null
        )
        .to_series()
        .alias("cutoff")
    )


def ticks(cron: str, first: datetime, last: datetime) -> pl.Series:
    """All ticks of a cron expression (UTC) up to `last`, from one at or before `first` on, ascending.

    Only the days are asked of croniter; the moments within a day are the same every day, so a cron that ticks every
    minute costs no more than a nightly one. Raises PermanentError when it never ticks.
    """
    from croniter import croniter

    minutes, hours = (
        list(range(size)) if "*" in field else sorted(int(value) for value in field)
        for field, size in zip(croniter.expand(cron)[0][:2], (60, 24), strict=True)
    )
    offsets = [timedelta(hours=hour, minutes=minute) for hour in hours for minute in minutes]
    days = pl.DataFrame({"day": _days(cron, first, last)}, schema={"day": TIME})
    within = pl.DataFrame({"offset": offsets}, schema={"offset": pl.Duration("us")})
    every = days.join(within, how="cross", maintain_order="left_right")
    return every.select(tick=pl.col("day") + pl.col("offset")).to_series()


def _days(cron: str, first: datetime, last: datetime) -> list[datetime]:
    """The days (midnights) on which the cron ticks up to `last`, from one before the day of `first` on."""
    from croniter import CroniterBadDateError, croniter

    midnight = first.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    restriction = cron.split()[2:]
    if restriction == ["*", "*", "*"]:
        return [midnight + timedelta(days=day) for day in range(-1, (last - midnight).days + 1)]
    days_only = "0 0 " + " ".join(restriction)
    try:
        # on the day of `first`, the ticks may all come later than `first`: so one day before it, too
        days = [croniter(days_only, midnight).get_prev(datetime)]
        forwards = croniter(days_only, midnight - timedelta(seconds=1))
        while (day := forwards.get_next(datetime)) <= last:
            days.append(day)
    except CroniterBadDateError:
        raise PermanentError(
            f'schedule.ingest: the cron "{cron}" never ticks; give days that exist, e.g. "0 2 * * *"'
        ) from None
    return days
