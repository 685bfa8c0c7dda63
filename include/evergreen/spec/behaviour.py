"""`promotion.behaviour:` what the owner knows a good model does, whatever its metric says.

After Ribeiro et al.: Beyond Accuracy: Behavioral Testing of NLP Models with CheckList, ACL 2020.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, model_validator

from evergreen.spec.base import Columns, Section, Share


class _Expectation(Section):
    of: str | int | bool | None = None
    """Multiclass: the class whose probability is meant."""
    why: str = ""
    """The owner's words, shown with the result."""


class Invariance(_Expectation):
    """Values of these columns, shuffled together among the rows, must not move a prediction by more than `at_most`.

    Of classes it is the probability that moves (multiclass without `of`: that of any class). `tolerate` is the share of
    rows that may break it.
    """

    columns: Columns
    """The columns to shuffle together."""
    at_most: float = Field(default=0.0, ge=0)
    """How far a prediction may move."""
    tolerate: Share = Field(default=0.0, lt=1)
    """The share of rows that may break it."""


class Direction(_Expectation):
    """What raising a number (or a time, in seconds) `by` so much does to the prediction.

    `rises` and `falls`: on average over the rows; `never_rises` and `never_falls`: in all rows but the share
    `tolerate`.
    """

    column: str
    """The column to raise."""
    by: float = Field(gt=0)
    """How much it is raised; of a time in seconds."""
    prediction: Literal["rises", "falls", "never_rises", "never_falls"]
    """What the prediction then does. `rises` and `falls`: on average. `never_rises` and `never_falls`: in each row."""
    tolerate: Share = Field(default=0.0, lt=1)
    """The share of rows that may break `never_rises` or `never_falls`."""


class Example(_Expectation):
    """A row that must get an answer: the class (`expect`), or a probability or number between bounds.

    Columns that are left out are missing values.
    """

    row: dict[str, Any] = Field(min_length=1)
    """A row by its columns. Those left out are missing values."""
    expect: str | int | bool | None = None
    """The class it must get. Give this or a bound."""
    at_least: float | None = None
    """The lowest probability or number it may get."""
    at_most: float | None = None
    """The highest probability or number it may get."""

    @model_validator(mode="after")
    def _asks(self) -> Example:
        if self.expect is None and self.at_least is None and self.at_most is None:
            raise ValueError("say what the row must get: `expect`, `at_least` or `at_most`")
        return self


class Behaviour(Section):
    """Tests of what the model does; each is a reason of the gate."""

    invariance: tuple[Invariance, ...] = ()
    direction: tuple[Direction, ...] = ()
    examples: tuple[Example, ...] = ()

    def columns(self) -> list[tuple[tuple[Any, ...], str]]:
        """Every column that a test names, with its place below `behaviour`."""
        found: list[tuple[tuple[Any, ...], str]] = []
        for index, test in enumerate(self.invariance):
            found += [(("invariance", index, "columns", place), name) for place, name in enumerate(test.columns)]
        found += [(("direction", index, "column"), test.column) for index, test in enumerate(self.direction)]
        for index, example in enumerate(self.examples):
            found += [(("examples", index, "row", name), name) for name in example.row]
        return found
