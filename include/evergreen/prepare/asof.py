"""As-of joins: which version of which row was the newest known, for many (value, cutoff) pairs at once.

Each version of a row is *current* during an interval of cutoffs: from its own availability until a newer version of
the same key becomes available. At a cutoff, of all current rows with the joining value, the newest by `as_of` is taken.
All times in here are microseconds since 1970.
"""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from evergreen.prepare.state import FOREVER, ON, ORDER, as_time, micros, on_texts
from evergreen.spec.prepare import Join
from evergreen.table import AVAILABLE_AT, CUTOFF, KEY

RANK, SINCE, UNTIL, AS_OF = "_rank", "_since", "_until", "_as_of"
_AT, _PAIR, _FIRST, _LAST = "_c", "_pair", "_first", "_last"


def microseconds(value: timedelta) -> int:
    """A duration in whole microseconds."""
    return value // timedelta(microseconds=1)


def timed(versions: pl.DataFrame, join: Join) -> pl.DataFrame:
    """A source state with what an as-of join looks at: `_on`, `_as_of`, `_since` (when it became available)."""
    if join.as_of is None:
        raise ValueError("only an as-of join has times")
    as_of = as_time(versions, join.as_of, f"prepare.join of {join.source}").alias(AS_OF)
    return versions.with_columns(as_of, on_texts(versions, join.on)).with_columns(
        micros(AS_OF), micros(AVAILABLE_AT).alias(SINCE)
    )


def intervals(versions: pl.DataFrame) -> pl.DataFrame:
    """`timed` versions with `_until` (exclusive) and `_rank`, newest by `as_of`, then by order.

    Those that never are current, or that nothing can join (no time, no joining value), are left out.
    """
    if versions.is_empty():
        return versions.with_columns(pl.lit(FOREVER).alias(UNTIL), pl.lit(0, pl.Int64).alias(RANK))
    return (
        versions.sort(KEY, ORDER)
        .with_columns(
            pl.col(SINCE).cum_min(reverse=True).shift(-1).over(KEY).fill_null(FOREVER).alias(UNTIL),
        )
        .filter((pl.col(SINCE) < pl.col(UNTIL)) & pl.col(AS_OF).is_not_null() & pl.col(ON).is_not_null())
        .sort(AS_OF, ORDER)
        .with_row_index(RANK)
        .with_columns(pl.col(RANK).cast(pl.Int64))
    )


def match(pairs: pl.DataFrame, versions: pl.DataFrame, tolerance: timedelta | None) -> pl.DataFrame:
    """For each distinct pair (`_on`, `_cutoff`), the version to join.

    `pairs`: `_on` (String), `_cutoff` (Datetime us UTC); nulls match nothing. `versions`: `timed`. Gives `_on`,
    `_cutoff` and all columns of `versions` but `_on`, one row for each pair that has a match.
    """
    wanted = pairs.drop_nulls().unique().with_columns(micros(CUTOFF).alias(_AT)).sort(ON, _AT).with_row_index(_PAIR)
    if wanted.is_empty() or versions.is_empty():
        return wanted.select(ON, CUTOFF).clear().join(versions.drop(ON).clear(), how="cross")
    limit = None if tolerance is None else microseconds(tolerance)
    current = intervals(_relevant(wanted, versions, limit))
    lasting = current.filter(pl.col(UNTIL) == FOREVER)
    passing = current.filter(pl.col(UNTIL) < FOREVER)
    best = _best_lasting(lasting)
    # what a lasting row outranks from some moment on needs not be looked at from then on
    passing = passing.select(ON, SINCE, UNTIL, RANK, AS_OF).sort(RANK).join_asof(
        best.select(ON, RANK, _since=pl.col(SINCE)).rename({"_since": "_outranked"}).sort(RANK),
        on=RANK, by=ON, strategy="forward", allow_exact_matches=False, check_sortedness=False,
    ).with_columns(pl.min_horizontal(UNTIL, "_outranked").alias(UNTIL))  # fmt: skip
    if limit is not None:
        passing = passing.with_columns(pl.min_horizontal(UNTIL, pl.col(AS_OF) + limit + 1).alias(UNTIL))
    found = pl.concat(
        [
            wanted.sort(_AT).join_asof(
                best.sort(SINCE), left_on=_AT, right_on=SINCE, by=ON, strategy="backward", check_sortedness=False
            ).drop_nulls(RANK).select(_PAIR, RANK),
            covered(wanted, passing.select(ON, SINCE, UNTIL, RANK))
            .with_columns(pl.int_ranges(_FIRST, pl.col(_LAST) + 1).alias(_PAIR))
            .explode(_PAIR).select(pl.col(_PAIR).cast(pl.UInt32), RANK),
        ]
    )  # fmt: skip
    chosen = found.group_by(_PAIR).agg(pl.col(RANK).max()).join(current.drop(ON), on=RANK)
    chosen = wanted.join(chosen, on=_PAIR)
    if limit is not None:
        chosen = chosen.filter(pl.col(AS_OF) >= pl.col(_AT) - limit)
    return chosen.drop(_PAIR, _AT, RANK, UNTIL)


