"""`training.costs:` what each kind of answer costs the owner."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from evergreen.spec.base import Section


def _text_keys(value: Any) -> Any:
    """YAML reads the class `1` as a number; classes are compared by their text."""
    return {str(name): of for name, of in value.items()} if isinstance(value, dict) else value


_ByClass = Annotated[dict[str, float], BeforeValidator(_text_keys)]


class Costs(Section):
    """The cost of one row, in the owner's unit, by what was and what was said; a negative cost is a benefit.

    Binary: the four cells. Multiclass: `wrong: {<class that was>: {<class that was said>: cost}}`; a wrong answer that
    is not named costs 1, a right one nothing.
    """

    false_positive: float = 1.0
    """Binary: said yes, was no."""
    false_negative: float = 1.0
    """Binary: said no, was yes."""
    true_positive: float = 0.0
    """Binary: said yes, was yes."""
    true_negative: float = 0.0
    """Binary: said no, was no."""
    wrong: Annotated[dict[str, _ByClass], BeforeValidator(_text_keys)] = Field(default_factory=dict)
    """Multiclass: `{<class that was>: {<class that was said>: cost}}`. A wrong answer that is not named costs 1."""

    @property
    def threshold(self) -> float:
        """Binary: the probability at which saying yes and saying no cost the same, if probabilities are true (C. Elkan:
        The foundations of cost-sensitive learning, IJCAI 2001); a half where one answer is always the cheaper one.
        """
        wrong_yes = self.false_positive - self.true_negative
        wrong_no = self.false_negative - self.true_positive
        return wrong_yes / (wrong_yes + wrong_no) if wrong_yes > 0 and wrong_no > 0 else 0.5

    def unknown(self, labels: Sequence[str]) -> list[str]:
        """Classes that are named here, but are none of `labels`."""
        named = {*self.wrong, *(said for costs in self.wrong.values() for said in costs)}
        return sorted(named - set(labels))

    def matrix(self, labels: Sequence[str] = ()) -> tuple[tuple[float, ...], ...]:
        """`matrix[was][said]`, both as codes. Binary (no labels): 0 negative, 1 positive."""
        if not labels:
            return (self.true_negative, self.false_positive), (self.false_negative, self.true_positive)
        return tuple(
            tuple(self.wrong.get(was, {}).get(said, 0.0 if was == said else 1.0) for said in labels) for was in labels
        )

    def stakes(self, labels: Sequence[str] = ()) -> tuple[float, ...]:
        """How much dearer a wrong answer is than the right one, on average, for rows of each class, in order."""
        matrix = self.matrix(labels)
        others = max(1, len(matrix) - 1)
        return tuple((sum(row) - row[was]) / others - row[was] for was, row in enumerate(matrix))
