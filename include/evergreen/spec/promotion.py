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
    """Binary: the column that says the group."""
    min_ratio: Share = 0.8
    """The lowest group's rate of positive predictions over the highest group's."""


class Promotion(Section):
    """What a challenger has to prove to ship."""

    min_gain: Gain = Gain(absolute=0.0)
    """By how much a challenger has to be better."""
    confidence: float = Field(default=0.95, gt=0.5, lt=1)
    """How sure the gate is. Of windows that judge challengers which are no better, at most 1 − `confidence` promote
    one."""
    block: str = "auto"
    """Rows that err together: `day`, `week`, `row` or a column. `auto`: `day` where there is time, else
    `training.split.group`, else `row`."""
    slices: tuple[str, ...] = ()
    """Columns of whose values none may get clearly worse."""
    fairness: Fairness | None = None
    max_calibration_error: float | None = Field(default=None, gt=0, le=1)
    """By how much probabilities may be off on average (expected calibration error over ten bins)."""
    max_latency: Duration | None = None
    """The median time of one row."""
    max_cpu: Duration | None = None
    """CPU time of a thousand rows at once."""
    max_size: Size | None = None
    """The size of the saved model."""
    behaviour: Behaviour = Behaviour()
    min_rows: int = Field(default=200, ge=1)
    """How many rows the gate window needs. Nothing is trained by itself below twice as many labelled rows."""
    approve: Literal["never", "always"] = "never"
    """`always`: a person is asked in Airflow's web UI after the gate has passed."""
    approve_within: Duration = timedelta(days=2)
    """How long the question waits."""
    approve_default: Literal["reject", "approve"] = "reject"
    """What silence means."""