def covered(points: pl.DataFrame, spans: pl.DataFrame) -> pl.DataFrame:
    """`spans` (`_on`, `_since`, `_until` exclusive) with the `_first` and `_last` number of the points inside.

    `points`: `_on`, `_c`, and `_pair`, their number in the order of (`_on`, `_c`). Spans without points are left out.
    """
    spans = spans.filter(pl.col(SINCE) < pl.col(UNTIL)).with_columns((pl.col(UNTIL) - 1).alias("_end"))
    points = points.select(ON, _AT, _PAIR).sort(_AT, _PAIR)
    spans = spans.sort(SINCE).join_asof(
        points.rename({_PAIR: _FIRST}).unique(subset=[ON, _AT], keep="first", maintain_order=True),
        left_on=SINCE, right_on=_AT, by=ON, strategy="forward", check_sortedness=False,
    ).drop(_AT)  # fmt: skip
    spans = spans.sort("_end").join_asof(
        points.rename({_PAIR: _LAST}).unique(subset=[ON, _AT], keep="last", maintain_order=True),
        left_on="_end", right_on=_AT, by=ON, strategy="backward", check_sortedness=False,
    )  # fmt: skip
    kept = spans.drop_nulls([_FIRST, _LAST]).filter(pl.col(_FIRST) <= pl.col(_LAST))
    return kept.drop(_AT, "_end", strict=False)


def touched_points(points: pl.DataFrame, spans: pl.DataFrame) -> pl.DataFrame:
    """The rows of `points` (`_on`, `_cutoff` and more) that lie in any of the spans."""
    numbered = (
        points.drop_nulls([ON, CUTOFF]).with_columns(micros(CUTOFF).alias(_AT)).sort(ON, _AT).with_row_index(_PAIR)
    )
    inside = covered(numbered, spans)
    steps = pl.concat(
        [
            inside.select(pl.col(_FIRST).cast(pl.Int64).alias(_PAIR), pl.lit(1).alias("step")),
            inside.select(pl.col(_LAST).cast(pl.Int64).alias(_PAIR) + 1, pl.lit(-1).alias("step")),
        ]
    )
    depth = steps.group_by(_PAIR).agg(pl.col("step").sum())
    return (
        numbered.with_columns(pl.col(_PAIR).cast(pl.Int64))
        .join(depth, on=_PAIR, how="left", maintain_order="left")
        .filter(pl.col("step").fill_null(0).cum_sum() > 0)
        .drop(_PAIR, _AT, "step")
    )


def _relevant(wanted: pl.DataFrame, versions: pl.DataFrame, limit: int | None) -> pl.DataFrame:
    """All versions, available in time, of the keys of which any could match; whole keys, so none is seen half."""
    lowest, highest = wanted[_AT].min(), wanted[_AT].max()
    available = versions.filter(pl.col(SINCE) <= highest)
    possible = available.join(wanted.select(ON).unique(), on=ON, how="semi")
    if limit is not None:
        possible = possible.filter(pl.col(AS_OF) >= pl.lit(lowest) - limit)
    return available.join(possible.select(KEY).unique(), on=KEY, how="semi")


def _best_lasting(lasting: pl.DataFrame) -> pl.DataFrame:
    """Of versions that stay current, those that outrank all before them: `_on`, `_since`, `_rank`, both rising."""
    return (
        lasting.select(ON, SINCE, RANK)
        .sort(SINCE, RANK)
        .filter(pl.col(RANK) == pl.col(RANK).cum_max().over(ON))
        .unique(subset=[ON, SINCE], keep="last", maintain_order=True)
    )
