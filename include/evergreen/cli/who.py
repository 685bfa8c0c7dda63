"""Who is at the keyboard, and what a run of theirs is called."""

from __future__ import annotations

import getpass
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from evergreen.loop.run import Asked, Who


def who() -> Who:
    """The log-in name of whoever typed the command."""
    try:
        return Who(getpass.getuser(), "cli")
    except (KeyError, OSError):  # a container's user may have no name
        return Who("unknown", "cli")


def asked(as_of: datetime, params: Mapping[str, Any] | None = None) -> Asked:
    """What is asked for from the command line, at a data time."""
    return Asked(who(), lambda _: as_of, {**(params or {})})


def new_run_id() -> str:
    """The id of a run that is asked for now."""
    return f"cli-{datetime.now(UTC):%Y%m%dT%H%M%S}"
