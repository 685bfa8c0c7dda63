"""Codes beside predicted shares, as metrics take them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evergreen.spec import UseCase
from evergreen.tasks.labels import Label
from evergreen.tasks.scored import Scored


def scored_codes(use_case: UseCase, codes: Any, shares: Any, classes: Sequence[Label]) -> Scored:
    """`codes`: n codes of `classes`, or numbers; `shares`: as `metrics.scored.Scored` has them."""
    task, costs = use_case.task, use_case.training.costs
    return task.laid(codes, shares, task.texts(classes), task.threshold(costs), task.matrix(costs, classes))
