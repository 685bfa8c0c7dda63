"""`schedule:`, `monitoring:`, `retraining:`, `rollout:`, `scoring:` and `serving:` life after training."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from pydantic import Field, model_validator

from evergreen.spec.base import Budget, Cron, Duration, Gain, Name, Section, Share


class Schedule(Section):
    """When the DAGs wake by themselves, in UTC."""

    ingest: Cron = "0 2 * * *"
    """When the DAG `ingest` wakes. What a row may know goes by these ticks."""
    retrain: Cron = "0 4 * * *"
    """When the DAG `monitor` measures and decides, besides after each new version."""
    clock: Literal["real", "simulated"] = "real"
    """The data time of a run that is not given one. `real`: the end of the run's interval, or now by hand. `simulated`:
    what the clock at `EVERGREEN_CLOCK` says, where that is set. The samples live by that clock."""


class Drift(Section):
    """How the current rows are compared with the reference, column by column."""

    method: Literal["psi", "wasserstein", "jensenshannon"] = "psi"
    """How a column is compared. With `wasserstein` categories are compared by `jensenshannon`."""
    threshold: float = Field(default=0.2, gt=0)
    """A column has drifted from this score on."""
    share: Share = Field(default=0.0, le=1)
    """A violation where more than this share of the columns has drifted."""


class Performance(Section):
    """How far the metric may fall below what the gate saw."""

    max_drop: Gain = Gain(absolute=0.02)
    """A violation where the metric lies further below what the gate saw."""


class Monitoring(Section):
    """What is watched, over which window."""

    drift: Drift = Drift()
    performance: Performance = Performance()
    window: Duration = timedelta(days=7)
    """The current rows are those of so long before the data time; without time, those that came in it. Predictions are
    judged over a window as long that ends `target.mature_after` earlier, since a label counts only then."""


class Trigger(Section):
    """Look closer when at least `violations` of the last `windows` were in violation, the latest among them."""

    violations: int = Field(default=2, ge=1)
    """Asks for a retraining: so many of the last windows were in violation, the latest among them. Drift alone does not
    ask where nothing is to be won back."""
    windows: int = Field(default=3, ge=1)
    """How many windows back, of those that do not overlap."""

    @model_validator(mode="after")
    def _fits(self) -> Trigger:
        if self.violations > self.windows:
            raise ValueError("`violations` can't be more than `windows`")
        return self


class Retraining(Section):
    """When retraining pays."""

    policy: Literal["when_it_pays", "always", "never"] = "when_it_pays"
    """`always`: retrain at each look. `never`: by hand only."""
    trigger: Trigger = Trigger()
    growth: Share = 0.3
    """Asks: labelled rows have grown by this share since the active model was trained."""
    at_least_every: Duration | None = timedelta(days=28)
    """Asks: the active model is so old. `null`: it may grow old."""
    cooldown: Duration = timedelta(days=3)
    """Forbids: so soon after the last training, good, bad or broken off. Without a release, a training that broke off
    is tried again after a day."""
    min_new_rows: int = Field(default=1000, ge=0)
    """Forbids: fewer labelled rows have come since the active model was trained, or since a challenger failed the
    gate."""
    budget: Budget | None = None
    """Forbids: the week's (day's, month's) training time is used up. Of workers side by side the longest counts, and so
    does a training that broke off. The next training is taken to need what the last one that reached its gate
    did."""


class AbortOn(Section):
    """Limits on the new release's own requests."""

    error_rate: Share = Field(default=0.01, le=1)
    """More errors among the new release's own requests give the traffic back."""
    p99: Duration = timedelta(milliseconds=500)
    """99% of its requests have to be quicker, counted from when a request has come in whole."""


class Rollout(Section):
    """How a release takes traffic. `steps` are percentages, each held for `bake`."""

    strategy: Literal["all_at_once", "canary"] = "all_at_once"
    """`canary`: step by step; a key stays with its release."""
    steps: tuple[int, ...] = (5, 25, 100)
    """Percentages that rise to 100."""
    bake: Duration = timedelta(minutes=10)
    """How long a step is held."""
    abort_on: AbortOn = AbortOn()

    @model_validator(mode="after")
    def _rises(self) -> Rollout:
        if not self.steps or list(self.steps) != sorted(set(self.steps)) or self.steps[-1] != 100 or self.steps[0] < 1:
            raise ValueError("`steps` are percentages that rise to 100, e.g. [5, 25, 100]")
        return self


class Scoring(Section):
    """Which rows are scored in batch, by when, and where predictions go besides the predictions store."""

    rows: Literal["upcoming", "all"] = "upcoming"
    """`upcoming`: rows whose `at` lies after the data time; without time those without a label. `all`: every row. Each
    is scored once a release, and again when the release becomes the active one again."""
    deadline: Duration = Field(default=timedelta(hours=1), gt=timedelta(0))
    """An alert says so where predictions are not there so long after the run was queued."""
    destination: Name | None = None
    """A connection of a PostgreSQL database to write predictions to, besides Evergreen's own. Goes with `table`."""
    table: Name | None = None
    """The table there. It is made where it is missing."""

    @model_validator(mode="after")
    def _both(self) -> Scoring:
        if (self.destination is None) != (self.table is None):
            raise ValueError("`destination` and `table` go together")
        return self


class Serving(Section):
    """`latest` fills the joined columns of a request from the newest version's source states."""

    lookup: Literal["none", "latest"] = "none"
    """`none`: a request brings every column. `latest`: it brings the base's columns, and the newest version fills the
    joined ones."""
