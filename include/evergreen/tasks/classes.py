"""What tasks with classes have in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from evergreen.tasks.base import Matrix, Task
from evergreen.tasks.errors import UnusableTarget

if TYPE_CHECKING:
    import polars as pl

    from evergreen.tasks.labels import Label
    from evergreen.tasks.scored import Array, Scored


class WithClasses(Task):
    """An answer is one of several labels, and a probability says how sure it is."""

    has_classes = True

    def classes(self, target: pl.Series, where: str, positive: object) -> tuple[Label, ...]:
        """The labels there are, in their own order; `ordered` says which there may be."""
        found: list[Label] = target.drop_nulls().unique().sort().to_list()
        if len(found) < 2:
            raise UnusableTarget(
                f"{where} has {len(found)} class in {target.len()} rows; a model needs two. Wait for more labelled "
                "rows, or correct `target.expression`."
            )
        return self.ordered(found, where, positive, target.len())

    def ordered(self, found: list[Label], where: str, positive: object, rows: int) -> tuple[Label, ...]:
        """At least two labels in the order of their codes. Raises UnusableTarget where they do not fit the task."""
        raise NotImplementedError

    def probability_columns(self, classes: Sequence[Label]) -> list[str]:
        """The columns of a prediction that hold probabilities."""
        raise NotImplementedError

    def no_predictions(self, classes: tuple[Label, ...]) -> pl.DataFrame:
        """A label of the classes' type, and its probabilities."""
        import polars as pl

        labels = pl.Series("prediction", list(classes)).clear()
        names = self.probability_columns(classes)
        return pl.DataFrame([labels, *(pl.Series(name, [], dtype=pl.Float64) for name in names)])

    def known(self, target: pl.Series) -> pl.Series:
        """As Polars writes it: `true`, not `True`."""
        import polars as pl

        return target.cast(pl.String)

    def from_store(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The label as text, and what probabilities are there."""
        import polars as pl

        names = [name for name in rows.columns if self.is_probability(name)]
        return rows.select(pl.col("prediction").cast(pl.String), *names)

    def is_probability(self, column: str) -> bool:
        """Whether a column of predictions holds a probability of this task."""
        raise NotImplementedError

    def strata(self, target: pl.Series) -> Array | None:
        """The class."""
        return target.rank("dense").to_numpy()

    def learnable(self, learn: pl.Series, judge: pl.Series) -> bool:
        """Two classes to tell apart."""
        return learn.n_unique() >= 2

    def scored(self, target: pl.Series, predictions: pl.DataFrame, positive: object = None) -> Scored:
        """Codes beside probabilities."""
        known = target.is_not_null()
        return self.beside(target.filter(known), predictions.filter(known), positive)

    def beside(self, target: pl.Series, predictions: pl.DataFrame, positive: object) -> Scored:
        """`scored` of rows that all have a target."""
        raise NotImplementedError

    def shares(self, truth: Array, classes: int) -> Any:
        """Each class's share of the rows."""
        import numpy as np

        return np.bincount(truth, minlength=classes) / max(1, len(truth))


def cheapest(shares: Array, matrix: Matrix | None) -> Array:
    """A code a row of n × k probabilities: that of the class whose expected cost is least, or the likeliest."""
    import numpy as np

    if matrix is None:
        return np.asarray(shares.argmax(axis=1))
    return np.asarray((shares @ np.asarray(matrix)).argmin(axis=1))
