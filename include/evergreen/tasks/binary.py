"""Yes or no: the probability of one class, the positive one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from evergreen.tasks.base import Matrix, Refusals
from evergreen.tasks.classes import WithClasses
from evergreen.tasks.errors import UnusableTarget

if TYPE_CHECKING:
    import polars as pl

    from evergreen.spec.costs import Costs
    from evergreen.tasks.labels import Label
    from evergreen.tasks.scored import Array, Scored


class Binary(WithClasses):
    """A prediction is one of two labels, and how likely the positive one is: `{"prediction": true, "probability":
    0.71}`.
    """

    name = "binary"
    metrics = (
        "roc_auc", "pr_auc", "log_loss", "brier", "calibration_error", "accuracy", "precision", "recall", "f1", "cost",
    )  # fmt: skip
    has_positive = True
    headline = "probability"
    refusals = Refusals(positive="")

    def ordered(self, found: list[Label], where: str, positive: object, rows: int) -> tuple[Label, ...]:
        """(negative, positive)."""
        if len(found) > 2:
            raise UnusableTarget(
                f"{where} has {len(found)} classes; a binary task has two. Say `task: multiclass`, or make it two by "
                "`target.expression`."
            )
        if positive is None:
            return found[0], found[1]
        if positive not in found:
            raise UnusableTarget(f"{where} never is its `positive` class in {rows} rows; correct `target.positive`")
        negative = next(label for label in found if label != positive)
        return negative, next(label for label in found if label == positive)

    def label_type(self, positive: object) -> pl.DataType:
        """That of the positive class; booleans where none is named."""
        import polars as pl

        if isinstance(positive, str):
            return pl.String()
        return pl.Boolean() if positive is None or isinstance(positive, bool) else pl.Int64()

    def means(self, target: str, classes: Sequence[Label]) -> list[str]:
        """The positive class's share."""
        return [f"share of {target} {classes[1]}"]

    def inferred(self, known: pl.Series, name: str) -> str:
        """Two values."""
        return f"`{name}` has two values" if known.n_unique() == 2 else ""

    def refused(self, known: pl.Series, name: str) -> str:
        """More than two."""
        if known.n_unique() <= 2:
            return ""
        return (
            f"the target `{name}` has {known.n_unique()} values, and a binary task has two; say --task multiclass"
            f"{' or --task regression' if known.dtype.is_numeric() else ''}"
        )

    def positive_of(self, classes: Sequence[Label]) -> Label | None:
        """The second."""
        return classes[1]

    def ask(self, model: Any, rows: Any) -> Array:
        """N probabilities of the positive class."""
        import numpy as np

        return np.asarray(model.predict_proba(rows), dtype=np.float64)[:, 1]

    def predictions(
        self,
        said: Array,
        classes: tuple[Label, ...],
        threshold: float,
        matrix: Matrix | None,
    ) -> pl.DataFrame:
        """`prediction`, and `probability` of the positive class."""
        import numpy as np
        import polars as pl

        from evergreen.tasks.labels import decoded

        labels = decoded((said >= threshold).astype(np.int64), classes)
        return pl.DataFrame([labels, pl.Series("probability", said)])

    def probability_columns(self, classes: Sequence[Label]) -> list[str]:
        """One."""
        return ["probability"]

    def number_columns(self, classes: Sequence[Label], of: object) -> list[str]:
        """The positive class's probability."""
        return ["probability"]

    def is_probability(self, column: str) -> bool:
        """`probability`."""
        return column == "probability"

    def said(self, columns: Sequence[str]) -> bool:
        """A probability, and one only."""
        return "probability" in columns

    def stored(self, predicted: pl.DataFrame) -> pl.DataFrame:
        """The label as text, and its probability."""
        import polars as pl

        return predicted.select(
            pl.col("prediction").cast(pl.String),
            pl.col("probability").cast(pl.Float64),
            pl.lit(None, pl.String).alias("probabilities"),
        )

    def threshold(self, costs: Costs | None) -> float:
        """Where saying yes and saying no cost the same."""
        return super().threshold(costs) if costs is None else costs.threshold

    def costs_refused(self, cells: set[str]) -> tuple[str | None, str] | None:
        """Four cells, and none by class."""
        return ("wrong", "a binary task has `false_positive` and `false_negative`") if "wrong" in cells else None

    def beside(self, target: pl.Series, predictions: pl.DataFrame, positive: object) -> Scored:
        """1 is the positive class."""
        import polars as pl

        from evergreen.tasks.labels import label_texts
        from evergreen.tasks.scored import Scored

        label = str(positive) if positive is not None else label_texts(target.unique().sort()).to_list()[-1]
        truth = (label_texts(target) == label).cast(pl.Int64).to_numpy()
        decided = (label_texts(predictions["prediction"]) == label).cast(pl.Int64).to_numpy()
        return Scored(self, truth, predictions["probability"].to_numpy(), decided)

    def laid(
        self,
        truth: Array,
        said: Array,
        labels: tuple[str, ...],
        threshold: float,
        matrix: Matrix | None,
    ) -> Scored:
        """Decided at the threshold."""
        import numpy as np

        from evergreen.tasks.scored import Scored

        return Scored(self, truth, said, (said >= threshold).astype(np.int64))

    def prior(self, truth: Array, classes: int, quantile: float | None) -> Any:
        """The positive class's share."""
        return self.shares(truth, 2)[1]

    def learnable(self, learn: pl.Series, judge: pl.Series) -> bool:
        """Both classes on either side: else most metrics are not defined."""
        return super().learnable(learn, judge) and judge.n_unique() >= 2

    def pictures(self, rows: Scored) -> tuple[str, ...]:
        """Curves, where both classes are there."""
        if not 0 < float(rows.truth.mean()) < 1:
            return ()
        return ("roc", "precision_recall", "threshold", "calibration")
