"""`<uc>.train`: snapshot → search (mapped workers, one study) → evaluate → gate → [passed → approve] → wake deploy."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import DAG, Param, get_current_context, task

from evergreen.orchestration.assets import Assets
from evergreen.orchestration.common import dag_arguments
from evergreen.orchestration.steps import step
from evergreen.spec import UseCase

LONGEST = timedelta(hours=12)
"""A run without its wait for an answer."""
APPROVE, REJECT = "Approve", "Reject"
DOC = """
Searches for a challenger and lets it prove itself.

`search` runs as several tasks on one Optuna study. `gate` compares the challenger with the champion on the same rows,
which neither has learned from; *not enough evidence* is an answer. `wake_deploy` is skipped unless it passed. Where the
use case says `approve: always`, a challenger that passed waits at `approve` for a person's answer.

**Parameters** (when triggered by hand)
- `by_hand`: train now on the newest version, whatever the last decision said.
- `trials`: how many configurations to try; empty: as the use case says.
"""


def train_dag(use_case: UseCase) -> DAG:  # noqa: PLR0915 - the DAG reads from top to bottom
    """The training of a use case."""
    name, assets = use_case.name, Assets.of(use_case.name)
    workers, promotion = use_case.training.search.workers, use_case.promotion
    asks = promotion.approve == "always"
    with DAG(
        **dag_arguments(use_case, "train", DOC, timeout=LONGEST + (promotion.approve_within if asks else timedelta(0))),
        schedule=[assets.retrain],
        params={
            "by_hand": Param(
                False,
                type="boolean",
                title="Train now",
                description="On the newest version, whatever the last decision said.",
            ),
            "trials": Param(
                None,
                type=["null", "integer"],
                minimum=1,
                title="Trials",
                description="How many configurations to try. Empty: as the use case says.",
            ),
        },
    ) as dag:

        @task
        @step
        def snapshot() -> dict[str, Any]:
            """Claim the training and cut its rows, once for all workers."""
            from evergreen.loop import train
            from evergreen.orchestration.door import open_instance

            instance, context = open_instance(), get_current_context()
            params, run = context["params"], context["dag_run"]
            by_hand = bool(params["by_hand"]) or str(run.run_type).endswith("manual")
            plan = train.plan(instance, name, context["run_id"], by_hand=by_hand, trials=params["trials"])
            data = train.snapshot(instance, plan)
            return {"plan": plan.model_dump(mode="json"), "data": data.model_dump(mode="json")}

        @task(map_index_template="worker {{ worker }}")
        @step
        def search(worker: int, run: dict[str, Any]) -> int:
            """One worker on the shared study; its log says how far the study is."""
            from evergreen.loop import train
            from evergreen.orchestration.door import open_instance

            get_current_context()["worker"] = worker  # type: ignore[typeddict-unknown-key]
            plan, data = train.load(run)
            return train.search(open_instance(), plan, data, worker, print)

        @task
        @step
        def evaluate(run: dict[str, Any], finished: list[int]) -> dict[str, Any]:  # noqa: ARG001 - waits for the search
            """Fit the winner and register it in MLflow."""
            from evergreen.loop import train
            from evergreen.orchestration.door import open_instance

            plan, data = train.load(run)
            return train.evaluate(open_instance(), plan, data, print).model_dump(mode="json")

        @task
        @step
        def gate(run: dict[str, Any], model: dict[str, Any]) -> dict[str, Any]:
            """May the challenger ship? The decision and every reason go to the ledger and to MLflow."""
            from evergreen.artifacts import ModelVersion
            from evergreen.loop import train
            from evergreen.orchestration.door import open_instance

            plan, data = train.load(run)
            decision = train.gate(open_instance(), plan, data, ModelVersion.model_validate(model))
            return decision.model_dump(mode="json")

        @task
        @step
        def passed(decision: dict[str, Any]) -> None:
            """Ask nobody about a challenger that may not ship anyway."""
            _refuse_unless_passed(decision)

        @task(outlets=[assets.model])
        @step
        def wake_deploy(
            run: dict[str, Any], model: dict[str, Any], decision: dict[str, Any], said: dict[str, Any] | None = None
        ) -> None:
            """Hand the challenger to the deploy DAG; skipped unless it passed and whoever was asked agrees."""
            from evergreen.artifacts import ModelVersion
            from evergreen.loop import train
            from evergreen.loop.errors import NothingToDo
            from evergreen.orchestration.door import open_instance

            if said is None:  # nobody was to be asked, and the gate has opened the deployment
                _refuse_unless_passed(decision)
                return
            plan, _ = train.load(run)
            approved = said["chosen_options"] == [APPROVE]
            if not train.answer(open_instance(), ModelVersion.model_validate(model), plan.as_of, approved=approved):
                raise NothingToDo("the challenger was refused")

        run = snapshot()
        finished = search.partial(run=run).expand(worker=list(range(workers)))
        model = evaluate(run, finished)
        decision = gate(run, model)
        if not asks:
            wake_deploy(run, model, decision)
            return dag
        from airflow.providers.standard.operators.hitl import HITLOperator

        # not ApprovalOperator: its "no" skips the task that would write it into the ledger
        approve = HITLOperator(
            task_id="approve",
            subject=f"Ship the challenger of {name}?",
            body="{{ ti.xcom_pull(task_ids='gate')['verdict'] }}: "
            "{% for r in ti.xcom_pull(task_ids='gate')['reasons'] %}\n- {{ r['text'] }}{% endfor %}",
            options=[APPROVE, REJECT],
            defaults=APPROVE if promotion.approve_default == "approve" else REJECT,
            response_timeout=promotion.approve_within,
        )
        passed(decision) >> approve
        wake_deploy(run, model, decision, approve.output)
    return dag


def _refuse_unless_passed(decision: dict[str, Any]) -> None:
    from evergreen.loop.errors import NothingToDo

    if decision["verdict"] != "pass":
        text = "; ".join(r["text"] for r in decision["reasons"] if r["passed"] is not True)
        raise NothingToDo(f"gate: {decision['verdict'].replace('_', ' ')}: {text}")
