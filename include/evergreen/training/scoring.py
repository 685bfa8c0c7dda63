"""Codes beside predicted shares, as metrics take them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from evergreen.features.saying import costs_of, said_of
from evergreen.features.target import Label
from evergreen.metrics.scored import Scored
from evergreen.spec import UseCase
from evergreen.training.threshold import expected_threshold


def scored_codes(use_case: UseCase, codes: Any, shares: Any, classes: Sequence[Label]) -> Scored:
    """`codes`: n codes of `classes`, or numbers; `shares`: as `metrics.scored.Scored` has them."""
    task = use_case.task
    if task == "regression":
        return Scored(task, codes, shares, shares)
    if task == "binary":
        return Scored(task, codes, shares, (shares >= expected_threshold(use_case)).astype(np.int64))
    return Scored(task, codes, shares, said_of(shares, costs_of(use_case, classes)), tuple(map(str, classes)))
