"""Table rows from source states: what each base row was at its cutoff, what is joined to it, what is computed of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import polars as pl

from evergreen import hashing
from evergreen.partitions import PARTITION
from evergreen.prepare.asof import match, timed
from evergreen.prepare.columns import JoinPlan, Plan
from evergreen.prepare.expressions import columns_of, evaluate, sql_expression
from evergreen.prepare.labels import LABEL_HASH, first_batch, labels
from evergreen.prepare.state import ON, newest, on_texts
from evergreen.spec import UseCase
from evergreen.table import AT, AVAILABLE_AT, CUTOFF, FROM, HASH, KEY, KNOWN_AT, LATE, PROVISIONAL, ROW

States = Mapping[str, pl.DataFrame]


def build_rows(use_case: UseCase, plan: Plan, states: States, moments: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    """The table rows of the keys in `moments` (see `moments.moments`), in no promised order.

    Columns: `_key` and `partition`, then the table's own in their order. Rows that `where` leaves out are missing.
    """
    rows = visible(use_case, states[use_case.base], moments, as_of)
    for join in plan.joins:
        rows = attach(rows, join, states[join.join.source])
    rows = derive(use_case, plan, rows)
    source = use_case.outcome or use_case.base
    versions = states[source]
    known = versions if not versions.columns else versions.join(rows.select(KEY), on=KEY, how="semi")
    rows = rows.join(labels(use_case, known, rows.select(KEY, AT), first_batch(versions)), on=KEY, how="left")
    lineage = {f"{FROM}{use_case.base}": HASH} | {join.lineage: join.lineage for join in plan.joins}
    if use_case.outcome is not None:
        lineage[f"{FROM}{use_case.outcome}"] = LABEL_HASH
    rows = typed(rows).with_columns(**{name: pl.col(column) for name, column in lineage.items()})
    rows = rows.with_columns(hashing.row_hashes(rows, plan.features).alias(ROW))
    return rows.select(
        KEY, PARTITION, *plan.table, AT, CUTOFF, PROVISIONAL, LATE, KNOWN_AT, ROW, *lineage
    )  # fmt: skip


def visible(use_case: UseCase, base: pl.DataFrame, moments: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    """Each key's newest version available by its cutoff; where there was none, the newest, marked late.

    Without `predict` the newest, neither late nor provisional. A row that should have a cutoff and has no time stays
    provisional: nobody can say when it is predicted for.
    """
    versions = base.join(moments, on=KEY, how="inner")
    if use_case.predict is None:
        return newest(versions).with_columns(pl.lit(False).alias(PROVISIONAL), pl.lit(False).alias(LATE))
    last, seen = newest(versions), newest(versions.filter(pl.col(AVAILABLE_AT) <= pl.col(CUTOFF)))
    unseen = last.join(seen.select(KEY), on=KEY, how="anti").with_columns(pl.col(CUTOFF).is_not_null().alias(LATE))
    return pl.concat([seen.with_columns(pl.lit(False).alias(LATE)), unseen]).with_columns(
        (pl.col(CUTOFF) > as_of).fill_null(True).alias(PROVISIONAL)
    )


def attach(rows: pl.DataFrame, plan: JoinPlan, state: pl.DataFrame) -> pl.DataFrame:
    """`rows` with the join's columns and its lineage column; nulls where nothing matches."""
    wanted = [*plan.columns.values(), plan.lineage]
    if not state.columns:
        nothing = [pl.lit(None).alias(name) for name in plan.columns.values()]
        return rows.with_columns(*nothing, pl.lit(None, pl.String).alias(plan.lineage))
    keyed = rows.with_columns(on_texts(rows, plan.join.on))
    by = [ON] if plan.join.static else [ON, CUTOFF]
    if plan.join.static:
        found = newest_on(state, plan)
    else:
        found = match(keyed.select(ON, CUTOFF), timed(state, plan.join), plan.join.tolerance)
    found = found.select(
        *by, *(pl.col(name).alias(new) for name, new in plan.columns.items()), pl.col(HASH).alias(plan.lineage)
    )
    return keyed.join(found.select(*by, *wanted), on=by, how="left").drop(ON)


def newest_on(state: pl.DataFrame, plan: JoinPlan) -> pl.DataFrame:
    """Of each joining value the newest row (by the source's order), whenever it became available."""
    last = newest(state)
    return newest(last.with_columns(on_texts(last, plan.join.on)).drop_nulls(ON), by=ON)


def derive(use_case: UseCase, plan: Plan, rows: pl.DataFrame) -> pl.DataFrame:
    """`rows` with the derived columns, and without those that `where` leaves out.

    As long as a joined source has brought nothing, a column that is not there is taken as one of its, and as null.
    """
    known = [name for name in plan.features if name in rows.columns and name not in plan.derived]
    for name, text in use_case.prepare.derive.items():
        rows = _computed(plan, rows, name, text, known, f"prepare.derive.{name}")
        known.append(name)
    if use_case.prepare.where is not None:
        kept = _computed(plan, rows, "_kept", use_case.prepare.where, known, "prepare.where")
        rows = kept.filter(pl.col("_kept")).drop("_kept")
    return rows


def _computed(plan: Plan, rows: pl.DataFrame, name: str, text: str, known: list[str], where: str) -> pl.DataFrame:
    missing = [] if plan.complete else sorted(columns_of(text, where) - set(known))
    filled = rows.with_columns(pl.lit(None).alias(column) for column in missing)
    return evaluate(filled, sql_expression(text, [*known, *missing], where), name, where).drop(missing)


def typed(rows: pl.DataFrame) -> pl.DataFrame:
    """Columns that hold nothing yet as text: a file's column has to have a type."""
    return rows.with_columns(pl.col(pl.Null).cast(pl.String))
