"""`schedule:`, `monitoring:`, `retraining:`, `rollout:`, `scoring:` and `serving:` life after training."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from pydantic import Field, model_validator

from evergreen.spec.base import Budget, Cron, Duration, Gain, Name, Section, Share


class Schedule(Section):
    """When the DAGs wake by themselves, in UTC."""

    ingest: Cron = "0 2 * * *"
    retrain: Cron = "0 4 * * *"
    clock: Literal["real", "simulated"] = "real"
    """Which time a nightly run speaks of: its own, or what the clock at EVERGREEN_CLOCK says where there is one."""


class Drift(Section):
    """How the current rows are compared with the reference, column by column."""

    method: Literal["psi", "wasserstein", "jensenshannon"] = "psi"
    threshold: float = Field(default=0.2, gt=0)
    share: Share = Field(default=0.0, le=1)
    """More than this share of the columns has to drift for a violation."""


class Performance(Section):
    """How far the metric may fall below what the gate saw."""

    max_drop: Gain = Gain(absolute=0.02)


class Monitoring(Section):
    """What is watched, over which window."""

    drift: Drift = Drift()
    performance: Performance = Performance()
    window: Duration = timedelta(days=7)


class Trigger(Section):
    """Look closer when at least `violations` of the last `windows` were in violation, the latest among them."""

    violations: int = Field(default=2, ge=1)
    windows: int = Field(default=3, ge=1)

    @model_validator(mode="after")
    def _fits(self) -> Trigger:
        if self.violations > self.windows:
            raise ValueError("`violations` can't be more than `windows`")
        return self


class Retraining(Section):
    """When retraining pays."""

    policy: Literal["when_it_pays", "always", "never"] = "when_it_pays"
    trigger: Trigger = Trigger()
    growth: Share = 0.3
    """Look closer when labelled rows have grown by this share since the active model was trained."""
    at_least_every: Duration | None = timedelta(days=28)
    cooldown: Duration = timedelta(days=3)
    min_new_rows: int = Field(default=1000, ge=0)
    budget: Budget | None = None


class AbortOn(Section):
    """Limits on the new release's own requests."""

    error_rate: Share = Field(default=0.01, le=1)
    p99: Duration = timedelta(milliseconds=500)


class Rollout(Section):
    """How a release takes traffic. `steps` are percentages, each held for `bake`."""

    strategy: Literal["all_at_once", "canary"] = "all_at_once"
    steps: tuple[int, ...] = (5, 25, 100)
    bake: Duration = timedelta(minutes=10)
    abort_on: AbortOn = AbortOn()

    @model_validator(mode="after")
    def _rises(self) -> Rollout:
        if not self.steps or list(self.steps) != sorted(set(self.steps)) or self.steps[-1] != 100 or self.steps[0] < 1:
            raise ValueError("`steps` are percentages that rise to 100, e.g. [5, 25, 100]")
        return self


class Scoring(Section):
    """Which rows are scored in batch, by when, and where predictions go besides the predictions store."""

    rows: Literal["upcoming", "all"] = "upcoming"
    deadline: Duration = Field(default=timedelta(hours=1), gt=timedelta(0))
    """An alert says so when a run's predictions are not there this long after it was queued."""
    destination: Name | None = None
    table: Name | None = None

    @model_validator(mode="after")
    def _both(self) -> Scoring:
        if (self.destination is None) != (self.table is None):
            raise ValueError("`destination` and `table` go together")
        return self


class Serving(Section):
    """`latest` fills the joined columns of a request from the newest version's source states."""

    lookup: Literal["none", "latest"] = "none"
