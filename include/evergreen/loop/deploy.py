"""`<uc>.deploy`: package → smoke test → roll out → settle."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import structlog

from ..artifacts import Artifact, BentoRef, ModelVersion, Release, Utc
from ..errors import PermanentError
from ..ledger.items import add_item
from ..ledger.records import gate_of, record_rollout_step
from ..ledger.releases import activate, add_release, all_releases, get_release, last_activation
from .claims import claim, close, refuse_if_held
from .costs import costed
from .instance import Instance
from .reconcile import reconcile

log = structlog.get_logger()


class DeployPlan(Artifact):
    """What one deploy run sets out from: a model that has passed the gate, and the activation it starts from."""

    use_case: str
    run_id: str
    item: int
    model: ModelVersion
    after: int
    as_of: Utc


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
    """Build the bento of the model, once a model."""
    from ..delivery.package import package as build

    with costed(instance, run.use_case, "package", run.run_id, run.as_of):
        return build(
            run.use_case,
            instance.models.folder(run.model),
            run.model,
            store=instance.settings.home.absolute() / "bentoml",
            source_root=Path(__file__).parents[2],
        )


def roll_out(
    instance: Instance,
    run: DeployPlan,
    bento: BentoRef,
    *,
    stats: Callable[[int], object] | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> Release:
    """Give the release its traffic step by step, settle it, and open its scoring. Re-entrant by run id.

    Raises RolloutAborted when the new release broke its limits, ActivationMoved when another became active meanwhile.
    """
    from ..delivery.rollout import RolloutAborted
    from ..delivery.rollout import roll_out as steps

    name = run.use_case
    use_case = instance.use_case(name)
    with instance.ledger() as db:
        release = add_release(db, name, run.model, bento)
        last = last_activation(db, name)
        previous = get_release(db, name, last.release) if last is not None else None
    if last is not None and last.run_id == run.run_id:
        return settle(instance, run, release)

    def set_weights(percent: int) -> None:
        with instance.ledger() as db:
            record_rollout_step(db, name, run.run_id, release.number, percent, "running", {})

    shown = previous if previous is not None and previous.number != release.number else None
    demo = instance.settings.profile == "demo"
    result = steps(
        use_case.rollout,
        release=release.number,
        previous=shown.number if shown is not None else None,
        set_weights=set_weights,
        stats=stats,
        sleep=sleep,
        bake=timedelta(seconds=3) if demo else use_case.rollout.bake,
    )
    with instance.ledger() as db:
        body = {"reasons": list(result.reasons)}
        percent = 100 if result.outcome == "completed" else 0
        record_rollout_step(db, name, run.run_id, release.number, percent, result.outcome, body)
    if result.outcome == "aborted":
        close(instance, run.item, run.run_id, "aborted")
        raise RolloutAborted(f"{name}: release {release.number} was taken back: {'; '.join(result.reasons)}")
    return settle(instance, run, release)


def settle(instance: Instance, run: DeployPlan, release: Release) -> Release:
    """Make the release the active one and write what follows from it."""
    name = run.use_case
    with instance.ledger() as db:
        gate = gate_of(db, name, run.model.version)
        why = f"gate: {gate.verdict} against {gate.against}" if gate is not None else "by hand"
        row = activate(db, name, release.number, after=run.after, why=why, run_id=run.run_id, data_time=run.as_of)
        head = instance.registry.head(name)
        if head is not None:
            payload = {"dataset_version": head.number}
            add_item(db, name, "score", f"activation {row.n}", head.data_time, payload)
    instance.models.alias(name, "champion", release.model.version)
    close(instance, run.item, run.run_id, f"release {release.number}")
    log.info("release active", use_case=name, release=release.number, activation=row.n)
    return release
