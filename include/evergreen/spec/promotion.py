"""`promotion:` what a challenger has to prove to ship, and who has the last word."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from pydantic import Field

from evergreen.spec.base import Duration, Gain, Section, Share, Size
from evergreen.spec.behaviour import Behaviour


class Fairness(Section):
    """No group's rate of positive predictions below `min_ratio` of the highest group's (the four-fifths rule)."""

    column: str
    min_ratio: Share = 0.8


class Promotion(Section):
    """What a challenger has to prove to ship."""

    min_gain: Gain = Gain(absolute=0.0)
    confidence: float = Field(default=0.95, gt=0.5, lt=1)
    """All uses of one gate window together promote a challenger that is no better with at most 1 − `confidence`."""
    block: str = "auto"
    """Rows that err together: `day`, `week`, `row`, or a column; `auto`: day where there is time, else
    `training.split.group`, else row."""
    slices: tuple[str, ...] = ()
    fairness: Fairness | None = None
    max_calibration_error: float | None = Field(default=None, gt=0, le=1)
    """By how much probabilities may be off on average (expected calibration error over ten bins)."""
    max_latency: Duration | None = None
    """The median time of one row."""
    max_cpu: Duration | None = None
    """CPU time of a thousand rows at once."""
    max_size: Size | None = None
    """Of the saved model, in bytes: `50MB`."""
    behaviour: Behaviour = Behaviour()
    min_rows: int = Field(default=200, ge=1)
    approve: Literal["never", "always"] = "never"
    """Whether a person answers after the gate has passed, in Airflow's web UI."""
    approve_within: Duration = timedelta(days=2)
    """How long the question waits."""
    approve_default: Literal["reject", "approve"] = "reject"
    """What silence means."""
