"""The customers as the clock shows them, without a database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from sample_sources.customers import KNOWN_AFTER, customers_at, entered, outcomes_at
from sample_sources.data import CUSTOMER_COLUMNS
from sample_sources.times import FIRST_MOMENT, LAST_MOMENT

SEED = 2013
NOW = datetime(2013, 3, 1, 2, tzinfo=UTC)
ID, EMAIL, UPDATED = 0, -2, -1


def test_all_customers_of_the_data_set_come_in_while_the_clock_runs(data):
    assert len(data.customers) == 7043
    assert len({row[ID] for row in data.customers}) == 7043
    assert len(customers_at(data.customers, SEED, LAST_MOMENT)) == 7043
    assert [len(customers_at(data.customers, SEED, moment)) for moment in (FIRST_MOMENT, NOW)] == [3362, 3913]


def test_what_is_said_of_a_customer_is_the_data_sets_and_only_people_and_bills_change(data):
    known = {row[ID]: dict(zip(CUSTOMER_COLUMNS, row, strict=True)) for row in data.customers}
    bills = 0
    for row in customers_at(data.customers, SEED, NOW):
        *values, name, email, updated_at = row
        said = dict(zip((c for c in CUSTOMER_COLUMNS if c != "churn"), values, strict=True))
        bills += said.pop("paperless_billing") != known[row[ID]]["paperless_billing"]
        assert said.items() <= known[row[ID]].items()
        assert email.endswith(f".{row[ID].lower()}@example.com")
        assert name
        assert entered(SEED, row[ID]) <= updated_at <= NOW
    assert 50 < bills <= 2 * 60


def test_whether_a_customer_left_is_known_a_month_later_and_the_data_set_says_it(data):
    left = {row[ID]: row[1] for row in data.customers}
    there = {row[ID] for row in customers_at(data.customers, SEED, NOW)}
    outcomes = outcomes_at(data.customers, SEED, NOW)
    assert {row[ID] for row in outcomes} < there
    assert all(churn == left[key] and at == entered(SEED, key) + KNOWN_AFTER <= NOW for key, churn, at in outcomes)
    share = sum(churn == "Yes" for _, churn, _ in outcomes) / len(outcomes)
    assert abs(share - sum(churn == "Yes" for churn in left.values()) / 7043) < 0.02, "no drift was put in"


@settings(max_examples=20)
@given(st.integers(0, 300 * 86_400), st.integers(0, 20 * 86_400))
def test_a_row_changes_only_with_its_stamp(data, start, step):
    """What a reader by `updated_at` relies on, and `catch_up` too."""
    rows = data.customers[:200]
    before = FIRST_MOMENT + timedelta(seconds=start)
    earlier = {row[ID]: row for row in customers_at(rows, SEED, before)}
    later = {row[ID]: row for row in customers_at(rows, SEED, before + timedelta(seconds=step))}
    assert earlier.keys() <= later.keys()
    assert {key for key, row in later.items() if row[UPDATED] > before} == {
        key for key, row in later.items() if row != earlier.get(key)
    }


def test_a_day_brings_new_customers_and_a_handful_of_changes(data):
    before = {row[ID]: row for row in customers_at(data.customers, SEED, NOW)}
    after = customers_at(data.customers, SEED, NOW + timedelta(days=1))
    changed = [row for row in after if row[ID] in before and row != before[row[ID]]]
    assert 2 <= len(changed) <= 10
    assert any(row[EMAIL] != before[row[ID]][EMAIL] for row in changed)
    assert 1 <= len(after) - len(before) <= 25
