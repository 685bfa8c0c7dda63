"""The active release, which is the last row of the activation log, and its projections."""

from __future__ import annotations

from datetime import datetime

import structlog

from evergreen.artifacts import Release
from evergreen.ledger.releases import Activation, activation_log, get_release, last_activation
from evergreen.loop.instance import Instance

log = structlog.get_logger()


def active_release(instance: Instance, use_case: str) -> tuple[Release, Activation] | None:
    """The active release and the row of the log that says so; None before the first."""
    with instance.ledger() as db:
        last = last_activation(db, use_case)
        release = get_release(db, use_case, last.release) if last is not None else None
    return (release, last) if release is not None and last is not None else None


def release_at(instance: Instance, use_case: str, moment: datetime) -> Release | None:
    """The release that was active at a data time."""
    with instance.ledger() as db:
        rows = [row for row in activation_log(db, use_case) if row.data_time <= moment]
        return get_release(db, use_case, rows[-1].release) if rows else None


def project_alias(instance: Instance, use_case: str) -> str | None:
    """Set MLflow's alias `champion` where it is missing; log and return what to do about one that a person has moved.

    The alias is a projection: the activation log counts, whatever the alias says.
    """
    active = active_release(instance, use_case)
    if active is None:
        return None
    version = active[0].model.version
    current = instance.models.aliases(use_case).get("champion")
    if current is None:
        instance.models.alias(use_case, "champion", version)
    elif current != version:
        with instance.ledger() as db:
            rows = activation_log(db, use_case)
            earlier = get_release(db, use_case, rows[-2].release) if len(rows) > 1 else None
        if earlier is not None and current == earlier.model.version:
            instance.models.alias(use_case, "champion", version)  # a run died before it could set it
            return None
        message = (
            f"the alias champion of {use_case} was moved by hand to model version {current}, which has no effect: "
            f"version {version} is active; delete the alias in MLflow, and the next `{use_case}.monitor` sets it anew"
        )
        log.warning(message)
        return message
    return None
