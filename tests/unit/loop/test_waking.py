"""What is not to go on wakes nothing, and says why."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Literal

import pytest

from evergreen.artifacts import GateDecision, ModelVersion, Reason, RetrainDecision
from evergreen.loop import monitor, train
from evergreen.loop.errors import NothingToDo

RUN: Any = None


def decision(*, retrain: bool) -> RetrainDecision:
    reasons = (Reason(check="decision", passed=retrain, text="nothing asks for it"),)
    now = datetime(2024, 1, 1, tzinfo=UTC)
    return RetrainDecision(
        use_case="toy", retrain=retrain, dataset_version=1, data_time=now, release=None, reasons=reasons
    )


def test_a_no_to_retraining_wakes_nothing_and_a_yes_does() -> None:
    monitor.wake(RUN, decision(retrain=True))
    with pytest.raises(NothingToDo, match=r"^Retrain: no\. Nothing asks for it\.$"):
        monitor.wake(RUN, decision(retrain=False))


@pytest.mark.parametrize(
    ("verdict", "said"),
    [
        ("not_enough_evidence", "not enough evidence against the baseline. Only"),
        ("fail", "failed against the baseline. One"),
    ],
)
def test_promise_6_a_challenger_that_has_not_passed_wakes_nothing(
    verdict: Literal["not_enough_evidence", "fail"], said: str
) -> None:
    reasons = (
        Reason(check="latency", passed=True, text="fast enough"),
        Reason(check="rows", passed=None, text="only 12 rows in the window"),
        Reason(check="size", passed=verdict != "fail", text="one megabyte"),
    )
    judged = GateDecision(
        use_case="toy", verdict=verdict, model_version=1, against="baseline", dataset_version=1, window=None,
        window_uses=0, reasons=reasons,
    )  # fmt: skip
    model: ModelVersion = ModelVersion.model_construct(use_case="toy", version=1)
    with pytest.raises(NothingToDo, match=f"^Gate: {said}"):
        train.wake(RUN, model, judged)
