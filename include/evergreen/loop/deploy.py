"""`<uc>.deploy`: package → smoke test → roll out → settle."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from evergreen.artifacts import Artifact, BentoRef, ModelVersion, Release
from evergreen.errors import PermanentError
from evergreen.ledger.errors import ActivationMoved, Busy
from evergreen.ledger.items import add_item, keep_item
from evergreen.ledger.records import gate_of, hold_on, record_rollout_step, rollout_of_another
from evergreen.ledger.releases import activate, add_release, all_releases, get_release, last_activation, must_be_last
from evergreen.loop.claims import LEASE, claim, close, held, refuse_if_held
from evergreen.loop.instance import Instance
from evergreen.loop.reconcile import reconcile
from evergreen.loop.run import Run
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


class Packaged(Artifact):
    """A model that has passed the gate in its bento, and the activation that its deployment starts from."""

    model: ModelVersion
    bento: BentoRef
    after: int


def package(run: Run) -> Packaged:
    """Claim the oldest model that waits, or the `release` that a person names, and build its bento, once a model.

    Example rows of the data it learned from go along. Raises NothingToDo, Held, and PermanentError for an unknown
    release.
    """
    from evergreen.delivery.package import package as build

    run, model, after = claim_model(run)
    instance, name = run.instance, run.name
    bento = build(
        name,
        instance.models.folder(model),
        model,
        store=instance.settings.home.absolute() / "bentoml",
        source_root=Path(__file__).parents[2],
        requirements=Path(__file__).parents[3] / "requirements.txt",
        example=_example(instance, model),
    )
    run.say(f"{bento.tag}: built")
    return Packaged(model=model, bento=bento, after=after)


def claim_model(run: Run) -> tuple[Run, ModelVersion, int]:
    """The run with its claim, the model that waits, and the activation that the deployment starts from."""
    instance, name = run.instance, run.name
    refuse_if_held(instance, name, "deploy")
    reconcile(instance, name)
    wanted = run.params.get("release")
    run = claim(run, "deploy", subject=_again(run, wanted) if wanted is not None else None)
    with instance.ledger() as db:
        last = last_activation(db, name)
    return run, ModelVersion.model_validate(run.payload["model"]), last.n if last is not None else 0


def _again(run: Run, release: int) -> str:
    """Open the deployment of an earlier release; the item's subject."""
    name, subject = run.name, f"release {release} by {run.id}"
    with run.instance.ledger() as db:
        wanted, last = get_release(db, name, release), last_activation(db, name)
        known = ", ".join(str(r.number) for r in all_releases(db, name)) or "none"
        if wanted is None or last is None:
            raise PermanentError(f"{name} has no release {release}; releases are {known}")
        add_item(db, name, "deploy", subject, last.data_time, {"model": wanted.model.model_dump(mode="json")})
    return subject


def _example(instance: Instance, model: ModelVersion) -> pl.DataFrame:
    from evergreen.parquet import read_rows

    version = instance.registry.get(model.use_case, model.dataset_version)
    newest = max(instance.registry.parts(version).table_files().items())[1]
    return read_rows(newest).head(EXAMPLES)


def smoke_test(run: Run, packaged: Packaged) -> None:
    """Start the bento by itself and compare its answers over HTTP with the model's own. Raises SmokeTestFailed."""
    from evergreen.delivery.smoke import smoke_test as try_it

    predictor = run.instance.models.load(packaged.model)
    rows = _example(run.instance, packaged.model).select(column.name for column in predictor.schema)
    try_it(packaged.bento, rows, predictor.predict(rows))
    run.say(f"{packaged.bento.tag}: answers as the model does")


