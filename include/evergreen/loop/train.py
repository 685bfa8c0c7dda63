"""`<uc>.train`: snapshot → search → evaluate → gate → [approve]."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from evergreen.artifacts import Artifact, GateDecision, ModelVersion, Snapshot, Utc
from evergreen.errors import PermanentError
from evergreen.ledger.items import add_item
from evergreen.ledger.records import approve as note_answer
from evergreen.ledger.records import gate_of, record_gate, window_uses
from evergreen.loop.active import active_release
from evergreen.loop.claims import LEASE, claim, close, refuse_if_held
from evergreen.loop.costs import costed
from evergreen.loop.instance import Instance
from evergreen.loop.reconcile import reconcile
from evergreen.loop.rival import rival_of
from evergreen.spec.load import fingerprint

if TYPE_CHECKING:
    from evergreen.spec import UseCase
    from evergreen.training.configuration import Configuration

DEMO_TRIALS = 4


class TrainPlan(Artifact):
    """What one training run sets out from."""

    use_case: str
    run_id: str
    item: int
    key: str
    """Names the model, and begins the study's name: the same for every attempt at the same item."""
    dataset_version: int
    as_of: Utc
    trials: int
    workers: int
    seed: int


def request(instance: Instance, name: str, run_id: str) -> str:
    """Open a training by hand on the newest version; the item's subject. Raises PermanentError without a version."""
    head = reconcile(instance, name)
    if head is None:
        raise PermanentError(f"{name} has no dataset version yet; run its ingest first")
    subject = f"{head.name} by {run_id}"
    with instance.ledger() as db:
        add_item(db, name, "train", subject, head.data_time, {"dataset_version": head.number})
    return subject


def plan(instance: Instance, name: str, run_id: str, *, by_hand: bool = False, trials: int | None = None) -> TrainPlan:
    """Claim the oldest open training, or one asked for by hand. Raises NothingToDo and Held."""
    from evergreen.training.nested import searches
    from evergreen.training.portfolio import usual_trials

    use_case = instance.use_case(name)
    refuse_if_held(instance, name, "retrain")
    subject = request(instance, name, run_id) if by_hand else None
    reconcile(instance, name)
    lease = LEASE + searches(use_case) * use_case.training.search.timeout
    item = claim(instance, name, "train", run_id, subject=subject, lease=lease)
    usual = usual_trials(use_case)
    wanted = trials or (min(DEMO_TRIALS, usual) if instance.settings.profile == "demo" else usual)
    return TrainPlan(
        use_case=name,
        run_id=run_id,
        item=item.id,
        key=f"{name}-{item.id}",
        dataset_version=int(item.payload["dataset_version"]),
        as_of=item.as_of,
        trials=wanted,
        workers=use_case.training.search.workers,
        seed=use_case.training.seed,
    )


def snapshot(instance: Instance, run: TrainPlan) -> Snapshot:
    """Cut the version's mature rows into training rows and the gate window, once for all workers.

    A study of an earlier attempt at this item is gone on with, unless all it has are failures.
    """
    from evergreen.training.search import TRIALS
    from evergreen.training.snapshot import snapshot as cut
    from evergreen.training.study import forget_failed

    version, use_case = instance.registry.get(run.use_case, run.dataset_version), instance.use_case(run.use_case)
    data = cut(
        use_case,
        instance.registry.parts(version).table(),
        as_of=run.as_of,
        into=instance.workplace(run.use_case, run.key, fresh=True, but=TRIALS),
    )
    forget_failed(instance.optuna_url, study_of(use_case, run, data))
    return data


def study_of(use_case: UseCase, run: TrainPlan, data: Snapshot) -> str:
    """The name of the run's study. What was tried before is of no use on other rows or after an edit of the file."""
    return f"{run.key}-{fingerprint(use_case)[:8]}-{data.train_sha256[:8]}"


def search(instance: Instance, run: TrainPlan, data: Snapshot, worker: int, say: Callable[[str], object]) -> int:
    """One of the workers on the run's study; the number of trials the study has finished."""
    from evergreen.training.search import Progress
    from evergreen.training.search import search as work

    def report(progress: Progress) -> None:
        say(str(progress))

    use_case = instance.use_case(run.use_case)
    with costed(instance, run.use_case, "train", f"{run.key}/search-{worker}", run.as_of):
        summary = work(
            use_case,
            data,
            storage=instance.optuna_url,
            study=study_of(use_case, run, data),
            worker=worker,
            workers=run.workers,
            trials=run.trials,
            timeout=use_case.training.search.timeout,
            seed=run.seed,
            progress=report,
            champion=_champion(instance, run.use_case),
        )
    return summary.complete


def _champion(instance: Instance, name: str) -> list[Configuration]:
    """What the active release's model is made of; nothing where there is none."""
    from evergreen.training.recipe import recorded

    active = active_release(instance, name)
    if active is None:
        return []
    model = active[0].model
    return [one for one, _ in recorded(model.candidate, model.params).members]


