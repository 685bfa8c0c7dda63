"""One of many: a probability a class."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from evergreen.tasks.base import Matrix, Refusals
from evergreen.tasks.classes import WithClasses, cheapest
from evergreen.tasks.errors import UnusableTarget

if TYPE_CHECKING:
    import polars as pl

    from evergreen.spec.costs import Costs
    from evergreen.tasks.labels import Label
    from evergreen.tasks.scored import Array, Scored

_PREFIX = "probability_"
_MOST_CLASSES = 1000
_FEW, _MOST_TEXTS = 10, 200
"""Of a file's target: so many whole numbers in a row are taken as classes, and so many texts without a word."""


class Multiclass(WithClasses):
    """A prediction is a label, and how likely each is: `{"prediction": "b", "probabilities": {"a": 0.2, "b": 0.8}}`."""

    name = "multiclass"
    metrics = (
        "log_loss", "brier", "calibration_error", "accuracy", "precision", "precision_micro", "precision_weighted",
        "recall", "recall_micro", "recall_weighted", "f1", "f1_micro", "f1_weighted", "roc_auc", "roc_auc_micro",
        "roc_auc_weighted", "pr_auc", "cost",
    )  # fmt: skip
    refusals = Refusals(of="")

    def ordered(self, found: list[Label], where: str, positive: object, rows: int) -> tuple[Label, ...]:
        """As they are."""
        if len(found) > _MOST_CLASSES:
            raise UnusableTarget(f"{where} has {len(found)} classes, more than {_MOST_CLASSES}; is it a regression?")
        return tuple(found)

    def label_type(self, positive: object) -> pl.DataType:
        """Text."""
        import polars as pl

        return pl.String()

    def means(self, target: str, classes: Sequence[Label]) -> list[str]:
        """Each class's share."""
        return [f"share of {target} {label}" for label in classes]

    def inferred(self, known: pl.Series, name: str) -> str:
        """Text that repeats, and a few whole numbers in a row from 0 or 1 that do."""
        import polars as pl

        different = known.n_unique()
        if isinstance(known.dtype, pl.String | pl.Boolean):
            many = different > _MOST_TEXTS and different * 5 > known.len()
            return "" if many else f"`{name}` is text with {different} values"
        if not known.dtype.is_numeric() or not (known.dtype.is_integer() or bool((known == known.round()).all())):
            return ""
        low, high = float(known.min()), float(known.max())  # type: ignore[arg-type]
        in_a_row = low in {0.0, 1.0} and high - low + 1 == different
        if different > _FEW or not in_a_row or known.len() < 10 * different:
            return ""
        return f"`{name}` is {different} whole numbers in a row; if they are amounts, say --task regression"

    def refused(self, known: pl.Series, name: str) -> str:
        """Each value once."""
        if known.n_unique() < known.len() or known.is_empty():
            return ""
        return (
            f"each of the {known.n_unique()} values of the target `{name}` is there once; classes have to repeat. Give "
            f"another --target{', or say --task regression' if known.dtype.is_numeric() else ''}."
        )

    def texts(self, classes: Sequence[Label]) -> tuple[str, ...]:
        """All of them."""
        return tuple(map(str, classes))

    def ask(self, model: Any, rows: Any) -> Array:
        """N × k probabilities."""
        import numpy as np

        return np.asarray(model.predict_proba(rows), dtype=np.float64)

    def spread(self, said: Array, codes: Sequence[int], classes: int) -> Array:
        """Probability 0 for the others."""
        import numpy as np

        shares = np.zeros((len(said), classes))
        shares[:, codes] = said
        return shares

    def predictions(
        self,
        said: Array,
        classes: tuple[Label, ...],
        threshold: float,
        matrix: Matrix | None,
    ) -> pl.DataFrame:
        """`prediction`, and one `probability_<class>` a class."""
        import polars as pl

        from evergreen.tasks.labels import decoded

        names = self.probability_columns(classes)
        columns = [pl.Series(name, said[:, code]) for code, name in enumerate(names)]
        return pl.DataFrame([decoded(cheapest(said, matrix), classes), *columns])

    def probability_columns(self, classes: Sequence[Label]) -> list[str]:
        """One a class."""
        return [f"{_PREFIX}{label}" for label in classes]

    def number_columns(self, classes: Sequence[Label], of: object) -> list[str]:
        """The probabilities of all classes, or that of one."""
        return self.probability_columns(classes if of is None else (str(of),))

    def is_probability(self, column: str) -> bool:
        """`probability_<class>`."""
        return column.startswith(_PREFIX)

    def said(self, columns: Sequence[str]) -> bool:
        """A probability a class."""
        return any(map(self.is_probability, columns))

    def stored(self, predicted: pl.DataFrame) -> pl.DataFrame:
        """The label as text, and the probabilities as a JSON object."""
        import polars as pl

        spoken = [json.dumps(row["probabilities"]) for row in self.spoken(predicted)]
        by_class = pl.Series("probabilities", spoken, dtype=pl.String)
        return predicted.select(
            pl.col("prediction").cast(pl.String), pl.lit(None, pl.Float64).alias("probability"), by_class
        )

    def spoken(self, predicted: pl.DataFrame) -> list[dict[str, Any]]:
        """The label, and the probabilities by class."""
        labels = self._labels(predicted)
        return [
            {"prediction": row["prediction"], "probabilities": {label: row[name] for name, label in labels}}
            for row in predicted.iter_rows(named=True)
        ]

    def _labels(self, predicted: pl.DataFrame) -> list[tuple[str, str]]:
        """Each column of probabilities, and the class it speaks of."""
        return [(name, name.removeprefix(_PREFIX)) for name in predicted.columns if name.startswith(_PREFIX)]

    def from_store(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The label as text, and the probabilities out of the JSON object."""
        import polars as pl

        if "probabilities" not in rows.columns:
            return super().from_store(rows)
        shares = pl.DataFrame([json.loads(text) for text in rows["probabilities"].to_list()])
        labels = rows.select(pl.col("prediction").cast(pl.String))
        return labels.hstack(shares.rename(lambda name: f"{_PREFIX}{name}"))

    def matrix(self, costs: Costs | None, classes: Sequence[Label]) -> Matrix | None:
        """What the owner says a class costs that is taken for another."""
        return None if costs is None else costs.matrix(self.texts(classes))

    def costs_refused(self, cells: set[str]) -> tuple[str | None, str] | None:
        """By class, and not the four cells."""
        known = ("false_positive", "false_negative", "true_positive", "true_negative")
        cell = next((name for name in known if name in cells), None)
        said = "a multiclass task has `wrong: {<class that was>: {<class said>: cost}}`"
        return None if cell is None else (cell, said)

    def beside(self, target: pl.Series, predictions: pl.DataFrame, positive: object) -> Scored:
        """Codes of the classes that the model knows or the rows have, in the order of their texts."""
        import numpy as np
        import polars as pl

        from evergreen.tasks.labels import label_texts
        from evergreen.tasks.scored import Scored

        target = label_texts(target)
        seen = [name.removeprefix(_PREFIX) for name in predictions.columns if self.is_probability(name)]
        labels = sorted({*seen, *target.unique().to_list()})
        codes = {label: code for code, label in enumerate(labels)}
        shares = np.zeros((target.len(), len(labels)))
        for label in seen:
            shares[:, codes[label]] = predictions[_PREFIX + label].to_numpy()
        truth = target.replace_strict(codes, return_dtype=pl.Int64).to_numpy()
        decided = label_texts(predictions["prediction"]).replace_strict(codes, return_dtype=pl.Int64).to_numpy()
        return Scored(self, truth, shares, decided, tuple(labels))

    def laid(
        self,
        truth: Array,
        said: Array,
        labels: tuple[str, ...],
        threshold: float,
        matrix: Matrix | None,
    ) -> Scored:
        """The cheapest, or the likeliest, is decided."""
        from evergreen.tasks.scored import Scored

        return Scored(self, truth, said, cheapest(said, matrix), labels)

    def prior(self, truth: Array, classes: int, quantile: float | None) -> Any:
        """Each class's share."""
        return self.shares(truth, classes)

    def everywhere(self, prior: Any, rows: int) -> Array:
        """N × k."""
        import numpy as np

        return np.tile(np.asarray(prior), (rows, 1))

    def pictures(self, rows: Scored) -> tuple[str, ...]:
        """How sure it is, and who is taken for whom."""
        return ("calibration", "confusion")
