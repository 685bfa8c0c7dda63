"""`<uc>.train`: snapshot → search → evaluate → gate → [approve] → wake the deployment."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from evergreen.artifacts import Artifact, GateDecision, ModelVersion, Snapshot
from evergreen.errors import PermanentError
from evergreen.ledger.items import add_item
from evergreen.ledger.records import gate_of, record_gate, window_uses
from evergreen.loop.active import active_release
from evergreen.loop.approve import answer as note
from evergreen.loop.approve import open_deployment
from evergreen.loop.claims import LEASE, claim, close, refuse_if_held
from evergreen.loop.errors import NothingToDo
from evergreen.loop.instance import Instance
from evergreen.loop.reconcile import reconcile
from evergreen.loop.rival import rival_of
from evergreen.loop.run import Run, Who
from evergreen.spec.load import fingerprint

if TYPE_CHECKING:
    from evergreen.spec import UseCase
    from evergreen.training.trial.configuration import Configuration

DEMO_TRIALS = 4
NOBODY = "nobody in time"


class TrainPlan(Artifact):
    """What one training sets out from, its rows included."""

    key: str
    """Names the model, and begins the study's name: the same for every attempt at the same item."""
    dataset_version: int
    trials: int
    workers: int
    seed: int
    data: Snapshot


class Answer(Artifact):
    """What a person said to a challenger that passed. `by` is None where nobody answered in time."""

    approved: bool
    by: str | None


def request(run: Run) -> str:
    """Open a training by hand on the newest version; the item's subject. Raises PermanentError without a version."""
    head = reconcile(run.instance, run.name)
    if head is None:
        raise PermanentError(f"{run.name} has no dataset version yet; run its ingest first")
    subject = f"{head.name} by {run.id}"
    with run.instance.ledger() as db:
        add_item(db, run.name, "train", subject, head.data_time, {"dataset_version": head.number})
    return subject


def snapshot(run: Run) -> TrainPlan:
    """Claim the oldest open training, or one asked for by hand, and cut its rows, once for all workers.

    The version's mature rows become training rows and the gate window. A study of an earlier attempt at this item is
    gone on with, unless all it has are failures. Raises NothingToDo and Held.
    """
    from evergreen.training.nested_score import searches
    from evergreen.training.search.first_trials import usual_trials
    from evergreen.training.search.search import TRIALS
    from evergreen.training.search.study import forget_failed
    from evergreen.training.split.snapshot import snapshot as cut

    instance, use_case = run.instance, run.use_case
    refuse_if_held(instance, run.name, "retrain")
    subject = request(run) if run.params.get("by_hand") else None
    reconcile(instance, run.name)
    lease = LEASE + searches(use_case) * use_case.training.search.timeout
    run = claim(run, "train", subject=subject, lease=lease)
    usual = usual_trials(use_case)
    wanted = run.params.get("trials") or (min(DEMO_TRIALS, usual) if instance.settings.profile == "demo" else usual)
    version = instance.registry.get(run.name, int(run.payload["dataset_version"]))
    data = cut(
        use_case,
        instance.registry.parts(version).table(),
        as_of=run.as_of,
        into=run.workplace(fresh=True, but=TRIALS),
    )
    plan = TrainPlan(
        key=run.work,
        dataset_version=version.number,
        trials=wanted,
        workers=use_case.training.search.workers,
        seed=use_case.training.seed,
        data=data,
    )
    forget_failed(instance.optuna_url, study_of(use_case, plan))
    run.say(f"v{version.number}: {data.train_rows:,} rows to learn from, {data.window_rows:,} to be judged on")
    return plan


def study_of(use_case: UseCase, plan: TrainPlan) -> str:
    """The name of the run's study. What was tried before is of no use on other rows or after an edit of the file."""
    return f"{plan.key}-{fingerprint(use_case)[:8]}-{plan.data.train_sha256[:8]}"


def search(run: Run, plan: TrainPlan, worker: int) -> int:
    """One of the workers on the run's study; the number of trials the study has finished."""
    from evergreen.training.search.search import TrialProgress
    from evergreen.training.search.search import search as work

    def report(progress: TrialProgress) -> None:
        run.say(str(progress))

    summary = work(
        run.use_case,
        plan.data,
        storage=run.instance.optuna_url,
        study=study_of(run.use_case, plan),
        worker=worker,
        workers=plan.workers if run.side_by_side else 1,
        trials=plan.trials,
        timeout=run.use_case.training.search.timeout,
        seed=plan.seed,
        progress=report,
        champion=_champion(run.instance, run.name),
    )
    return summary.complete


