"""The frozen references that pass between stages, tasks and stores: what was made, where it lies, how to check it.

A reference is small and goes through JSON (`model_dump(mode="json")`, `model_validate`), so it fits an Airflow XCom and
a row of the ledger. Data never travel this way. Every time is an aware UTC datetime.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from evergreen.errors import sentence

JsonObject = dict[str, Any]


def _utc(value: datetime) -> datetime:
    if value.tzinfo is None:
        return value.replace(tzinfo=UTC)
    return value.astimezone(UTC)


Utc = Annotated[datetime, AfterValidator(_utc)]


class Artifact(BaseModel):
    """Base of all references: frozen, strict about its fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class BatchRef(Artifact):
    """The rows one ingest run took from one source, in the run's staging folder (Parquet).

    `batch` identifies the content (a hash of source, rows and cursor), so the same batch taken twice has one identity.
    `broken` counts lines of files that could not be read; they lie beside the rows in `broken_path`, without values.
    """

    use_case: str
    source: str
    batch: str
    path: Path
    sha256: str
    rows: int
    broken: int = 0
    broken_path: Path | None = None
    data_time: Utc
    cursor: JsonObject
    columns: dict[str, str]
    """Column name to Polars type, of the source's own columns."""


class BatchEntry(Artifact):
    """A batch as the manifest remembers it: what it was and how many of its row versions were new."""

    batch: str
    source: str
    rows: int
    new: int
    broken: int
    sha256: str
    data_time: Utc


class Manifest(Artifact):
    """What is said in git beside the DVC pointer of a dataset version.

    `cursors` maps a source to how far it has been read; `schemas` a source to its columns and Polars types; `batches`
    are all batches that the version's source states were built from, oldest first; `counts` are numbers of rows
    (`table`, `quarantine`, `provisional`, `late_base`, `labelled`, `static_changes` …); `spec` is the content hash of
    the use case's file at the time.
    """

    use_case: str
    number: int
    parent: int | None
    restores: int | None = None
    data_time: Utc
    run_id: str
    spec: str
    cursors: dict[str, JsonObject] = Field(default_factory=dict)
    schemas: dict[str, dict[str, str]] = Field(default_factory=dict)
    batches: tuple[BatchEntry, ...] = ()
    counts: dict[str, int] = Field(default_factory=dict)
    excluded: tuple[str, ...] = ()
    """Batches a person has excluded; exactly their rows stay out."""


class DatasetVersion(Artifact):
    """A published, immutable state of a use case's data, e.g. `flights@v12`."""

    use_case: str
    number: int
    commit: str
    tree: str
    """md5 of the DVC directory object (`….dir`)."""
    data_time: Utc
    rows: int

    @property
    def name(self) -> str:
        """`flights@v12`: the git tag in the data registry."""
        return f"{self.use_case}@v{self.number}"


class StagedVersion(Artifact):
    """What an ingest run wants to publish: files that differ from the parent's tree, not yet visible to anyone."""

    use_case: str
    parent: int | None
    folder: Path
    """Holds the changed files under their tree paths (`table/…`, `sources/…`, `quarantine/…`)."""
    removed: tuple[str, ...] = ()
    batches: tuple[BatchRef, ...] = ()
    new_rows: dict[str, int] = Field(default_factory=dict)
    """Source to the number of row versions that were new."""
    counts: dict[str, int] = Field(default_factory=dict)
    data_time: Utc
    run_id: str


class Snapshot(Artifact):
    """The rows one training works on, frozen as Parquet: what is learned from, and the gate window nobody learns from.

    By time every label in `train` was known at `window_start`, and the window's rows lie in (`window_start`,
    `window_end`]; by hash both are None and the window is the fixed holdout. `refit` holds what a refit may learn from.
    `counts` says what became of the table's rows (`table`, `provisional`, `late_base`, `unlabelled`, of which `closed`,
    `mature` …).
    """

    use_case: str
    as_of: Utc
    train: Path
    train_sha256: str
    train_rows: int
    window: Path
    window_sha256: str
    window_rows: int
    window_start: Utc | None
    window_end: Utc | None
    refit: Path | None = None
    refit_sha256: str | None = None
    counts: dict[str, int] = Field(default_factory=dict)


