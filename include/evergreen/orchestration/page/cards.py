"""What the page shows of a use case. Everything is bounded: a long history costs no more than a short one."""

from __future__ import annotations

from typing import Literal

from evergreen.artifacts import Artifact, Reason, Utc

REASONS = 20
TEXT = 500
Status = Literal["problem", "held", "active", "new"]
"""The worst that is true of a use case; `new` has no release yet."""


class Said(Artifact):
    """One reason of a decision: True speaks for it, False against it, None could not be judged."""

    check: str
    passed: bool | None
    text: str

    @classmethod
    def of(cls, reasons: tuple[Reason, ...]) -> tuple[Said, ...]:
        """The first reasons, their texts cut where they are long."""
        return tuple(cls(check=r.check, passed=r.passed, text=short(r.text)) for r in reasons[:REASONS])


class Data(Artifact):
    """The newest dataset version. `quarantine` counts rows; `restores` is the version that a rollback brought back."""

    version: str
    rows: int
    quarantine: int
    data_time: Utc
    restores: int | None


class Active(Artifact):
    """The active release; `since` is data time, `activated` real time."""

    release: int
    model: int
    candidate: str
    dataset_version: int
    since: Utc
    activated: Utc
    why: str


class Rollout(Artifact):
    """A rollout on its way: this release has `percent` of the traffic."""

    release: int
    percent: int


class Look(Artifact):
    """What monitoring saw last."""

    dataset_version: int
    data_time: Utc
    violation: bool | None
    reasons: tuple[Said, ...]


class Decision(Artifact):
    """The last retrain decision; `answer` is its reason in one sentence."""

    retrain: bool
    dataset_version: int
    data_time: Utc
    answer: str
    reasons: tuple[Said, ...]


class Gate(Artifact):
    """The last gate; `approved` is a person's answer, None where none was asked for or given yet."""

    verdict: Literal["pass", "fail", "not_enough_evidence"]
    model: int
    against: str
    data_time: Utc
    approved: bool | None
    reasons: tuple[Said, ...]


class Waiting(Artifact):
    """An open item; `at_work` while a run holds its lease."""

    kind: str
    subject: str
    as_of: Utc
    at_work: bool


class Hold(Artifact):
    """What is held, why, by whom where that was noted, and the command that ends it."""

    what: str
    reason: str
    by: str | None
    command: str


class Told(Artifact):
    """An alert that no later night has made old."""

    kind: str
    text: str
    data_time: Utc


class Activated(Artifact):
    """A row of the activation log; `by` asked for it, where that was noted."""

    n: int
    release: int
    why: str
    by: str | None
    data_time: Utc
    at: Utc


class Progress(Artifact):
    """A run: who asked for it, how far it is, how it ended. `step` is where it is, `steps` how many it has begun."""

    kind: str
    run_id: str
    subject: str | None
    state: str
    asked_by: str
    began: Utc
    seconds: float
    step: str | None
    steps: int
    text: str | None


class Link(Artifact):
    """A way out of the page. `url` is relative to the page, or absolute where it leads to another server."""

    label: str
    url: str
    new_tab: bool = False


class Card(Artifact):
    """One use case on the page; what could not be read is None, and `problems` says why."""

    name: str
    title: str
    owner: str
    status: Status
    problems: tuple[str, ...] = ()
    data: Data | None = None
    active: Active | None = None
    rollout: Rollout | None = None
    look: Look | None = None
    decision: Decision | None = None
    gate: Gate | None = None
    waiting: tuple[Waiting, ...] = ()
    waiting_more: int = 0
    holds: tuple[Hold, ...] = ()
    alerts: tuple[Told, ...] = ()
    activations: tuple[Activated, ...] = ()
    runs: tuple[Progress, ...] = ()
    links: tuple[Link, ...] = ()


class Page(Artifact):
    """A slice of all cards the reader may see. `total` counts those that match; `problems` are the instance's own."""

    cards: tuple[Card, ...]
    total: int
    offset: int
    problems: tuple[str, ...] = ()


def short(text: str, most: int = TEXT) -> str:
    """At most `most` characters of a text."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