def roll_out(run: Run, packaged: Packaged, *, sleep: Callable[[float], None] = time.sleep) -> Release:
    """Give the release its traffic step by step. Re-entrant by run id.

    Raises RolloutAborted when the new release broke its limits, and ActivationMoved, Held or PermanentError once it may
    not go on: it has no traffic then, and the old one all of it. Raises Busy where another run's rollout is on its way.
    """
    from evergreen.delivery.rollout import roll_out as steps

    instance, name, rollout = run.instance, run.name, run.use_case.rollout
    with instance.ledger() as db:
        release = add_release(db, name, packaged.model, packaged.bento)
        last = last_activation(db, name)
        previous = get_release(db, name, last.release) if last is not None else None
    if last is not None and last.run_id == _activation(run):
        return release
    service = ServiceClient(instance)

    def set_weights(percent: int) -> None:
        with instance.ledger() as db:
            if percent > 0:
                _must_go_on(db, run, packaged, release)
            elif rollout_of_another(db, name, run.id) is not None:
                return  # its share is not this run's to take back
            state = "running" if percent > 0 else "aborted"
            record_rollout_step(db, name, run.id, release.number, percent, state, {})
        service.reload()
        run.say(f"{percent}% of the requests to release {release.number}")

    same = previous is None or previous.number == release.number
    result = steps(
        rollout,
        release=release.number,
        previous=None if same else previous.number,  # type: ignore[union-attr]
        set_weights=set_weights,
        stats=lambda: service.stats(name),
        sleep=sleep,
        bake=DEMO_BAKE if instance.settings.profile == "demo" else rollout.bake,
    )
    for reason in result.reasons:
        run.say(reason)
    if result.outcome == "aborted":
        with instance.ledger() as db:
            record_rollout_step(db, name, run.id, release.number, 0, "aborted", {"reasons": list(result.reasons)})
        service.reload()
        close(run, "aborted")
        raise RolloutAborted(f"{name}: release {release.number} was taken back: {'; '.join(result.reasons)}")
    return release


def _activation(run: Run) -> str:
    """Names the run's row of the activation log: a run id may come again, for another model."""
    return f"{run.id}/{run.item}"


def _must_go_on(db: Connection, run: Run, packaged: Packaged, release: Release) -> None:
    """Keep the run's item for as long as a step takes. Raises where a rollback, or another run, came between."""
    name, bake = run.name, run.use_case.rollout.bake
    must_be_last(db, name, release.number, packaged.after)
    other = rollout_of_another(db, name, run.id)
    if other is not None:
        raise Busy(
            f"{name}: release {release.number} waits, since run {other[0]} is rolling out release {other[1]}; once "
            f"that is through: `evergreen deploy {name} --release {release.number}`"
        )
    reason = hold_on(db, name, "deploy")
    if reason is not None:
        raise held(name, "deploy", reason)
    if not keep_item(db, run.item, run.id, LEASE + 2 * bake):  # a step may take longer than it is held
        raise PermanentError(
            f"{name}: release {release.number} is not rolled out: its deployment was closed, or another run is at it. "
            f"See `evergreen state {name}`; if it is still wanted: `evergreen deploy {name} --release {release.number}`"
        )


def settle(run: Run, packaged: Packaged, release: Release) -> Release:
    """Make the release the active one, end its rollout, and open what follows: one transaction.

    Raises ActivationMoved when another release became active meanwhile; this one has no traffic then.
    """
    instance, name = run.instance, run.name
    head = instance.registry.head(name)
    try:
        with instance.ledger() as db:
            gate = gate_of(db, name, packaged.model.version)
            why = f"gate: {gate.verdict} against {gate.against}" if gate is not None else "by hand"
            last = activate(
                db, name, release.number, after=packaged.after, why=why, run_id=_activation(run), data_time=run.as_of
            )
            record_rollout_step(db, name, run.id, release.number, 100, "completed", {})
            if head is not None:
                payload = {"dataset_version": head.number}
                add_item(db, name, "score", f"activation {last.n}", head.data_time, payload)
    except ActivationMoved:
        with instance.ledger() as db:
            record_rollout_step(db, name, run.id, release.number, 0, "aborted", {})
        raise
    instance.models.alias(name, "champion", release.model.version)
    ServiceClient(instance).reload()
    close(run, f"release {release.number}")
    log.info("release active", use_case=name, release=release.number, activation=last.n)
    run.say(f"release {release.number} is active: model {release.model.version}, data v{release.dataset_version}")
    return release