class KeptApart(Artifact):
    """How rows were kept from a model: by time those after `before`, by hash a `share` by the values of `columns`."""

    before: Utc | None = None
    share: float | None = None
    columns: tuple[str, ...] = ()


class ModelVersion(Artifact):
    """A fitted pipeline, registered in MLflow under the use case's name."""

    use_case: str
    version: int
    run_id: str
    uri: str
    sha256: str
    """Of the model's folder: every file's path and bytes."""
    dataset_version: int
    candidate: str
    params: JsonObject = Field(default_factory=dict)
    seed: int
    trained_before: Utc | None
    """Only rows whose labels were known before this moment were learned from; None without time."""
    twin_uri: str | None = None
    """With `refit: true`, the compared model that stands for this one in later gates."""
    twin_sha256: str | None = None
    kept_apart: KeptApart | None = None
    """Of the compared model. None: trained before this was recorded."""


class BentoRef(Artifact):
    """A packaged service in the BentoML store."""

    use_case: str
    tag: str
    path: Path
    sha256: str
    model_version: int


class Release(Artifact):
    """Dataset version + model version + bento. Immutable; which one is active is a fact of the activation log."""

    use_case: str
    number: int
    dataset_version: int
    model: ModelVersion
    bento: BentoRef


class Reason(Artifact):
    """One check of a decision: what was looked at, what came out, and in words."""

    check: str
    passed: bool | None
    """None: could not be judged."""
    text: str
    """A sentence; ledgers from before have clauses here (see `told`)."""
    value: float | None = None
    limit: float | None = None


def told(reasons: Iterable[Reason], most: int = 2) -> str:
    """The first reasons as sentences, and how many more there are."""
    texts = [sentence(reason.text) for reason in reasons]
    beside = len(texts) - most
    more = (
        [f"{beside} more {'reason stands' if beside == 1 else 'reasons stand'} in the details."] if beside > 0 else []
    )
    return " ".join(texts[:most] + more)


GATE_NEEDS = ("rows", "gain", "calibration")
"""What a gate has to be able to judge; without one of them there is not enough evidence."""


class GateDecision(Artifact):
    """May the challenger ship? `not_enough_evidence` is an answer."""

    use_case: str
    verdict: Literal["pass", "fail", "not_enough_evidence"]
    model_version: int
    against: str
    """`release 3`, or `baseline` when there is no champion."""
    dataset_version: int
    window: tuple[Utc, Utc] | None
    window_uses: int
    """How often this window had already been used to judge a challenger."""
    metrics: dict[str, float] = Field(default_factory=dict)
    reasons: tuple[Reason, ...]

    @property
    def line(self) -> str:
        """The verdict and what decided it, e.g. `Gate: failed against release 3. …`. The rest stands in `reasons`."""
        said = {"pass": "passed", "fail": "failed", "not_enough_evidence": "not enough evidence"}[self.verdict]
        against = self.against if self.against != "baseline" else "the baseline"
        deciding = {
            "pass": [reason for reason in self.reasons if reason.check == "gain"],
            "fail": [reason for reason in self.reasons if reason.passed is False],
            "not_enough_evidence": [r for r in self.reasons if r.passed is None and r.check in GATE_NEEDS],
        }[self.verdict]
        return f"Gate: {said} against {against}. {told(deciding)}".rstrip()


class RetrainDecision(Artifact):
    """Retrain or not, and why; a no is recorded as carefully as a yes."""

    use_case: str
    retrain: bool
    dataset_version: int
    data_time: Utc
    release: int | None
    reasons: tuple[Reason, ...]
    metrics: dict[str, float] = Field(default_factory=dict)

    @property
    def line(self) -> str:
        """The answer and why, e.g. `Retrain: no. Nothing asks for it.` Every check stands in `reasons`."""
        return f"Retrain: {'yes' if self.retrain else 'no'}. {self.why}".rstrip()

    @property
    def why(self) -> str:
        """What decided, in one or two sentences."""
        text = next((reason.text for reason in self.reasons if reason.check == "decision"), "")
        for before in ("not retrained, since ", "retrained, since "):  # older ledgers have it so
            text = text.removeprefix(before)
        return sentence(text) if text else ""
