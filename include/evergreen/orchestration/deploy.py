"""`<uc>.deploy`: package → smoke test → roll out → settle."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import DAG, Param, get_current_context, task

from evergreen.orchestration.assets import Assets
from evergreen.orchestration.common import dag_arguments
from evergreen.orchestration.steps import step
from evergreen.spec import UseCase

LONGEST = timedelta(hours=12)
"""A run without the steps of its rollout, of which each may take twice as long as it is held."""
DOC = """
Packages a model that has passed the gate as a bento, tries it over HTTP, gives it its traffic step by step, and
makes it
the active release.

**Parameters** (when triggered by hand)
- `release`: roll out this earlier release again. Empty: the oldest model that waits.
"""


def deploy_dag(use_case: UseCase) -> DAG:
    """The deployment of a use case."""
    name, assets, rollout = use_case.name, Assets.of(use_case.name), use_case.rollout
    with DAG(
        **dag_arguments(use_case, "deploy", DOC, timeout=LONGEST + 2 * len(rollout.steps) * rollout.bake),
        schedule=[assets.model],
        params={
            "release": Param(
                None,
                type=["null", "integer"],
                minimum=1,
                title="Release to roll out again",
                description="An earlier release. Empty: the oldest model that waits.",
            )
        },
    ) as dag:

        @task
        @step
        def package() -> dict[str, Any]:
            """Claim the model and build its bento."""
            from evergreen.loop import deploy
            from evergreen.orchestration.door import open_instance

            instance, context = open_instance(), get_current_context()
            plan = deploy.plan(instance, name, context["run_id"], release=context["params"]["release"])
            bento = deploy.package(instance, plan)
            return {"plan": plan.model_dump(mode="json"), "bento": bento.model_dump(mode="json")}

        @task
        @step
        def smoke_test(run: dict[str, Any]) -> None:
            """Start the bento by itself and compare its answers with the model's."""
            from evergreen.loop import deploy
            from evergreen.orchestration.door import open_instance

            deploy.smoke(open_instance(), *deploy.load(run))

        @task
        @step
        def roll_out(run: dict[str, Any]) -> dict[str, Any]:
            """Give the release its share of the traffic, step by step; take it back when it breaks its limits."""
            from evergreen.loop import deploy
            from evergreen.orchestration.door import open_instance

            return deploy.roll_out(open_instance(), *deploy.load(run), say=print).model_dump(mode="json")

        @task(outlets=[assets.release])
        @step
        def settle(run: dict[str, Any], release: dict[str, Any]) -> None:
            """Make it the active release."""
            from evergreen.artifacts import Release
            from evergreen.loop import deploy
            from evergreen.orchestration.door import open_instance

            deploy.settle(open_instance(), deploy.load(run)[0], Release.model_validate(release))

        run = package()
        tested = smoke_test(run)
        release = roll_out(run)
        tested >> release
        settle(run, release)
    return dag
