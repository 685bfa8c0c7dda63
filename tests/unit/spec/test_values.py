"""The small values people write: durations, shares, budgets, schedules, gains."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.spec.kit import SHORTEST, only

from evergreen.spec import parse_use_case
from evergreen.spec.base import (
    Gain,
    format_duration,
    format_size,
    parse_budget,
    parse_cron,
    parse_duration,
    parse_share,
    parse_size,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("20ms", timedelta(milliseconds=20)),
        ("90s", timedelta(seconds=90)),
        ("15m", timedelta(minutes=15)),
        ("2h", timedelta(hours=2)),
        ("1.5h", timedelta(minutes=90)),
        ("7d", timedelta(days=7)),
        ("1w", timedelta(days=7)),
        ("0s", timedelta(0)),
        (timedelta(days=2), timedelta(days=2)),
    ],
)
def test_durations(text: Any, value: timedelta) -> None:
    assert parse_duration(text) == value


@pytest.mark.parametrize(("text", "value"), [("500KB", 500_000), ("1.5MB", 1_500_000), ("2GB", 2 * 10**9), (7, 7)])
def test_sizes(text: Any, value: int) -> None:
    assert parse_size(text) == value
    assert parse_size(format_size(value)) == value


@pytest.mark.parametrize("text", ["", "5", "5 MB", "5mb", "-1MB", True, None])
def test_what_is_no_size(text: Any) -> None:
    with pytest.raises(ValueError, match="a size is a number and a unit"):
        parse_size(text)


@pytest.mark.parametrize(
    "text", ["", "7", "7 d", "7days", "-1d", "1d2h", "d", 7, 7.0, True, None, ["7d"], "9" * 30 + "w"]
)
def test_what_is_no_duration(text: Any) -> None:
    with pytest.raises(ValueError, match="a duration"):
        parse_duration(text)


@given(st.integers(0, 10**9) | st.timedeltas(timedelta(0), timedelta(days=3650)))
def test_a_duration_is_written_as_it_is_read(value: int | timedelta) -> None:
    value = value if isinstance(value, timedelta) else timedelta(milliseconds=value)
    assert parse_duration(format_duration(value)) == value


@pytest.mark.parametrize(("text", "value"), [("30%", 0.3), ("2.5%", 0.025), (0.3, 0.3), (1, 1.0), (0, 0.0)])
def test_shares(text: Any, value: float) -> None:
    assert parse_share(text) == pytest.approx(value)


@pytest.mark.parametrize("text", ["30", "%", "-3%", "a lot", True, None])
def test_what_is_no_share(text: Any) -> None:
    with pytest.raises(ValueError, match=r"0\.3 or a percentage such as 30%"):
        parse_share(text)


@pytest.mark.parametrize(("text", "period"), [("30m/day", 1), ("30m/week", 7), ("30m/month", 30)])
def test_budgets(text: str, period: int) -> None:
    assert parse_budget(text) == (timedelta(minutes=30), timedelta(days=period))


@pytest.mark.parametrize("text", ["30m", "30m/year", "/week", "week", 30, None])
def test_what_is_no_budget(text: Any) -> None:
    with pytest.raises(ValueError, match=r"a (budget|duration) is"):
        parse_budget(text)


@pytest.mark.parametrize("text", ["0 2 * * *", "*/5 * * * 1-5", "0 0 1 * *"])
def test_schedules(text: str) -> None:
    assert parse_cron(text) == text


@pytest.mark.parametrize("text", ["@daily", "0 2 * *", "0 2 * * * *", "61 2 * * *", "", 5, None])
def test_what_is_no_schedule(text: Any) -> None:
    with pytest.raises(ValueError, match="five fields in UTC"):
        parse_cron(text)


def test_a_gain_is_absolute_or_of_the_champions_value() -> None:
    assert Gain(absolute=0.002).of(0.75) == 0.002
    assert Gain(relative=0.01).of(0.75) == pytest.approx(0.0075)
    assert Gain(relative=0.01).of(-2.0) == pytest.approx(0.02)
    assert Gain().of(0.75) == 0.0


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("schedule: {ingest: 5}", "schedule.ingest: a schedule is a cron expression of five fields"),
        ("rollout: {steps: []}", "rollout: `steps` are percentages that rise to 100"),
        ("rollout: {steps: [25, 5, 100]}", "rollout: `steps` are percentages that rise to 100"),
        ("rollout: {steps: [5, 25]}", "rollout: `steps` are percentages that rise to 100"),
        ("retraining: {trigger: {violations: 4, windows: 3}}", "retraining.trigger: `violations` can't be more than"),
        ("retraining: {budget: 30m/year}", "retraining.budget: a budget is a duration per day, week or month"),
        ("monitoring: {window: 99999999999999d}", "monitoring.window: a duration can't be longer"),
        ("monitoring: {drift: {threshold: 0}}", "monitoring.drift.threshold: input should be greater than 0"),
        ("monitoring: {drift: {share: 110%}}", "monitoring.drift.share: input should be less than or equal to 1"),
        ("training: {split: {test: 1.5}}", "training.split.test: a share of rows lies between 0 and 1"),
        ("training: {split: {test: true}}", "training.split.test: a duration is a number and a unit"),
        ("training: {candidates: []}", "training.candidates: can't be empty"),
        ("scoring: {deadline: 0s}", "scoring.deadline: input should be greater than"),
        ("scoring: {deadline: soon}", "scoring.deadline: a duration is a number and a unit"),
        ("scoring: {destination: db}", "scoring: `destination` and `table` go together"),
        ("quality: {expectations: [{foo: {}}]}", "quality.expectations: an expectation is one `expect_"),
        ("quality: {expectations: [{expect_x: 1}]}", "quality.expectations.0.expect_x: has to be a mapping"),
    ],
)
def test_a_wrong_value_says_where_and_what_is_allowed(line: str, words: str) -> None:
    number = len(SHORTEST.splitlines()) + 1
    assert only(f"{SHORTEST}{line}\n").startswith(f"{number}: {words}")


def test_a_whole_file_of_right_values_is_read() -> None:
    use_case = parse_use_case(SHORTEST + "promotion: {min_gain: {relative: 1%}, fairness: {column: region}}\n")
    assert use_case.promotion.min_gain.relative == pytest.approx(0.01)
    assert use_case.promotion.fairness is not None
    assert use_case.promotion.fairness.min_ratio == 0.8
