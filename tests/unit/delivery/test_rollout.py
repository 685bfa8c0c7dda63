"""Rollouts: what is decided, and in which order things are done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

import pytest

from evergreen.delivery.rollout import Counts, RolloutResult, read_counts, roll_out
from evergreen.delivery.rollout.counts import BUCKETS
from evergreen.delivery.rollout.judge import judge
from evergreen.errors import TransientError
from evergreen.spec.operation import AbortOn, Rollout

LIMITS = AbortOn.model_validate({"error_rate": 0.01, "p99": "100ms"})
CANARY = Rollout.model_validate(
    {"strategy": "canary", "steps": [5, 25, 100], "bake": "10m", "abort_on": {"error_rate": 0.01, "p99": "100ms"}}
)


def answered(count: int, seconds: float = 0.004, errors: int = 0) -> Counts:
    buckets = [0] * (len(BUCKETS) + 1)
    buckets[next((n for n, limit in enumerate(BUCKETS) if seconds <= limit), len(BUCKETS))] = count - errors
    return Counts(count, errors, tuple(buckets))


def added(one: Counts, other: Counts) -> Counts:
    buckets = tuple(a + b for a, b in zip(one.buckets, other.buckets, strict=True))
    return Counts(one.requests + other.requests, one.errors + other.errors, buckets)


class Service:
    """Counts what a release does per look, by the weight it has."""

    def __init__(self, per_look: Callable[[int], Counts], *, loads: bool = True) -> None:
        self.weights: list[int] = []
        self.slept = 0.0
        self.counts = {1: answered(1000), 2: answered(0)} if loads else {1: answered(1000)}
        self.per_look = per_look

    def set_weights(self, percent: int) -> None:
        self.weights.append(percent)

    def stats(self) -> Mapping[int, Counts]:
        return dict(self.counts)

    def sleep(self, seconds: float) -> None:
        self.slept += seconds
        if 2 in self.counts:
            self.counts[2] = added(self.counts[2], self.per_look(self.weights[-1]))

    def run(self, rollout: Rollout = CANARY, previous: int | None = 1) -> RolloutResult:
        return roll_out(
            rollout,
            release=2,
            previous=previous,
            set_weights=self.set_weights,
            stats=self.stats,
            sleep=self.sleep,
            bake=timedelta(minutes=10),
        )


def test_a_good_release_goes_all_the_way() -> None:
    service = Service(lambda percent: answered(percent * 10))
    result = service.run()
    assert result.outcome == "completed"
    assert service.weights == [5, 25, 100]
    assert service.slept == pytest.approx(1800)
    assert [step.counts.requests for step in result.steps] == [500, 2500, 10000]
    assert all(reason.passed for step in result.steps for reason in step.reasons)
    assert result.reasons[0] == "at 100%: 0 of 10000 requests failed (0.0%; at most 1.0%)"


def test_errors_bring_the_old_release_back_early() -> None:
    service = Service(lambda percent: answered(percent * 10, errors=percent))
    result = service.run()
    assert result.outcome == "aborted"
    assert service.weights == [5, 0]
    assert service.slept == pytest.approx(60)
    assert result.reasons[0] == "at 5%: 5 of 50 requests failed (10.0%; at most 1.0%)"


def test_slowness_under_more_load_aborts_the_later_step() -> None:
    service = Service(lambda percent: answered(percent * 10, seconds=0.3 if percent > 5 else 0.004))
    result = service.run()
    assert [step.percent for step in result.steps] == [5, 25]
    assert result.outcome == "aborted"
    assert [reason.check for reason in result.steps[-1].reasons if reason.passed is False] == ["p99"]
    assert service.weights[-1] == 0


def test_too_few_requests_abort_nothing_and_are_told() -> None:
    result = Service(lambda _percent: answered(1)).run()
    assert result.outcome == "completed"
    assert [reason.passed for reason in result.steps[0].reasons] == [None, None]
    assert "10 requests are too few to tell" in result.reasons[0]


def test_a_few_requests_that_all_fail_are_enough() -> None:
    assert Service(lambda _percent: answered(1, errors=1)).run().outcome == "aborted"


def test_a_release_the_service_does_not_take_up_is_aborted() -> None:
    service = Service(lambda _percent: answered(0), loads=False)
    result = service.run()
    assert result.outcome == "aborted"
    assert "the service has not taken up release 2" in result.reasons[0]
    assert service.weights[-1] == 0


@pytest.mark.parametrize("previous", [None, 2])
def test_without_a_previous_release_all_at_once(previous: int | None) -> None:
    service = Service(lambda _percent: answered(0))
    assert service.run(previous=previous).outcome == "completed"
    assert (service.weights, service.slept) == ([100], 0)


def test_all_at_once_by_choice() -> None:
    service = Service(lambda _percent: answered(0))
    assert service.run(Rollout()).reasons == (
        "all traffic in one step: the strategy is all at once; nothing was judged",
    )
    assert service.weights == [100]


@pytest.mark.parametrize("error", [TransientError("down"), KeyboardInterrupt()])
def test_whatever_breaks_the_rollout_gives_traffic_back(error: BaseException) -> None:
    service = Service(lambda percent: answered(percent))

    def broken(_seconds: float) -> None:
        raise error

    service.sleep = broken  # type: ignore[method-assign]
    with pytest.raises(type(error)):
        service.run()
    assert service.weights[-1] == 0


def test_counts_of_a_service_that_started_anew_are_counted_from_zero() -> None:
    assert answered(30).since(answered(1000)) == answered(30)
    assert answered(1030).since(answered(1000)) == answered(30)


def test_quantiles_come_from_the_histogram() -> None:
    assert Counts().quantile(0.99) is None
    assert answered(100, 0.15).quantile(0.5) == pytest.approx(0.15)
    assert answered(100, 60).quantile(0.99) == BUCKETS[-1]
    mostly = added(answered(990, 0.004), answered(10, 0.3))
    assert judge(mostly, LIMITS)[1].passed is True
    assert judge(added(mostly, answered(10, 0.3)), LIMITS)[1].passed is False


def test_where_no_service_runs_there_is_nothing_to_bake() -> None:
    service = Service(lambda _percent: answered(0))
    service.counts = {}
    assert "nobody is served" in service.run().reasons[0]
    assert (service.weights, service.slept) == ([100], 0)


def test_a_service_that_goes_down_in_a_bake_aborts() -> None:
    service = Service(lambda _percent: answered(0))
    slept = service.sleep

    def dies(seconds: float) -> None:
        slept(seconds)
        service.counts = {}

    service.sleep = dies  # type: ignore[method-assign]
    assert service.run().outcome == "aborted"
    assert service.weights == [5, 0]


class Unheard(Service):
    """A service that does not say how its releases do at some of the times it is asked; the first time is 0."""

    def __init__(self, silent: Callable[[int], bool], error: Exception | None) -> None:
        super().__init__(lambda percent: answered(percent * 10))
        self.asked = -1
        self.silent = silent
        self.error = error

    def stats(self) -> Mapping[int, Counts]:
        self.asked += 1
        if not self.silent(self.asked):
            return super().stats()
        if self.error is not None:
            raise self.error
        return {}


@pytest.mark.parametrize("error", [TransientError("timed out"), None], ids=["failed", "starting anew"])
@pytest.mark.parametrize("silent", [{4}, {10}, {10, 11, 20}, {30}])
def test_a_look_that_fails_between_good_ones_aborts_nothing(silent: set[int], error: Exception | None) -> None:
    service = Unheard(silent.__contains__, error)
    result = service.run()
    assert result.outcome == "completed"
    assert service.weights == [5, 25, 100]
    assert all(reason.passed for step in result.steps for reason in step.reasons)


def test_a_service_that_says_nothing_for_long_gives_the_traffic_back_and_the_run_is_tried_again() -> None:
    service = Unheard(lambda asked: asked > 3, TransientError("timed out"))
    with pytest.raises(TransientError, match="timed out"):
        service.run()
    assert service.weights == [5, 0]


def test_a_service_that_runs_and_says_nothing_is_not_one_that_nobody_is_served_by() -> None:
    service = Unheard(lambda _asked: True, TransientError("answered 401"))
    with pytest.raises(TransientError, match="answered 401"):
        service.run()
    assert service.weights == []


def test_what_goes_all_at_once_asks_the_service_nothing() -> None:
    service = Unheard(lambda _asked: True, TransientError("answered 500"))
    assert service.run(Rollout()).outcome == "completed"
    assert service.run(previous=None).outcome == "completed"
    assert service.weights == [100, 100]


def test_counts_are_read_as_the_service_tells_them() -> None:
    said = {"2": {"requests": 3, "errors": 1, "buckets": [0] * (len(BUCKETS) + 1), "loaded": False}}
    assert read_counts(said) == {2: Counts(3, 1, loaded=False)}
