"""Claim what is to be done from the ledger, or end the step with the reason why there is nothing."""

from __future__ import annotations

from datetime import datetime, timedelta

from evergreen.ledger.items import claim_item, close_item, return_leases
from evergreen.ledger.records import abort_lost_rollout, hold_on
from evergreen.ledger.runs import fail_runs
from evergreen.loop.alerts import alert_of_hold
from evergreen.loop.errors import Held, NothingToDo
from evergreen.loop.instance import Instance
from evergreen.loop.run import Run

LEASE = timedelta(hours=2)
"""Longer than any step takes whose time the owner does not set; a run that died gives its item back when it expires, or
takes it up again itself.
"""


def claim(run: Run, kind: str, *, newest: bool = False, subject: str | None = None, lease: timedelta = LEASE) -> Run:
    """Lease the open item; the run that is at it now. Raises NothingToDo when none is open or another run has it."""
    with run.instance.ledger() as db:
        item = claim_item(db, run.name, kind, run.id, lease=lease, newest=newest, subject=subject)
    if item is None:
        raise NothingToDo(f"{run.name}: nothing to {kind}: no open item, or another run is at it")
    return run.claimed(item)


def give_back(instance: Instance, use_case: str, run_id: str) -> None:
    """After a failure that trying again won't mend: let another run take up what this one had claimed."""
    with instance.ledger() as db:
        return_leases(db, use_case, run_id)
        fail_runs(db, use_case, run_id)
    with instance.ledger() as db:
        abort_lost_rollout(db, use_case)


def close(run: Run, outcome: str) -> None:
    """Close the run's item with what came of it."""
    with run.instance.ledger() as db:
        close_item(db, run.item, run.id, outcome)


def refuse_if_held(instance: Instance, use_case: str, what: str, as_of: datetime | None = None) -> None:
    """Raise Held when `what` is on hold, after an alert about the night of `as_of` (default: the newest version's)."""
    with instance.ledger() as db:
        reason = hold_on(db, use_case, what)
    if reason is not None:
        alert_of_hold(instance, use_case, what, reason, as_of)
        raise held(use_case, what, reason)


def held(use_case: str, what: str, reason: str) -> Held:
    """What to raise of a hold."""
    return Held(f"{use_case}: {what} is on hold ({reason}) until `evergreen resume {use_case}`")
