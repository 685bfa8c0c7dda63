"""Which base keys may look different now: those that a new row version, or the passing of time, touches."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from evergreen.prepare.asof import AS_OF, SINCE, UNTIL, microseconds, timed, touched_points
from evergreen.prepare.columns import JoinPlan, Plan
from evergreen.prepare.rows import States
from evergreen.prepare.state import FOREVER, NEW, ON, on_texts
from evergreen.spec import UseCase
from evergreen.table import CUTOFF, KEY


def touched_keys(
    use_case: UseCase, plan: Plan, states: States, moments: pl.DataFrame, parent_as_of: datetime, as_of: datetime
) -> pl.DataFrame:
    """The `_key`s to rebuild, without repeats.

    They are those of new base and outcome versions, of base rows that a new version of a joined row could reach, and of
    rows whose cutoff the data time has passed since the parent version.
    """
    passed = moments.filter((pl.col(CUTOFF) > parent_as_of) & (pl.col(CUTOFF) <= as_of))
    found = [passed.select(KEY)]
    own = [source for source in dict.fromkeys((use_case.base, use_case.outcome)) if source is not None]
    found += [states[source].filter(NEW).select(KEY) for source in own if states[source].columns]
    for join in plan.joins:
        state = states[join.join.source]
        if state.columns and state[NEW].any() and states[use_case.base].columns:
            found.append(_reached(join, state, states[use_case.base], moments))
    return pl.concat(found).unique().join(moments.select(KEY), on=KEY, how="semi")


def _reached(plan: JoinPlan, state: pl.DataFrame, base: pl.DataFrame, moments: pl.DataFrame) -> pl.DataFrame:
    """Base keys that new versions of a joined source may change.

    The joining values of every version of a key count, since a correction may take a row away from a value; and those
    of every version of a base row, since which one is visible is not known here.
    """
    points = base.select(KEY, on_texts(base, plan.join.on)).join(moments.select(KEY, CUTOFF), on=KEY)
    changed = state.join(state.filter(NEW).select(KEY).unique(), on=KEY, how="semi")
    if plan.join.static:
        values = changed.select(on_texts(changed, plan.join.on)).unique()
        return points.join(values, on=ON, how="semi").select(KEY)
    times = timed(changed, plan.join)
    spans = times.group_by(KEY).agg(pl.col(SINCE).filter(NEW).min(), pl.col(AS_OF).max())
    if plan.join.tolerance is None:
        until = pl.lit(FOREVER)
    else:
        until = pl.col(AS_OF) + microseconds(plan.join.tolerance) + 1
    spans = times.select(KEY, ON).unique().drop_nulls(ON).join(spans.with_columns(until.alias(UNTIL)), on=KEY)
    return touched_points(points, spans.drop_nulls(UNTIL).select(ON, SINCE, UNTIL)).select(KEY)
