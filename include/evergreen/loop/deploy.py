"""`<uc>.deploy`: package → smoke test → roll out → settle."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from evergreen.artifacts import Artifact, BentoRef, ModelVersion, Release, Utc
from evergreen.errors import PermanentError
from evergreen.ledger.errors import ActivationMoved, Busy
from evergreen.ledger.items import add_item, keep_item
from evergreen.ledger.records import gate_of, hold_on, record_rollout_step, rollout_of_another
from evergreen.ledger.releases import activate, add_release, all_releases, get_release, last_activation, must_be_last
from evergreen.loop.claims import LEASE, claim, close, held, refuse_if_held
from evergreen.loop.costs import costed
from evergreen.loop.instance import Instance
from evergreen.loop.reconcile import reconcile
from evergreen.loop.service_client import ServiceClient

if TYPE_CHECKING:
    import polars as pl
    from sqlalchemy import Connection

log = structlog.get_logger()
DEMO_BAKE = timedelta(seconds=4)
EXAMPLES = 5
"""Rows that go along with a bento and that the smoke test asks for."""


class RolloutAborted(PermanentError):
    """The new release broke its limits while it was rolled out, and was taken back."""


class DeployPlan(Artifact):
    """What one deploy run sets out from: a model that has passed the gate, and the activation it starts from."""

    use_case: str
    run_id: str
    item: int
    model: ModelVersion
    after: int
    as_of: Utc

    @property
    def activation(self) -> str:
        """Names its row of the activation log: a run id may come again, for another model."""
        return f"{self.run_id}/{self.item}"


def plan(instance: Instance, name: str, run_id: str, *, release: int | None = None) -> DeployPlan:
    """Claim the oldest model that waits; with `release` roll out that one again.

    Raises NothingToDo, Held, and PermanentError for an unknown release.
    """
    refuse_if_held(instance, name, "deploy")
    reconcile(instance, name)
    subject = None
    if release is not None:
        subject = f"release {release} by {run_id}"
        with instance.ledger() as db:
            wanted, last = get_release(db, name, release), last_activation(db, name)
            known = ", ".join(str(r.number) for r in all_releases(db, name)) or "none"
            if wanted is None or last is None:
                raise PermanentError(f"{name} has no release {release}; releases are {known}")
            payload = {"model": wanted.model.model_dump(mode="json")}
            add_item(db, name, "deploy", subject, last.data_time, payload)
    item = claim(instance, name, "deploy", run_id, subject=subject)
    with instance.ledger() as db:
        last = last_activation(db, name)
    return DeployPlan(
        use_case=name,
        run_id=run_id,
        item=item.id,
        model=ModelVersion.model_validate(item.payload["model"]),
        after=last.n if last is not None else 0,
        as_of=item.as_of,
    )


def package(instance: Instance, run: DeployPlan) -> BentoRef:
    """Build the bento of the model, once a model, with example rows of the data it learned from."""
    from evergreen.delivery.package import package as build

    with costed(instance, run.use_case, "package", run.run_id, run.as_of):
        return build(
            run.use_case,
            instance.models.folder(run.model),
            run.model,
            store=instance.settings.home.absolute() / "bentoml",
            source_root=Path(__file__).parents[2],
            requirements=Path(__file__).parents[3] / "requirements.txt",
            example=_example(instance, run),
        )


def _example(instance: Instance, run: DeployPlan) -> pl.DataFrame:
    from evergreen.parquet import read_rows

    version = instance.registry.get(run.use_case, run.model.dataset_version)
    newest = max(instance.registry.parts(version).table_files().items())[1]
    return read_rows(newest).head(EXAMPLES)


def smoke(instance: Instance, run: DeployPlan, bento: BentoRef) -> None:
    """Start the bento by itself and compare its answers over HTTP with the model's own. Raises SmokeTestFailed."""
    from evergreen.delivery.smoke import smoke_test

    predictor = instance.models.load(run.model)
    rows = _example(instance, run).select(column.name for column in predictor.schema)
    smoke_test(bento, rows, predictor.predict(rows))


