"""The whole of a `use_case.yaml`."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field, model_validator

from evergreen.spec.base import Columns, Duration, Name, Section
from evergreen.spec.features import Features
from evergreen.spec.operation import Monitoring, Retraining, Rollout, Schedule, Scoring, Serving
from evergreen.spec.prepare import Prepare
from evergreen.spec.promotion import Promotion
from evergreen.spec.quality import Quality
from evergreen.spec.sources import AnySource
from evergreen.spec.task import TaskField
from evergreen.spec.training import Training


class Predict(Section):
    """When the use case predicts: a row may know what the last nightly ingest before `at − lead` knew."""

    at: str
    """The base's column that says for when a row is predicted. Without `predict:` it is `event_time`."""
    lead: Duration = timedelta(0)
    """How long before `at` the prediction is made. A row may know what the last ingest due by then knew. Example: with
    `lead: 2h` a flight at 10:00 knows what the ingest of 02:00 knew."""


class Target(Section):
    """What is predicted: a column, or a Polars SQL expression over the outcome's columns; null stays null."""

    column: str
    """The column to predict. It is a column of the outcome source where there is one, else of the base."""
    expression: str | None = None
    """Computes the target from the columns of its source. Null means: no label yet. Where the base brings the target,
    the columns named here are known with the label only. So the table leaves them out, except the key and the time
    of prediction."""
    positive: bool | int | str | None = None
    """Binary: the class that `probability` speaks of. By default the second of the two classes in order."""
    mature_after: Duration = timedelta(0)
    """A label counts from so long after `at` on, since it may still change before."""
    never_after: Duration | None = None
    """Needs `event_time`. A row without a label so long after its event will get none. `monitor` and a training then
    tell such rows from those whose label may still come. Longer than `mature_after`."""

    @model_validator(mode="after")
    def _comes_in_time(self) -> Target:
        if self.never_after is not None and self.never_after <= self.mature_after:
            raise ValueError("`never_after` has to be longer than `mature_after`, or no label would ever count")
        return self


class UseCase(Section):
    """One prediction problem. Every section but name, task, key, target and sources is optional."""

    name: Name
    """As the folder is called: lower-case letters, digits and underscores."""
    title: str = ""
    """Shown in Airflow, on the Evergreen page and on the model card."""
    owner: str = ""
    """Shown beside the title, e.g. an e-mail address."""
    task: TaskField
    """What kind of answer the model gives."""
    key: Columns
    """The columns that name one row of the table."""
    event_time: str | None = None
    """The base's column that says when a row happens. With it, rows are split by time and the table is kept by day.
    Without it, rows are split by a hash of the key."""
    predict: Predict | None = None
    target: Target
    schedule: Schedule = Schedule()
    sources: dict[Name, AnySource] = Field(min_length=1)
    """Where rows come from: each source by a name of your own."""
    prepare: Prepare = Prepare()
    quality: Quality = Quality()
    features: Features | None = None
    training: Training = Training()
    promotion: Promotion = Promotion()
    monitoring: Monitoring = Monitoring()
    retraining: Retraining = Retraining()
    rollout: Rollout = Rollout()
    scoring: Scoring = Scoring()
    serving: Serving = Serving()

    @property
    def base(self) -> str:
        """Name of the source whose key is one table row."""
        if self.prepare.base is not None:
            return self.prepare.base
        return next(name for name, source in self.sources.items() if source.role != "outcome")

    @property
    def outcome(self) -> str | None:
        """Name of the source that brings the target later; None: the base brings it."""
        return next((name for name, source in self.sources.items() if source.role == "outcome"), None)

    @property
    def metric(self) -> str:
        """The metric of the search and the gate."""
        return self.training.metric or self.task.metrics[0]

    @property
    def quantile(self) -> float | None:
        """The quantile that a prediction is to be by the metric, the median by `mae`; None: the mean."""
        return {"pinball": self.training.quantile, "mae": 0.5}.get(self.metric)

    @property
    def at(self) -> str | None:
        """The column that says when a row is predicted for; None without time."""
        return self.predict.at if self.predict is not None else self.event_time

    @property
    def test_window(self) -> timedelta | float:
        """The gate window: a duration by time, a share by hash."""
        if self.training.split.test is not None:
            return self.training.split.test
        return timedelta(days=14) if self.split_by == "time" else 0.2

    @property
    def split_by(self) -> str:
        """`time` or `hash`."""
        return self.training.split.by or ("time" if self.event_time else "hash")

    @property
    def folds_by(self) -> str:
        """How folds are made: `time`, `stratified`, `random`, `group` or `hash`."""
        split = self.training.split
        if split.folds_by is not None:
            return split.folds_by
        if split.group is not None:
            return "group"
        return "time" if self.split_by == "time" else "stratified"

    def moments(self, source: str) -> tuple[str, ...]:
        """The columns that rows of the source are put in time by: they can't be anything but times."""
        spec = self.sources[source]
        wanted = [spec.available_at.column] if spec.available_at is not None else []
        wanted += [join.as_of for join in self.prepare.join if join.source == source and join.as_of]
        if source == self.base:
            wanted += [column for column in (self.event_time, self.at) if column]
        return tuple(dict.fromkeys(wanted))

    def time_columns(self, source: str) -> tuple[str, ...]:
        """The columns that are read as times where the source has them, because the use case uses them as such."""
        spec = self.sources[source]
        wanted = list(self.moments(source))
        incremental = getattr(spec, "incremental", None)
        if incremental is not None and spec.types.get(incremental.by) is None:
            wanted.append(incremental.by)
        if self.features is not None and self.features.calendar is not None:
            wanted += self.features.calendar.columns
        wanted += [column for column, kind in spec.types.items() if kind == "datetime"]
        return tuple(dict.fromkeys(wanted))
