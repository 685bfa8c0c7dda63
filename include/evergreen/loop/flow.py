"""The flow as data: which steps there are, what each is given, and which asset it wakes.

Airflow's DAGs, `evergreen run`, the page's links, the story and the table in docs/design.md are made from this.
A new step is an entry here and a function in the module that `call` names.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from evergreen.spec import UseCase


@dataclass(frozen=True, slots=True)
class Each:
    """A step that is done once for each part, side by side: `name` is what a part is called, e.g. `source`.

    `shared`: the parts work on one thing, so that a single process does it as part 0 alone.
    """

    name: str
    parts: Callable[[UseCase], Sequence[str | int]]
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One arrow of the flow: a task in Airflow, a part of `evergreen run`.

    `call` is `module:function` below `evergreen.loop`. The function is given the run, then the results of the steps in
    `takes`, then its part where there is `each`. `after` are steps that only have to be done before. `wakes` is the
    asset that Airflow emits after it. A step that asks a person has no function; its answer is the person's.
    """

    name: str
    does: str
    call: str | None = None
    takes: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    each: Each | None = None
    wakes: str | None = None
    when: Callable[[UseCase], bool] = lambda _: True
    command: str | None = None
    """What a person types to answer, with the results of earlier steps by name."""

    @property
    def asks(self) -> bool:
        """Whether a person answers, and nothing is done."""
        return self.call is None


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a person may fill in who starts a stage by hand."""

    name: str
    title: str
    help: str
    type: Literal["text", "number", "yes_or_no"] = "text"


@dataclass(frozen=True, slots=True)
class Stage:
    """A run's steps in their order: a DAG in Airflow.

    `woken_by` are the assets that start it, `cron` the schedule. `longest` is how long a run may take.
    """

    name: str
    doc: str
    steps: tuple[Step, ...]
    woken_by: tuple[str, ...] = ()
    cron: Callable[[UseCase], str] | None = None
    parameters: tuple[Parameter, ...] = ()
    longest: Callable[[UseCase], timedelta] = lambda _: timedelta(hours=12)
    deadline: Callable[[UseCase], timedelta] | None = None
    """How long after it was woken a run has to be through; later there is an alert."""

    def steps_for(self, use_case: UseCase) -> tuple[Step, ...]:
        """The steps that a use case has."""
        return tuple(step for step in self.steps if step.when(use_case))

    def step(self, name: str) -> Step:
        """A step by its name."""
        return next(step for step in self.steps if step.name == name)


def _asks(use_case: UseCase) -> bool:
    return use_case.promotion.approve == "always"


INGEST = Stage(
    "ingest",
    """
Reads what the sources have new, checks it, and publishes it as the next dataset version.

Each night it reads on from where the last published version stopped. Rows that break a rule go to quarantine. If more
than `quality.quarantine_at_most` do, nothing is published. A version is whole or absent: whatever is killed on the way,
the next run begins again from the last published version.
""",
    (
        Step("begin", "Adopt what was done by hand, look for holds, note the parent version.", "ingest:begin"),
        Step(
            "extract",
            "Read one source's new rows into the run's staging folder.",
            "ingest:extract",
            ("begin",),
            each=Each("source", lambda use_case: list(use_case.sources)),
        ),
        Step(
            "prepare",
            "Append to the source states and rebuild the table rows they touch.",
            "ingest:prepare",
            ("begin", "extract"),
        ),
        Step(
            "validate",
            "Hold the rows against the expectations. The failing ones go to quarantine.",
            "ingest:validate",
            ("begin", "prepare"),
        ),
        Step(
            "publish",
            "Make the version visible in one step and note it in the ledger.",
            "ingest:publish",
            ("begin", "validate"),
            wakes="dataset",
        ),
    ),
    cron=lambda use_case: use_case.schedule.ingest,
    parameters=(
        Parameter(
            "as_of",
            "Data time",
            "Read everything up to this data time, e.g. `2013-03-01T02:00Z`. Empty: the simulated clock, if the use "
            "case has one, else the end of the run's interval.",
        ),
    ),
)

MONITOR = Stage(
    "monitor",
    """
Measures the newest version and decides whether retraining pays.

`measure` compares the newest window with the training data, and the predictions with the labels that have come.
`decide` weighs this against labelled rows, cooldown and budget. A no is recorded with its reasons, like a yes.
`wake_training` is skipped on a no.