def _champion(instance: Instance, name: str) -> list[Configuration]:
    """What the active release's model is made of; nothing where there is none."""
    from evergreen.training.choose.recipe import recorded

    active = active_release(instance, name)
    if active is None:
        return []
    model = active[0].model
    return [one for one, _ in recorded(model.candidate, model.params).members]


def evaluate(run: Run, plan: TrainPlan) -> ModelVersion:
    """Fit the winner and register it in MLflow."""
    from evergreen.parquet import read_checked
    from evergreen.training.fit.winner import fit_winner
    from evergreen.training.nested_score import with_nested_score
    from evergreen.training.pictures.draw import draw
    from evergreen.training.split.holdout import kept_apart

    instance, use_case, data = run.instance, run.use_case, plan.data
    study = study_of(use_case, plan)
    fitted = with_nested_score(
        use_case,
        fit_winner(use_case, data, instance.optuna_url, study, plan.seed),
        read_checked(data.train, data.train_sha256),
        budget=use_case.training.search.timeout,
        trials=plan.trials,
        workers=plan.workers,
        seed=plan.seed,
        workplace=run.workplace(),
        say=run.say,
    )
    pictures = run.workplace() / "pictures"
    draw(use_case, data, instance.optuna_url, study, fitted, pictures, run.say)
    model = instance.models.log(
        run.name,
        run_name=f"{run.name}@v{plan.dataset_version} {fitted.candidate}",
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
        dataset_version=plan.dataset_version,
        artifacts=pictures,
        candidate=fitted.candidate,
        seed=plan.seed,
        trained_before=fitted.trained_before,
        kept_apart=kept_apart(use_case, data.window_start),
        key=plan.key,
    )
    run.say(f"model {model.version}: {model.candidate}")
    return model


def gate(run: Run, plan: TrainPlan, model: ModelVersion) -> GateDecision:
    """Judge the challenger against the active release on the same window; record it; open deployment on a pass.

    The decision with every reason goes to the ledger and to MLflow's tags, the model card to the run.
    """
    instance = run.instance
    with instance.ledger() as db:
        kept = gate_of(db, run.name, model.version)
    if kept is None:
        decision = _judge(run, plan, model)
        with instance.ledger() as db:
            kept = record_gate(db, decision, run.as_of)
    said = {f"evergreen.gate.{_as_tag(reason.check)}": reason.text for reason in kept.reasons}
    instance.models.tag(model, {"evergreen.gate": kept.verdict, "evergreen.gate.against": kept.against, **said})
    if kept.verdict == "pass" and run.use_case.promotion.approve == "never":
        open_deployment(instance, model, run.as_of)
    close(run, f"model {model.version}: {kept.verdict}")
    run.say(kept.line)
    return kept


def passed(_: Run, decision: GateDecision) -> None:
    """Go on only with a challenger that passed. Raises NothingToDo otherwise."""
    if decision.verdict != "pass":
        raise NothingToDo(decision.line)


def wake(run: Run, model: ModelVersion, decision: GateDecision, answer: Answer | None = None) -> None:
    """Let the deployment be woken. Raises NothingToDo unless the challenger passed and whoever was asked agrees."""
    passed(run, decision)  # where nobody was to be asked, the gate has opened the deployment
    if answer is None:
        return
    who = Who(answer.by or NOBODY, "airflow")
    if not note(run.instance, model, run.as_of, approved=answer.approved, who=who, run_id=run.id):
        raise NothingToDo("the challenger was refused")


def _judge(run: Run, plan: TrainPlan, model: ModelVersion) -> GateDecision:
    from evergreen.evaluation.card import model_card
    from evergreen.evaluation.gate import gate as judge

    instance, use_case = run.instance, run.use_case
    challenger = instance.models.load(model, twin=model.twin_uri is not None)
    rival = rival_of(instance, use_case, plan.data, challenger)
    with instance.ledger() as db:
        uses = window_uses(db, run.name, rival.on.window_start, rival.on.window_end, model.version)
    decision = judge(
        use_case,
        model_version=model.version,
        dataset_version=plan.dataset_version,
        snapshot=rival.on,
        challenger=challenger,
        rival=rival.model,
        against=rival.called,
        seasonal=rival.seasonal,
        remark=rival.remark,
        window_uses=uses,
        seed=plan.seed,
    )
    into = run.workplace() / "card"
    model_card(
        use_case,
        decision=decision,
        snapshot=rival.on,
        challenger=challenger,
        champion=rival.model,
        candidate=model.candidate,
        params=model.params,
        cv_score=instance.models.metrics(model).get(_searched(use_case)),
        seed=plan.seed,
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
