"""An amount: a number a row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from evergreen.tasks.base import Matrix, Refusals, Task
from evergreen.tasks.errors import UnusableTarget

if TYPE_CHECKING:
    import polars as pl

    from evergreen.tasks.labels import Label
    from evergreen.tasks.scored import Array, Scored


class Regression(Task):
    """A prediction is a number: `{"prediction": 412000.0}`."""

    name = "regression"
    metrics = ("rmse", "mse", "mae", "mape", "r2", "pinball")
    has_classes = False
    refusals = Refusals(
        calibration="a regression has no probabilities to be calibrated",
        imbalance="a regression has no classes that could be rare",
        expect="a number is hardly ever exact; use `at_least` and `at_most`",
    )

    def classes(self, target: pl.Series, where: str, positive: object) -> tuple[Label, ...]:
        """None; the target has to be finite numbers."""
        import polars as pl

        if not target.dtype.is_numeric():
            raise UnusableTarget(
                f"{where} is of type {target.dtype}; a regression needs numbers. Cast it under the source's `types` or "
                "in `target.expression`."
            )
        wrong = int((~target.drop_nulls().cast(pl.Float64).is_finite()).sum())
        if wrong:
            raise UnusableTarget(
                f"{where} is infinite or not a number in {wrong} of {target.len()} rows; make those null in "
                "`target.expression`, or add an expectation that quarantines them."
            )
        return ()

    def label_type(self, positive: object) -> pl.DataType:
        """Floats."""
        import polars as pl

        return pl.Float64()

    def means(self, target: str, classes: Sequence[Label]) -> list[str]:
        """The mean."""
        return [f"mean {target}"]

    def inferred(self, known: pl.Series, name: str) -> str:
        """Numbers."""
        return f"`{name}` is numbers with {known.n_unique()} different values" if known.dtype.is_numeric() else ""

    def ask(self, model: Any, rows: Any) -> Array:
        """N numbers."""
        import numpy as np

        return np.asarray(model.predict(rows), dtype=np.float64)

    def predictions(
        self,
        said: Array,
        classes: tuple[Label, ...],
        threshold: float,
        matrix: Matrix | None,
    ) -> pl.DataFrame:
        """`prediction`."""
        import polars as pl

        return pl.DataFrame({"prediction": said})

    def no_predictions(self, classes: tuple[Label, ...]) -> pl.DataFrame:
        """`prediction`, a float."""
        import polars as pl

        return pl.DataFrame(schema={"prediction": pl.Float64})

    def number_columns(self, classes: Sequence[Label], of: object) -> list[str]:
        """The prediction itself."""
        return ["prediction"]

    def said(self, columns: Sequence[str]) -> bool:
        """Nothing but a prediction."""
        return list(columns) == ["prediction"]

    def stored(self, predicted: pl.DataFrame) -> pl.DataFrame:
        """The number as text."""
        import polars as pl

        return predicted.select(
            pl.col("prediction").cast(pl.String),
            pl.lit(None, pl.Float64).alias("probability"),
            pl.lit(None, pl.String).alias("probabilities"),
        )

    def from_store(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The number."""
        return rows.select("prediction")

    def costs_refused(self, cells: set[str]) -> tuple[str | None, str] | None:
        """There are none."""
        return None, "a regression has no right and wrong answers; use `mae` or `pinball`"

    def scored(self, target: pl.Series, predictions: pl.DataFrame, positive: object = None) -> Scored:
        """Numbers beside numbers."""
        import polars as pl

        known = target.is_not_null()
        numbers = predictions.filter(known)["prediction"].cast(pl.Float64).to_numpy()
        return self.laid(target.filter(known).cast(pl.Float64).to_numpy(), numbers)

    def laid(
        self,
        truth: Array,
        said: Array,
        labels: tuple[str, ...] = (),
        threshold: float = 0.0,
        matrix: Matrix | None = None,
    ) -> Scored:
        """What is said is what is decided."""
        from evergreen.tasks.scored import Scored

        return Scored(self, truth, said, said)

    def known(self, target: pl.Series) -> pl.Series:
        """As it is."""
        return target

    def prior(self, truth: Array, classes: int, quantile: float | None) -> Any:
        """The mean, or the quantile."""
        from evergreen.tasks.scored import middle

        return middle(truth, quantile)

    def strata(self, target: pl.Series) -> Array | None:
        """None: amounts are dealt out at random."""
        return None

    def learnable(self, learn: pl.Series, judge: pl.Series) -> bool:
        """Any amounts do."""
        return True

    def pictures(self, rows: Scored) -> tuple[str, ...]:
        """Prediction against residual."""
        return ("residuals",)