def evaluate(instance: Instance, run: TrainPlan, data: Snapshot, say: Callable[[str], object]) -> ModelVersion:
    """Fit the winner and register it in MLflow. `say` is told of the searches of nested cross-validation."""
    from evergreen.parquet import read_checked
    from evergreen.training.holdout import kept_apart
    from evergreen.training.nested import with_nested_score
    from evergreen.training.pictures import draw
    from evergreen.training.winner import fit_winner

    use_case = instance.use_case(run.use_case)
    study = study_of(use_case, run, data)
    with costed(instance, run.use_case, "train", f"{run.key}/evaluate", run.as_of):
        fitted = with_nested_score(
            use_case,
            fit_winner(use_case, data, instance.optuna_url, study, run.seed),
            read_checked(data.train, data.train_sha256),
            budget=use_case.training.search.timeout,
            trials=run.trials,
            workers=run.workers,
            seed=run.seed,
            workplace=instance.workplace(run.use_case, run.key),
            say=say,
        )
        pictures = instance.workplace(run.use_case, run.key) / "pictures"
        draw(use_case, data, instance.optuna_url, study, fitted, pictures, say)
        return instance.models.log(
            run.use_case,
            run_name=f"{run.use_case}@v{run.dataset_version} {fitted.candidate}",
            predictor=fitted.predictor,
            twin=fitted.twin,
            params=fitted.params,
            metrics={
                _searched(use_case): fitted.cv_score,
                f"train_{use_case.metric}": fitted.train_score,
                "rows": fitted.rows,
                "cpu_seconds": fitted.cpu_seconds,
            },
            tags={
                "evergreen.as_of": run.as_of.isoformat(),
                "evergreen.study": study,
                "evergreen.decided": "; ".join(fitted.notes),
            },
            dataset_version=run.dataset_version,
            artifacts=pictures,
            candidate=fitted.candidate,
            seed=run.seed,
            trained_before=fitted.trained_before,
            kept_apart=kept_apart(use_case, data.window_start),
            key=run.key,
        )


def gate(instance: Instance, run: TrainPlan, data: Snapshot, model: ModelVersion) -> GateDecision:
    """Judge the challenger against the active release on the same window; record it; open deployment on a pass.

    The decision with every reason goes to the ledger and to MLflow's tags, the model card to the run.
    """
    with instance.ledger() as db:
        kept = gate_of(db, run.use_case, model.version)
    if kept is None:
        with costed(instance, run.use_case, "train", f"{run.key}/gate", run.as_of):
            decision = _judge(instance, run, data, model)
        with instance.ledger() as db:
            kept = record_gate(db, decision, run.as_of)
    said = {f"evergreen.gate.{_as_tag(reason.check)}": reason.text for reason in kept.reasons}
    instance.models.tag(model, {"evergreen.gate": kept.verdict, "evergreen.gate.against": kept.against, **said})
    if kept.verdict == "pass" and instance.use_case(run.use_case).promotion.approve == "never":
        open_deployment(instance, model, run.as_of)
    close(instance, run.item, run.run_id, f"model {model.version}: {kept.verdict}")
    return kept


def _judge(instance: Instance, run: TrainPlan, data: Snapshot, model: ModelVersion) -> GateDecision:
    from evergreen.evaluation.card import model_card
    from evergreen.evaluation.gate import gate as judge

    use_case = instance.use_case(run.use_case)
    challenger = instance.models.load(model, twin=model.twin_uri is not None)
    rival = rival_of(instance, use_case, data, challenger)
    with instance.ledger() as db:
        uses = window_uses(db, run.use_case, rival.on.window_start, rival.on.window_end, model.version)
    decision = judge(
        use_case,
        model_version=model.version,
        dataset_version=run.dataset_version,
        snapshot=rival.on,
        challenger=challenger,
        rival=rival.model,
        against=rival.called,
        seasonal=rival.seasonal,
        remark=rival.remark,
        window_uses=uses,
        seed=run.seed,
    )
    into = instance.workplace(run.use_case, run.key) / "card"
    model_card(
        use_case,
        decision=decision,
        snapshot=rival.on,
        challenger=challenger,
        champion=rival.model,
        candidate=model.candidate,
        params=model.params,
        cv_score=instance.models.metrics(model).get(_searched(use_case)),
        seed=run.seed,
        into=into,
    )
    instance.models.attach(model, into)
    return decision


def _as_tag(check: str) -> str:
    """A check with its column's name as MLflow's keys may be written."""
    return re.sub(r"[^\w./: -]", "_", check)


def _searched(use_case: UseCase) -> str:
    """What the search's mean over the folds is called in MLflow."""
    return f"cv_{use_case.metric}"


def open_deployment(instance: Instance, model: ModelVersion, as_of: datetime) -> None:
    """Let the deploy DAG ship this model."""
    with instance.ledger() as db:
        payload = {"model": model.model_dump(mode="json")}
        add_item(db, model.use_case, "deploy", f"model {model.version}", as_of, payload)


def answer(instance: Instance, model: ModelVersion, as_of: datetime, *, approved: bool) -> bool:
    """A person's answer to a passed gate: ship it or not. The first answer is kept; the one that was."""
    with instance.ledger() as db:
        kept = note_answer(db, model.use_case, model.version, approved=approved)
    if kept:
        open_deployment(instance, model, as_of)
    return kept


def load(references: dict[str, Any]) -> tuple[TrainPlan, Snapshot]:
    """What the first task handed on as JSON."""
    return TrainPlan.model_validate(references["plan"]), Snapshot.model_validate(references["data"])
