"""What `promotion:` says about the rest of the file: columns that a model has, tests that fit the task."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from evergreen.spec.hints import did_you_mean
from evergreen.spec.use_case import UseCase

Wrong = tuple[tuple[Any, ...], str]


def check_promotion(use_case: UseCase) -> Iterator[Wrong]:
    """Every wrong reference in `promotion`, as (key path, sentence)."""
    if use_case.task.refusals.calibration and use_case.promotion.max_calibration_error is not None:
        yield ("promotion", "max_calibration_error"), use_case.task.refusals.calibration
    for place, name in use_case.promotion.behaviour.columns():
        said = _column(use_case, name)
        if said:
            yield ("promotion", "behaviour", *place), said
    yield from _classes(use_case)


def _column(use_case: UseCase, name: str) -> str | None:
    features = use_case.features
    if name == use_case.target.column:
        return f"`{name}` is the target, which no model is given"
    if name in use_case.key and (features is None or name not in features.columns()):
        return f"`{name}` is in the key, which no model is given"
    if features is not None and features.columns() and name not in features.columns():
        return f"no feature is made from `{name}`{did_you_mean(name, features.columns())}"
    return None


def _classes(use_case: UseCase) -> Iterator[Wrong]:
    behaviour, refusals = use_case.promotion.behaviour, use_case.task.refusals
    tests = [
        *((("invariance", index), test, False) for index, test in enumerate(behaviour.invariance)),
        *((("direction", index), test, True) for index, test in enumerate(behaviour.direction)),
        *(
            (("examples", index), test, test.at_least is not None or test.at_most is not None)
            for index, test in enumerate(behaviour.examples)
        ),
    ]
    for place, test, needed in tests:
        at = ("promotion", "behaviour", *place)
        if needed and not refusals.of and test.of is None:
            yield at, "say `of: <class>`, whose probability is meant"
        if refusals.of and test.of is not None:
            yield (*at, "of"), refusals.of
    for index, example in enumerate(behaviour.examples):
        if refusals.expect and example.expect is not None:
            where = ("promotion", "behaviour", "examples", index, "expect")
            yield where, refusals.expect
