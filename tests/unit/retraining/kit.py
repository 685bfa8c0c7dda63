"""A use case with short rules, and facts in which nothing forbids a retraining and nothing asks for it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from evergreen.retraining import Facts
from evergreen.spec import UseCase, load_use_case
from evergreen.spec.base import Gain
from evergreen.spec.operation import Retraining, Trigger

AS_OF = datetime(2013, 5, 1, 2, tzinfo=UTC)
RULES = Retraining(
    trigger=Trigger(violations=2, windows=3),
    growth=0.3,
    at_least_every=timedelta(days=28),
    cooldown=timedelta(days=3),
    min_new_rows=2000,
    budget=(timedelta(minutes=30), timedelta(days=7)),
)
CALM = Facts(
    dataset_version=12,
    release=2,
    labelled=33_000,
    labelled_at_training=30_000,
    trained_at=AS_OF - timedelta(days=10),
    tried_at=AS_OF - timedelta(days=10),
    reference_metric=0.75,
    expected_cost=timedelta(minutes=8),
)
"""3,000 new rows (10 %), ten days old, nothing measured: no limit forbids, nothing asks."""

FLIGHTS = load_use_case(Path(__file__).parents[3] / "include" / "use_cases" / "flights")


def use_case(**rules: Any) -> UseCase:
    promotion = FLIGHTS.promotion.model_copy(update={"min_rows": 200, "min_gain": Gain(absolute=0.002)})
    return FLIGHTS.model_copy(update={"retraining": RULES.model_copy(update=rules), "promotion": promotion})


def facts(**changed: Any) -> Facts:
    return CALM.model_copy(update=changed)
