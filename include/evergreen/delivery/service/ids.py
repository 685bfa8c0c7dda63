"""Ids of requested predictions."""

from __future__ import annotations

import os
from datetime import datetime

from evergreen.predictions import request_id


def new_id(now: datetime) -> str:
    """An id that sorts by time and that nobody can guess."""
    return request_id(now, os.urandom(10))
