"""The same joins for a request: a version's newest source states in memory, asked row by row in microseconds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

import numpy as np
import polars as pl

from evergreen import hashing
from evergreen.errors import PermanentError
from evergreen.parquet import schema_of
from evergreen.prepare.asof import AS_OF, RANK, SINCE, UNTIL, intervals, microseconds, timed
from evergreen.prepare.columns import JoinPlan, checked, plan_columns
from evergreen.prepare.cutoff import cutoffs
from evergreen.prepare.rows import derive, newest_on, typed
from evergreen.prepare.state import ON, as_time, micros, on_texts, read_state, without_dropped
from evergreen.spec import UseCase
from evergreen.spec.load import did_you_mean
from evergreen.table import AT, CUTOFF, HASH, ROW, TIME, own_columns

_Moments = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


class Lookup:
    """Answers requests from one dataset version. Loading reads the source states; asking does not touch the disk.

    Immutable once made, so one can be asked from many threads while the next version's is loaded.
    """

    def __init__(self, use_case: UseCase, sources: Mapping[str, Sequence[Path]], at_most: datetime) -> None:
        """`sources`: all parts of every source of the version; `at_most`: its data time, which no cutoff passes.

        Raises PermanentError for columns of the use case that do not fit the sources.
        """
        self._use_case, self._at_most = use_case, at_most
        wanted = [name for name in use_case.sources if name not in (use_case.base, use_case.outcome)]
        states = {name: read_state(use_case, name, sources.get(name, ())) for name in wanted}
        schemas = {name: state.columns for name, state in states.items()}
        self._base = _schema(use_case, sources.get(use_case.base, ()))
        self._plan = checked(plan_columns(use_case, {**schemas, use_case.base: list(self._base)}))
        self._sides = [_Side(plan, states[plan.join.source]) for plan in self._plan.joins]

    @property
    def inputs(self) -> tuple[str, ...]:
        """The base's columns: what a request may hold."""
        return self._plan.base

    def fill(self, rows: pl.DataFrame) -> pl.DataFrame:
        """`rows` (base columns; missing ones count as null) with joined and derived columns, in order of request.

        Gives the table's columns but the target, and `_at`, `_cutoff` (the earlier of the row's own and the version's
        data time; that data time where the row has no time) and `_row`, as they are in the table. Rows that `where`
        leaves out are missing. Raises PermanentError for an unknown column or a value of a wrong type.
        """
        rows = self._typed(rows)
        use_case = self._use_case
        at = as_time(rows, use_case.at, "predict.at").alias(AT) if use_case.at else pl.lit(None, TIME).alias(AT)
        rows = rows.with_columns(at)
        if use_case.predict is not None:
            own = cutoffs(use_case, rows[AT])
            rows = rows.with_columns(pl.min_horizontal(own, pl.lit(self._at_most).cast(TIME)).alias(CUTOFF))
        else:
            rows = rows.with_columns(pl.lit(None, TIME).alias(CUTOFF))
        for side in self._sides:
            rows = rows.hstack(side.values(rows))
        rows = typed(derive(use_case, self._plan, rows))
        rows = rows.with_columns(hashing.row_hashes(rows, self._plan.features).alias(ROW))
        return rows.select(*self._plan.features, AT, CUTOFF, ROW, *(side.plan.lineage for side in self._sides))

    def _typed(self, rows: pl.DataFrame) -> pl.DataFrame:
        for name in rows.columns:
            if name not in self._base:
                raise PermanentError(f"there is no column `{name}`{did_you_mean(name, self._base)}")
        columns = []
        for name in self._plan.base:
            kind = self._base.get(name, pl.String())
            value = pl.col(name) if name in rows.columns else pl.lit(None)
            if name in rows.columns and isinstance(kind, pl.Datetime) and rows.schema[name] == pl.Datetime:
                value = as_time(rows, name, name)
            columns.append(value.cast(kind).alias(name))
        try:
            return rows.select(columns) if rows.columns else pl.DataFrame(schema=dict.fromkeys(self._plan.base))
        except pl.exceptions.PolarsError:
            wrong = [name for name in rows.columns if not _casts(rows[name], self._base[name])]
            raise PermanentError(
                "; ".join(f"column `{name}` has to be {self._base[name]}, not {rows.schema[name]}" for name in wrong)
            ) from None


def lookup(
    use_case: UseCase, rows: pl.DataFrame, sources: Mapping[str, Sequence[Path]], at_most: datetime
) -> pl.DataFrame:
    """`Lookup(...).fill(rows)` for a single use; a service keeps the `Lookup` instead."""
    return Lookup(use_case, sources, at_most).fill(rows)


class _Side:
    """A joined source: for each joining value, its rows' positions and the cutoffs at which each is current."""

    def __init__(self, plan: JoinPlan, state: pl.DataFrame) -> None:
        self.plan = plan
        names = {**plan.columns, HASH: plan.lineage}
        self._limit = None if plan.join.tolerance is None else microseconds(plan.join.tolerance)
        if not state.columns:
            self._values = pl.DataFrame(schema={new: pl.String() for new in names.values()})
            self._by: dict[str, _Moments] = {}
            return
        if plan.join.static:
            zero = pl.lit(0, pl.Int64)
            current = newest_on(state, plan).with_columns(*(zero.alias(n) for n in (SINCE, UNTIL, RANK, AS_OF)))
        else:
            current = intervals(timed(state, plan.join))
        self._values = current.select(pl.col(old).alias(new) for old, new in names.items())
        numbers = current.select(ON, SINCE, UNTIL, RANK, AS_OF).with_row_index("n")
        self._by = {
            str(on): (part["n"].to_numpy(), part[SINCE].to_numpy(), part[UNTIL].to_numpy(), part[AS_OF].to_numpy())
            for (on,), part in numbers.sort(ON, RANK).partition_by(ON, as_dict=True, maintain_order=True).items()
        }

    def values(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The join's columns for each row, in order; nulls where nothing matches."""
        ons = on_texts(rows, self.plan.join.on).to_list()
        cuts = rows.select(micros(CUTOFF)).to_series().to_list()
        found = pl.Series([self._position(on, cut) for on, cut in zip(ons, cuts, strict=True)], dtype=pl.Int64)
        return self._values.select(pl.all().gather(found))

    def _position(self, on: str | None, cutoff: int | None) -> int | None:
        moments = None if on is None else self._by.get(on)
        if moments is None:
            return None
        positions, since, until, as_of = moments
        if self.plan.join.static:
            return int(positions[-1])
        if cutoff is None:
            return None
        current = np.flatnonzero((since <= cutoff) & (cutoff < until))
        if not current.size or (self._limit is not None and as_of[current[-1]] < cutoff - self._limit):
            return None
        return int(positions[current[-1]])


def _schema(use_case: UseCase, parts: Sequence[Path]) -> dict[str, pl.DataType]:
    """The base's own columns and types over all its parts."""
    spec = use_case.sources[use_case.base]
    empty = [without_dropped(spec, pl.DataFrame(schema=schema_of(path))) for path in parts]
    schema = pl.concat(empty, how="diagonal_relaxed").schema if empty else pl.Schema()
    return {name: pl.String() if kind == pl.Null else kind for name, kind in schema.items() if own_columns([name])}


def _casts(values: pl.Series, kind: pl.DataType) -> bool:
    try:
        values.cast(kind)
    except pl.exceptions.PolarsError:
        return False
    return True
