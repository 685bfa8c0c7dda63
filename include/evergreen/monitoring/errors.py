"""What can't be measured, whatever the data say."""

from __future__ import annotations

from evergreen.errors import PermanentError


class MonitoringError(PermanentError):
    """Reference and current rows can't be compared: a column is missing or has changed its kind."""
