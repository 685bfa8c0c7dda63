"""The gate window as both models see it: the same rows, what happened, what each said, which rows err together."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from evergreen.artifacts import Snapshot
from evergreen.errors import PermanentError
from evergreen.features.predictor import Predictor
from evergreen.metrics.blocks import block_codes
from evergreen.metrics.registry import Metric, metric_of
from evergreen.parquet import read_checked
from evergreen.spec import UseCase
from evergreen.table import AT
from evergreen.tasks.scored import Array, Scored


@dataclass(frozen=True, eq=False)
class Window:
    """`blocks`: a code 0…number−1 a row; rows of one block are resampled together."""

    use_case: UseCase
    rows: pl.DataFrame
    challenger: Scored
    champion: Scored
    blocks: Array
    number: int
    block_name: str

    @property
    def metric(self) -> Metric:
        """The metric that decides."""
        return metric_of(self.use_case)

    def part(self, chosen: Array) -> Window:
        """The same for some of the rows; blocks are counted anew."""
        packed, number = block_codes(pl.Series(self.blocks[chosen]))
        return Window(
            self.use_case,
            self.rows[chosen],
            self.challenger.rows(chosen),
            self.champion.rows(chosen),
            packed,
            number,
            self.block_name,
        )


def window_rows(snapshot: Snapshot) -> pl.DataFrame:
    """The gate window's rows. Raises FileChanged where the file is not the snapshot's."""
    return read_checked(snapshot.window, snapshot.window_sha256)


def see(use_case: UseCase, rows: pl.DataFrame, challenger: Predictor, champion: Predictor) -> Window:
    """Let both models score the same rows. Raises WrongColumns where a model's columns are not in them."""
    target = rows[use_case.target.column]
    name, values = blocks_of(use_case, rows)
    blocks, number = block_codes(values)
    return Window(
        use_case,
        rows,
        use_case.task.scored(target, challenger.predict(rows), challenger.positive),
        use_case.task.scored(target, champion.predict(rows), challenger.positive),
        blocks,
        number,
        name,
    )


def blocks_of(use_case: UseCase, rows: pl.DataFrame) -> tuple[str, pl.Series]:
    """What rows err together by, and each row's block. Raises PermanentError where the table has no such column."""
    said, group = use_case.promotion.block, use_case.training.split.group
    if said == "auto":
        grouped = group if group is not None and group in rows.columns else "row"
        said = "day" if use_case.at is not None else grouped
    if said == "row":
        return "row", pl.Series("block", range(rows.height), dtype=pl.Int64)
    if said == "day":
        return "day", rows[AT].dt.date()
    if said == "week":
        return "week", rows[AT].dt.truncate("1w").dt.date()
    if said not in rows.columns:
        raise PermanentError(
            f"`promotion.block` of `{use_case.name}` is `{said}`, which the table does not have; it takes day, week, "
            "row or a column of the table"
        )
    return said, rows[said]
