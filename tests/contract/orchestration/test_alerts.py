"""What Airflow calls when a deadline was missed, and who asks after a night without predictions: a nightly tick."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from tests.contract.orchestration.history import DAY, START, tell

from evergreen.ledger.alerts import newest_alerts
from evergreen.ledger.items import add_item
from evergreen.ledger.runs import RunKey, begin_run, get_run
from evergreen.loop.instance import Instance
from evergreen.loop.monitor import look_for_missing
from evergreen.loop.run import SCHEDULE, Run
from evergreen.orchestration import alerts
from evergreen.orchestration.door import asked


def told(instance: Instance) -> set[str]:
    with instance.ledger() as db:
        return {
            alert.key for alert in newest_alerts(db, "flights", 99) if alert.text.startswith("flights: predictions")
        }


@pytest.mark.parametrize(("run_type", "asks"), [("scheduled", True), ("asset_triggered", False), ("manual", False)])
def test_only_a_nightly_tick_asks_after_a_night_without_predictions(
    instance: Instance, airflow_home: Any, run_type: str, asks: bool
) -> None:
    from airflow.sdk.api.datamodels._generated import DagRunType

    tell(instance)
    night = START + 40 * DAY
    woken = [SimpleNamespace(asset=SimpleNamespace(name="flights.dataset"))] if run_type == "asset_triggered" else []
    dag_run = SimpleNamespace(
        run_type=DagRunType(run_type),
        data_interval_end=night + timedelta(hours=2),
        triggering_user_name="ann" if run_type == "manual" else None,
        consumed_asset_events=woken,
    )
    asks_for = asked({"dag_run": dag_run, "params": {}}, instance)
    assert asks_for.who.by == {"scheduled": SCHEDULE, "asset_triggered": "flights.dataset", "manual": "ann"}[run_type]
    key, use_case = RunKey("flights", "monitor", "run"), instance.use_case("flights")
    with instance.ledger() as db:
        begin_run(db, key, asked_by=asks_for.who.by, door="airflow", params={})
        row = get_run(db, key)
    assert row is not None
    look_for_missing(Run(instance, use_case, row, asks_for.clock, print))
    assert told(instance) == ({f"{night:%Y-%m-%dT%H:%MZ}"} if asks else set())


@pytest.mark.parametrize("written", [datetime, str])
def test_the_callback_takes_the_deadline_as_airflow_hands_it_over(
    instance: Instance, airflow_home: Any, monkeypatch: pytest.MonkeyPatch, written: type
) -> None:
    from evergreen.orchestration import door

    tell(instance)
    with instance.ledger() as db:
        add_item(db, "flights", "score", "again", START + 20 * DAY, {})
    monkeypatch.setattr(door, "open_instance", lambda: instance)
    now = datetime.now(UTC)
    alerts.deadline_missed("flights", {"deadline": {"deadline_time": now if written is datetime else now.isoformat()}})
    with instance.ledger() as db:
        assert newest_alerts(db, "flights", 1)[0].key == f"{START + 20 * DAY:%Y-%m-%dT%H:%MZ}"