Wakes on a new dataset version and at the nightly `schedule.retrain`. At night it also looks whether there are
predictions of the last ingest that was due, and raises an alert where there are none.
""",
    (
        Step("measure", "Drift of the newest window, performance on labels that have come.", "monitor:measure"),
        Step("decide", "Retrain or not, with every reason.", "monitor:decide", ("measure",)),
        Step("wake_training", "Wake the training. Skipped on a no.", "monitor:wake", ("decide",), wakes="retrain"),
    ),
    woken_by=("dataset",),
    cron=lambda use_case: use_case.schedule.retrain,
    longest=lambda _: timedelta(hours=6),
)

TRAIN = Stage(
    "train",
    """
Searches for a challenger and lets it prove itself.

`search` runs as several tasks on one Optuna study. `gate` compares the challenger with the champion on the same rows,
which neither has learned from. *Not enough evidence* is an answer. `wake_deploy` is skipped unless it passed. Where the
use case says `approve: always`, a challenger that passed waits at `approve` for a person's answer.
""",
    (
        Step("snapshot", "Claim the training and cut its rows, once for all workers.", "train:snapshot"),
        Step(
            "search",
            "One worker on the shared study. Its log says how far the study is.",
            "train:search",
            ("snapshot",),
            each=Each("worker", lambda use_case: list(range(use_case.training.search.workers)), shared=True),
        ),
        Step("evaluate", "Fit the winner and register it in MLflow.", "train:evaluate", ("snapshot",), ("search",)),
        Step(
            "gate",
            "May the challenger ship? The decision and every reason go to the ledger and to MLflow.",
            "train:gate",
            ("snapshot", "evaluate"),
        ),
        Step(
            "passed",
            "Ask nobody about a challenger that may not ship anyway.",
            "train:passed",
            ("gate",),
            when=_asks,
        ),
        Step(
            "approve",
            "A person says whether the challenger ships.",
            after=("passed",),
            when=_asks,
            command="evergreen approve {use_case} {evaluate[version]}",
        ),
        Step(
            "wake_deploy",
            "Hand the challenger to the deployment. Skipped unless it passed and whoever was asked agrees.",
            "train:wake",
            ("evaluate", "gate", "approve"),
            wakes="model",
        ),
    ),
    woken_by=("retrain",),
    parameters=(
        Parameter("by_hand", "Train now", "On the newest version, whatever the last decision said.", "yes_or_no"),
        Parameter("trials", "Trials", "How many configurations to try. Empty: as the use case says.", "number"),
    ),
    longest=lambda use_case: (
        timedelta(hours=12) + (use_case.promotion.approve_within if _asks(use_case) else timedelta(0))
    ),
)

DEPLOY = Stage(
    "deploy",
    """
Packages a model that has passed the gate as a bento, tries it over HTTP, gives it its traffic step by step, and makes
it the active release.
""",
    (
        Step("package", "Claim the model and build its bento.", "deploy:package"),
        Step(
            "smoke_test",
            "Start the bento by itself and compare its answers with the model's.",
            "deploy:smoke_test",
            ("package",),
        ),
        Step(
            "roll_out",
            "Give the release its share of the traffic, step by step. Take it back when it breaks its limits.",
            "deploy:roll_out",
            ("package",),
            ("smoke_test",),
        ),
        Step("settle", "Make it the active release.", "deploy:settle", ("package", "roll_out"), wakes="release"),
    ),
    woken_by=("model",),
    parameters=(
        Parameter(
            "release",
            "Release to roll out again",
            "Roll out this earlier release again. Empty: the oldest model that waits.",
            "number",
        ),
    ),
    # besides, each step of the rollout may take twice as long as it is held
    longest=lambda use_case: timedelta(hours=12) + 2 * len(use_case.rollout.steps) * use_case.rollout.bake,
)

SCORE = Stage(
    "score",
    """
Scores the rows that are still to come with the active release, once a release. It keeps the predictions and writes them
to `scoring.destination`.

Wakes on a new dataset version and on a new release. When a run is not through within `scoring.deadline`, an alert is in
the ledger and on the Evergreen page.
""",
    (
        Step("score", "Predict the upcoming rows and keep the predictions.", "score:score"),
        Step("write", "Write them where the use case wants them.", "score:write", ("score",), wakes="predictions"),
    ),
    woken_by=("dataset", "release"),
    longest=lambda _: timedelta(hours=6),
    deadline=lambda use_case: use_case.scoring.deadline,
)

STAGES = (INGEST, MONITOR, TRAIN, DEPLOY, SCORE)
"""The stages that every use case has, in the order of the flow."""
ASSETS = tuple(dict.fromkeys(step.wakes for stage in STAGES for step in stage.steps if step.wakes is not None))
"""What wakes one stage after another, in the order of the flow."""


def stage(name: str) -> Stage:
    """A use case's stage by its name."""
    return next(one for one in STAGES if one.name == name)


def wakes(kind: str) -> str:
    """The asset that wakes the stage which does this kind of item."""
    return stage(kind).woken_by[0]
