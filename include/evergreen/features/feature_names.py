"""What each feature of a fitted `ByColumn` is called, and how its values are said in the column's own unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

from evergreen.features.by_column import ByColumn
from evergreen.features.calendar import CalendarParts
from evergreen.features.categories import CategoryCodes, CategoryColumns, CategoryMeans
from evergreen.features.gaps import TimeGaps
from evergreen.features.long_text import LongText


@dataclass(frozen=True, slots=True)
class Feature:
    """`value · spread + center` is what a feature's value means. `flag`: it is 1 where the name holds, otherwise 0."""

    name: str
    flag: bool = False
    center: float = 0.0
    spread: float = 1.0

    def condition(self, threshold: float, *, below: bool) -> str:
        """`price ≤ 12.5`, `shop is web`, `not shop is web`."""
        if self.flag:
            return f"not {self.name}" if below else self.name
        return f"{self.name} {'≤' if below else '>'} {threshold * self.spread + self.center:.6g}"


def features_of(step: ByColumn, means: Sequence[str]) -> list[Feature]:
    """In the order of the columns that `step` makes. `means`: what means by category are of, one or a class each."""
    return [one for _, fitted, columns in step.fitted_ for one in _made(fitted, [Feature(c) for c in columns], means)]


def _made(fitted: Any, given: Sequence[Feature], means: Sequence[str]) -> list[Feature]:
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import StandardScaler

    names = [one.name for one in given]
    if isinstance(fitted, Pipeline):
        for step in fitted:
            given = _made(step, given, means)
        return list(given)
    if isinstance(fitted, StandardScaler):
        scaled = zip(given, fitted.mean_, fitted.scale_, strict=True)
        return [replace(one, center=float(mean), spread=float(scale)) for one, mean, scale in scaled]
    if isinstance(fitted, CategoryColumns):
        return _flags(fitted, names)
    if isinstance(fitted, CategoryMeans):
        return [Feature(name) for name in _by_category(fitted, names, means)]
    if isinstance(fitted, CategoryCodes):
        return [Feature(f"code of {name}") for name in names]
    if isinstance(fitted, CalendarParts):
        return [Feature(f"{part} of {name}") for name in names for part in fitted.parts]
    if isinstance(fitted, TimeGaps):
        return [Feature(f"days from {one} to {other}") for one, other in combinations(names, 2)]
    if isinstance(fitted, LongText):
        return [
            Feature(said) for name, learned in zip(names, fitted.columns_, strict=True) for said in _text(name, learned)
        ]
    return list(given)  # what fills gaps, or nothing at all


def _flags(fitted: CategoryColumns, names: Sequence[str]) -> list[Feature]:
    made = []
    for name, codes, table in zip(names, fitted.coder_.codes_, fitted.tables_, strict=True):
        texts = list(codes)
        together = len(texts) > table.shape[1]
        shown = texts[: table.shape[1] - 1] if together else texts
        made += [f"{name} is {text}" for text in shown] + ([f"{name} is another"] if together else [])
    return [Feature(said, flag=True) for said in made]


def _by_category(fitted: CategoryMeans, names: Sequence[str], means: Sequence[str]) -> list[str]:
    made: list[str] = []
    if fitted.tables_ is not None:
        made += [f"{mean} by {name}" for name in names for mean in means]
    if fitted.codes or fitted.tables_ is None:
        made += [f"code of {name}" for name in names]
    return [*made, *(f"log of rows with the same {name}" for name in names)] if fitted.counts else made


def _text(name: str, learned: tuple[Any, Any, Any]) -> list[str]:
    words, telling, reduce = learned
    made = [f"words in {name}", f"letters in {name}"]
    if words is None:
        return made
    known = words.get_feature_names_out()
    made += [f"weight of '{known[place]}' in {name}" for place in telling]
    return [*made, *(f"direction {number} of {name}" for number in range(1, reduce.n_components + 1))]
