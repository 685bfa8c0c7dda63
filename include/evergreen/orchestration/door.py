"""What Airflow hands in: settings from the environment, connections from Airflow, data time from the run."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from evergreen.connections import Connection

if TYPE_CHECKING:
    from evergreen.loop.instance import Instance
    from evergreen.loop.run import Asked, Who
    from evergreen.spec import UseCase


def open_instance() -> Instance:
    """The instance that this Airflow belongs to, with Airflow's own connections."""
    from evergreen.local.door import open_instance as open_from_environment

    return open_from_environment(connect=airflow_connection)


def airflow_connection(name: str) -> Connection:
    """An Airflow connection as the library sees it. Raises PermanentError when Airflow doesn't know it."""
    from airflow.sdk import BaseHook
    from airflow.sdk.exceptions import AirflowNotFoundException

    from evergreen.errors import PermanentError
    from evergreen.local.connections import from_fields

    try:
        found = BaseHook.get_connection(name)
    except AirflowNotFoundException:
        raise PermanentError(
            f"Airflow has no connection {name!r}; add it to the connections file (docs/guides/use_case.md, Connections)"
        ) from None
    fields = {
        "conn_type": found.conn_type,
        "host": found.host,
        "port": found.port,
        "login": found.login,
        "password": found.password,
        "schema": found.schema,
        "extra": found.extra_dejson,
    }
    return from_fields(name, fields, "Airflow's connections")


def who_asks(context: Any) -> Who:
    """The person who triggered the run, SCHEDULE, or the assets that woke it."""
    from evergreen.loop.run import SCHEDULE, Who

    run = context["dag_run"]
    if run.triggering_user_name:
        return Who(run.triggering_user_name, "airflow")
    if run.consumed_asset_events:
        assets = dict.fromkeys(str(event.asset.name) for event in run.consumed_asset_events)
        return Who(", ".join(assets), "airflow")
    return Who(SCHEDULE if run.run_type == "scheduled" else "unknown", "airflow")


def asked(context: Any, instance: Instance) -> Asked:
    """Who asked for the run, and with what."""
    from evergreen.loop.run import Asked

    clock = instance.settings.clock

    def data_time(use_case: UseCase) -> datetime:
        return data_time_of(context, clock if use_case.schedule.clock == "simulated" else None)

    return Asked(who_asks(context), data_time, dict(context["params"] or {}))


def data_time_of(context: Any, clock: str | None) -> datetime:
    """The run's `as_of` parameter, else the use case's simulated clock, else the end of the run's interval."""
    from evergreen.loop.clock import data_time

    run, now = context["dag_run"], datetime.now(UTC)
    end = run.data_interval_end or run.logical_date or run.run_after or now
    return data_time(clock, given=(context["params"] or {}).get("as_of"), otherwise=end, now=now)
