"""Alerts: into the ledger and the log, and to EVERGREEN_ALERT_URL if that is set. No row's value, no secret."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from evergreen.ledger.alerts import (
    Alert,
    newest_alerts,
    note_delivered,
    queue_post,
    record_alert,
    take_post,
    waiting_posts,
)
from evergreen.ledger.items import newest_done, newest_item
from evergreen.ledger.records import hold_on, newest_data_time
from evergreen.ledger.releases import activation_log, last_activation
from evergreen.loop.instance import Instance
from evergreen.spec import UseCase
from evergreen.spec.base import format_duration

log = structlog.get_logger()
POST_TIMEOUT = 5.0
"""Seconds that a run waits for the receiver of alerts."""
AGAIN = timedelta(days=3)
"""So long an alert that nobody took is posted again: at the next one, and when `monitor` next looks."""
LISTED = 50


def raise_alert(instance: Instance, alert: Alert) -> bool:
    """Keep the alert and tell it; False when its key was told before. Raises LedgerUnavailable, nothing else."""
    with instance.ledger() as db:
        new = record_alert(db, alert)
        if new and instance.settings.alert_url is not None:
            queue_post(db, alert)
    if new:
        log.warning("alert", use_case=alert.use_case, kind=alert.kind, key=alert.key, text=alert.text)
    post_waiting(instance, alert.use_case)
    return new


def post_waiting(instance: Instance, name: str) -> None:
    """Post what is to be posted of a use case: new alerts, and those of the last days that nobody took.

    Each until it is taken, by one process at a time. Raises LedgerUnavailable, nothing else.
    """
    import httpx

    url = instance.settings.alert_url
    if url is None:
        return
    with instance.ledger() as db:
        waiting = waiting_posts(db, name, AGAIN)
    for alert in waiting:
        with instance.ledger() as db:
            if not take_post(db, alert):
                continue
            try:
                _post(url.get_secret_value(), alert)
            except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
                # Its type only: the address may hold a secret.
                log.warning("alert not delivered; see EVERGREEN_ALERT_URL", key=alert.key, error=type(error).__name__)
                if not isinstance(error, httpx.HTTPStatusError):
                    return  # nobody answers, so the others would wait in vain
            else:
                note_delivered(db, alert)


def _post(url: str, alert: Alert) -> None:
    """Raises httpx.HTTPError, httpx.InvalidURL or ValueError unless somebody took it."""
    import httpx

    body = {
        "text": alert.text,
        "use_case": alert.use_case,
        "kind": alert.kind,
        "key": alert.key,
        "data_time": alert.data_time.isoformat(),
    }
    httpx.post(url, json=body, timeout=POST_TIMEOUT, follow_redirects=True).raise_for_status()


def alert_of_hold(instance: Instance, name: str, what: str, reason: str, as_of: datetime | None = None) -> None:
    """Say that `what` was skipped because of a hold: once a night, which is the day of `as_of`.

    Without `as_of` it is that of the newest version, which is what would have been trained on or shipped.
    """
    with instance.ledger() as db:
        night = as_of or newest_data_time(db, name)
    if night is None:
        return
    text = (
        f"{name}: {what} was skipped for {_when(night)}, since it is on hold ({reason}); "
        f"`evergreen resume {name}` ends the hold"
    )
    raise_alert(instance, Alert(name, "held", f"{what} {night:%Y-%m-%d}", text, night))


def alert_of_deadline(instance: Instance, name: str, deadline: datetime) -> bool:
    """A run of `<uc>.score` was not through by `deadline` (real time): say so, once a version's data time.

    False when there is nothing to say: there is no release to predict with yet, or another run had the newest
    version's predictions there in time.
    """
    with instance.ledger() as db:
        item, active = newest_item(db, name, "score"), last_activation(db, name)
    if item is None or active is None or (item.closed_at is not None and item.closed_at <= deadline):
        return False
    allowed = format_duration(instance.use_case(name).scoring.deadline)
    text = (
        f"{name}: the predictions for {_when(item.as_of)} were not there {allowed} after their run was queued "
        f"(`scoring.deadline`); look at {name}.score in Airflow: the log of a failed task says what to mend"
    )
    return raise_alert(instance, _late(name, item.as_of, text))


def alert_of_missing(instance: Instance, use_case: UseCase, as_of: datetime) -> bool:
    """Say so when, at data time `as_of`, predictions are older than the last ingest that was due `deadline` ago.

    That is how a night comes to light in which no version came and nothing was woken. Nothing is said before the first
    release has seen a night, nor while ingest is on hold, which has an alert of its own. Raises PermanentError when
    the cron of the ingest never ticks.
    """
    from evergreen.prepare.cutoff import ticks

    name = use_case.name
    latest = as_of - use_case.scoring.deadline
    due = max(tick for tick in ticks(use_case.schedule.ingest, latest, latest) if tick <= latest)
    with instance.ledger() as db:
        first = next(iter(activation_log(db, name)), None)
        scored, newest = newest_done(db, name, "score"), newest_data_time(db, name)
        held = hold_on(db, name, "ingest") is not None
    if held or first is None or first.data_time >= due or (scored is not None and scored.as_of >= due):
        return False
    where = f"{name}.score" if newest is not None and newest >= due else f"{name}.ingest: no dataset version came"
    text = (
        f"{name}: predictions are as of {_when(scored.as_of) if scored is not None else 'never'}, though those for the "
        f"ingest of {_when(due)} were due; look at the newest run of {where}"
    )
    return raise_alert(instance, _late(name, due, text))


def _late(name: str, night: datetime, text: str) -> Alert:
    return Alert(name, "late", f"{night:%Y-%m-%dT%H:%MZ}", text, night)


def describe_alerts(instance: Instance, name: str) -> str:
    """The newest alerts of a use case for a person, newest first."""
    with instance.ledger() as db:
        found = newest_alerts(db, name, LISTED)
    lines = [f"  {_when(alert.data_time)}  {alert.kind:4}  {alert.text}" for alert in found]
    return "\n".join([name, *(lines or ["  no alerts"])])


def _when(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}Z"
