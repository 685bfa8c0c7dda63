"""What every task has to say of itself: its labels, its predictions, how they are decided and judged."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

if TYPE_CHECKING:
    import polars as pl

    from evergreen.spec.costs import Costs
    from evergreen.tasks.labels import Label
    from evergreen.tasks.scored import Array, Scored

Matrix = tuple[tuple[float, ...], ...]
"""What a row costs: `matrix[was][said]`, both as codes."""
PLAIN = 0.5
"""The probability from which on the positive class is said where no costs say otherwise."""


@dataclass(frozen=True, slots=True)
class Refusals:
    """Keys of `use_case.yaml` that make no sense for a task, each with the sentence that says why; empty: it does."""

    calibration: str = ""
    imbalance: str = ""
    positive: str = "only a binary task has a positive class"
    of: str = "only a multiclass task has several probabilities"
    expect: str = ""


class Task(str, ABC):  # noqa: SLOT000 - a task holds nothing
    """A kind of answer. It is its own name, so that it can be written down as one.

    An instance holds nothing: `pickle` and `copy` give an equal one.
    """

    name: ClassVar[str]
    metrics: ClassVar[tuple[str, ...]]
    """The library's metrics that judge it; the first is the default."""
    has_classes: ClassVar[bool]
    """Whether an answer is one of several labels, with a probability each; those are calibrated."""
    has_positive: ClassVar[bool] = False
    """Whether one class is what the probability speaks of."""
    headline: ClassVar[str] = "prediction"
    """The column of a prediction that is drawn against what happened."""
    refusals: ClassVar[Refusals]

    def __new__(cls) -> Self:
        """The task; it takes no arguments."""
        return super().__new__(cls, cls.name)

    def __reduce__(self) -> tuple[type[Task], tuple[()]]:
        return type(self), ()

    def __str__(self) -> str:
        return self.name

    # --- labels ---------------------------------------------------------------------------------------------------
    @abstractmethod
    def classes(self, target: pl.Series, where: str, positive: object) -> tuple[Label, ...]:
        """The classes in the order of their codes; none where the target is a number.

        `where` names the target in messages. Raises UnusableTarget where nothing can be learned from it.
        """

    @abstractmethod
    def label_type(self, positive: object) -> pl.DataType:
        """The target's type while no row has told it."""

    def positive_of(self, classes: Sequence[Label]) -> Label | None:
        """The class that the probability speaks of."""
        return None

    def texts(self, classes: Sequence[Label]) -> tuple[str, ...]:
        """The classes' texts, where costs and averages over classes need them."""
        return ()

    @abstractmethod
    def means(self, target: str, classes: Sequence[Label]) -> list[str]:
        """What is averaged where a category becomes numbers, in words: the target, or classes' shares."""

    @abstractmethod
    def inferred(self, known: pl.Series, name: str) -> str:
        """Why a file's target column looks like this task's; empty: it doesn't. The tasks are asked in their order."""

    def refused(self, known: pl.Series, name: str) -> str:
        """Why nothing can be learned from a file's target column; empty: something can."""
        return ""

    # --- predictions ----------------------------------------------------------------------------------------------
    @abstractmethod
    def ask(self, model: Any, rows: Any) -> Array:
        """What a fitted estimator says of n rows: n numbers, n probabilities of the positive class, or n × k."""

    def spread(self, said: Array, codes: Sequence[int], classes: int) -> Array:
        """What a model said that knows the classes `codes` alone, as one says it that knows all of them."""
        return said

    @abstractmethod
    def predictions(
        self, said: Array, classes: tuple[Label, ...], threshold: float, matrix: Matrix | None
    ) -> pl.DataFrame:
        """The frame of predictions, a row each: `prediction` and the task's own columns, of what `ask` gave."""

    @abstractmethod
    def no_predictions(self, classes: tuple[Label, ...]) -> pl.DataFrame:
        """The same of no rows."""

    @abstractmethod
    def number_columns(self, classes: Sequence[Label], of: object) -> list[str]:
        """The columns of a prediction that are numbers: all, or those that speak of class `of`."""

    @abstractmethod
    def said(self, columns: Sequence[str]) -> bool:
        """Whether predictions with these columns are this task's."""

    @abstractmethod
    def stored(self, predicted: pl.DataFrame) -> pl.DataFrame:
        """Predictions as the store's `prediction` (text), `probability` and `probabilities` (JSON)."""

    @abstractmethod
    def from_store(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Predictions out of the store's columns, as `scored` takes them."""

    def spoken(self, predicted: pl.DataFrame) -> list[dict[str, Any]]:
        """Predictions as the service's answer has them, an object a row."""
        return predicted.to_dicts()

    # --- deciding -------------------------------------------------------------------------------------------------
    def threshold(self, costs: Costs | None) -> float:
        """From which probability on the positive class is said, if the probabilities are true."""
        return PLAIN

    def matrix(self, costs: Costs | None, classes: Sequence[Label]) -> Matrix | None:
        """The costs by which the cheapest of many classes is said; None: the likeliest is."""
        return None

    def costs_refused(self, cells: set[str]) -> tuple[str | None, str] | None:
        """Which cell of `training.costs` does not fit (None: all of it), and why."""

    # --- judging --------------------------------------------------------------------------------------------------
    @abstractmethod
    def scored(self, target: pl.Series, predictions: pl.DataFrame, positive: object = None) -> Scored:
        """A target beside predictions, row by row; rows without a target are left out.

        `positive`: the class that the probability speaks of (default: True, 1, or the last in order). A class that the
        model has never seen gets probability 0.
        """

    @abstractmethod
    def laid(
        self, truth: Array, said: Array, labels: tuple[str, ...], threshold: float, matrix: Matrix | None
    ) -> Scored:
        """What happened, as codes or numbers, beside what `ask` gave."""

    @abstractmethod
    def known(self, target: pl.Series) -> pl.Series:
        """A table's target in the words of the store, which keeps predictions as text."""

    @abstractmethod
    def prior(self, truth: Array, classes: int, quantile: float | None) -> Any:
        """What one says without looking: the classes' shares, the mean, or the quantile."""

    def everywhere(self, prior: Any, rows: int) -> Array:
        """A prior as an answer for each of n rows."""
        import numpy as np

        return np.full(rows, float(prior))

    # --- folds and pictures ---------------------------------------------------------------------------------------
    @abstractmethod
    def strata(self, target: pl.Series) -> Array | None:
        """A number a row: folds have about their share of each; None where there is nothing to keep even."""

    @abstractmethod
    def learnable(self, learn: pl.Series, judge: pl.Series) -> bool:
        """Whether a fold's targets tell anything."""

    @abstractmethod
    def pictures(self, rows: Scored) -> tuple[str, ...]:
        """Names of the pictures in a model card that show such rows (`evaluation.plots`)."""