def roll_out(
    instance: Instance,
    run: DeployPlan,
    bento: BentoRef,
    *,
    say: Callable[[str], object],
    sleep: Callable[[float], None] = time.sleep,
) -> Release:
    """Give the release its traffic step by step. Re-entrant by run id.

    Raises RolloutAborted when the new release broke its limits, and ActivationMoved, Held or PermanentError once it may
    not go on: it has no traffic then, and the old one all of it. Raises Busy where another run's rollout is on its way.
    """
    from evergreen.delivery.rollout import roll_out as steps

    name = run.use_case
    use_case = instance.use_case(name)
    with instance.ledger() as db:
        release = add_release(db, name, run.model, bento)
        last = last_activation(db, name)
        previous = get_release(db, name, last.release) if last is not None else None
    if last is not None and last.run_id == run.activation:
        return release
    service = ServiceClient(instance)

    def set_weights(percent: int) -> None:
        with instance.ledger() as db:
            if percent > 0:
                _must_go_on(db, run, release, use_case.rollout.bake)
            elif rollout_of_another(db, name, run.run_id) is not None:
                return  # its share is not this run's to take back
            state = "running" if percent > 0 else "aborted"
            record_rollout_step(db, name, run.run_id, release.number, percent, state, {})
        service.reload()
        say(f"{percent}% of the requests to release {release.number}")

    same = previous is None or previous.number == release.number
    result = steps(
        use_case.rollout,
        release=release.number,
        previous=None if same else previous.number,  # type: ignore[union-attr]
        set_weights=set_weights,
        stats=lambda: service.stats(name),
        sleep=sleep,
        bake=DEMO_BAKE if instance.settings.profile == "demo" else use_case.rollout.bake,
    )
    for reason in result.reasons:
        say(reason)
    if result.outcome == "aborted":
        with instance.ledger() as db:
            record_rollout_step(db, name, run.run_id, release.number, 0, "aborted", {"reasons": list(result.reasons)})
        service.reload()
        close(instance, run.item, run.run_id, "aborted")
        raise RolloutAborted(f"{name}: release {release.number} was taken back: {'; '.join(result.reasons)}")
    return release


def _must_go_on(db: Connection, run: DeployPlan, release: Release, bake: timedelta) -> None:
    """Keep the run's item for as long as a step takes. Raises where a rollback, or another run, came between."""
    name = run.use_case
    must_be_last(db, name, release.number, run.after)
    other = rollout_of_another(db, name, run.run_id)
    if other is not None:
        raise Busy(
            f"{name}: release {release.number} waits, since run {other[0]} is rolling out release {other[1]}; once "
            f"that is through: `evergreen deploy {name} --release {release.number}`"
        )
    reason = hold_on(db, name, "deploy")
    if reason is not None:
        raise held(name, "deploy", reason)
    if not keep_item(db, run.item, run.run_id, LEASE + 2 * bake):  # a step may take longer than it is held
        raise PermanentError(
            f"{name}: release {release.number} is not rolled out: its deployment was closed, or another run is at it. "
            f"See `evergreen state {name}`; if it is still wanted: `evergreen deploy {name} --release {release.number}`"
        )


def settle(instance: Instance, run: DeployPlan, release: Release) -> Release:
    """Make the release the active one, end its rollout, and open what follows: one transaction.

    Raises ActivationMoved when another release became active meanwhile; this one has no traffic then.
    """
    name = run.use_case
    head = instance.registry.head(name)
    try:
        with instance.ledger() as db:
            gate = gate_of(db, name, run.model.version)
            why = f"gate: {gate.verdict} against {gate.against}" if gate is not None else "by hand"
            last = activate(
                db, name, release.number, after=run.after, why=why, run_id=run.activation, data_time=run.as_of
            )
            record_rollout_step(db, name, run.run_id, release.number, 100, "completed", {})
            if head is not None:
                payload = {"dataset_version": head.number}
                add_item(db, name, "score", f"activation {last.n}", head.data_time, payload)
    except ActivationMoved:
        with instance.ledger() as db:
            record_rollout_step(db, name, run.run_id, release.number, 0, "aborted", {})
        raise
    instance.models.alias(name, "champion", release.model.version)
    ServiceClient(instance).reload()
    close(instance, run.item, run.run_id, f"release {release.number}")
    log.info("release active", use_case=name, release=release.number, activation=last.n)
    return release


def load(references: dict[str, Any]) -> tuple[DeployPlan, BentoRef]:
    """What the first task handed on as JSON."""
    return DeployPlan.model_validate(references["plan"]), BentoRef.model_validate(references["bento"])
