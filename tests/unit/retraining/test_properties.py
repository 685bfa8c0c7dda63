"""What holds of the retrain decision whatever the facts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from tests.unit.retraining.kit import AS_OF, use_case

from evergreen.retraining import Facts, WindowFact, decide

moments = st.datetimes(datetime(2013, 1, 1), datetime(2013, 6, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis wants them naive
counts = st.integers(0, 60_000)
any_window = st.builds(
    WindowFact,
    ends=moments,
    drift=st.none() | st.booleans(),
    performance=st.none() | st.booleans(),
    drop=st.none() | st.floats(-0.2, 0.2),
)
any_facts = st.builds(
    Facts,
    dataset_version=st.integers(1, 99),
    release=st.none() | st.integers(1, 9),
    labelled=counts,
    labelled_at_training=st.none() | counts,
    trained_at=st.none() | moments,
    tried_at=st.none() | moments,
    failed_at=st.none() | moments,
    gate_failed_at=st.none() | moments,
    labelled_at_gate_failure=st.none() | counts,
    reference_metric=st.none() | st.floats(0.5, 1),
    windows=st.lists(any_window, max_size=5).map(tuple),
    spent=st.timedeltas(timedelta(0), timedelta(hours=2)),
    expected_cost=st.none() | st.timedeltas(timedelta(0), timedelta(hours=1)),
    hold=st.none() | st.just("v3 was restored"),
    spec_changed=st.booleans(),
)


@given(any_facts)
def test_promise_9_never_yes_against_a_limit(known: Facts) -> None:
    assert not decide(use_case(policy="never"), known, as_of=AS_OF).retrain
    decision = decide(use_case(), known, as_of=AS_OF)
    last = max((time for time in (known.trained_at, known.tried_at, known.failed_at) if time), default=None)
    if decision.retrain:
        assert known.hold is None
        assert last is None or AS_OF - last >= timedelta(days=3)
        assert known.spent + (known.expected_cost or timedelta(0)) <= timedelta(minutes=30)
        assert known.labelled >= 400
        if known.release is not None and known.labelled_at_training is not None:
            assert known.labelled - known.labelled_at_training >= 2000


@given(any_facts)
def test_always_is_yes_unless_held_or_without_rows(known: Facts) -> None:
    decision = decide(use_case(policy="always"), known, as_of=AS_OF)
    assert decision.retrain is (known.hold is None and known.labelled >= 400)


@given(any_facts, st.sampled_from(["when_it_pays", "always", "never"]))
def test_the_same_facts_give_the_same_decision_with_every_reason(known: Facts, policy: str) -> None:
    first = decide(use_case(policy=policy), known, as_of=AS_OF)
    assert first == decide(use_case(policy=policy), Facts.model_validate_json(known.model_dump_json()), as_of=AS_OF)
    assert len(first.reasons) == 15
    assert all(item.text and len(item.text) < 400 for item in first.reasons)


@given(any_facts)
def test_a_cold_start_within_its_limits_is_always_yes(known: Facts) -> None:
    cold = known.model_copy(update={"release": None, "labelled": 400 + known.labelled, "gate_failed_at": None})
    decision = decide(use_case(), cold, as_of=AS_OF)
    forbids = [item.check for item in decision.reasons[:7] if item.passed is False]
    assert decision.retrain is not bool(forbids)
    assert "min_new_rows" not in forbids
