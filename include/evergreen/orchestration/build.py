"""From a use case's YAML to its DAGs: one a stage of the flow, one task a step."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from airflow.sdk import DAG, AssetOrTimeSchedule, Param
from airflow.sdk.definitions.callback import SyncCallback
from airflow.sdk.definitions.deadline import DeadlineAlert, DeadlineReference

from evergreen.loop.flow import STAGES, Parameter, Stage
from evergreen.orchestration.alerts import deadline_missed
from evergreen.orchestration.assets import asset_of
from evergreen.orchestration.common import cron, dag_arguments
from evergreen.orchestration.steps import task_of
from evergreen.settings import Settings
from evergreen.spec import UseCase, load_use_case

TYPES: dict[str, Any] = {"text": ["null", "string"], "number": ["null", "integer"], "yes_or_no": "boolean"}


def build_dags(name: str, folder: Path | None = None) -> dict[str, DAG]:
    """The DAGs of a use case by id. Raises SpecError, which Airflow shows as the import error of the DAG's file.

    Only the YAML is read: no database, no network, no heavy import.
    """
    use_case: UseCase = load_use_case((folder or Settings().use_cases.absolute()) / name)
    dags = (build_dag(stage, use_case) for stage in STAGES)
    return {dag.dag_id: dag for dag in dags}


def build_dag(stage: Stage, use_case: UseCase) -> DAG:
    """The DAG of one stage."""
    with DAG(
        **dag_arguments(use_case, stage),
        schedule=_schedule(stage, use_case),
        params={parameter.name: _param(parameter) for parameter in stage.parameters},
        deadline=_deadline(stage, use_case),
    ) as dag:
        tasks: dict[str, Any] = {}
        for step in stage.steps_for(use_case):
            given = [tasks[taken] for taken in step.takes if taken in tasks]
            tasks[step.name] = task_of(stage, step, use_case, given)
            for before in step.after:
                tasks[before] >> tasks[step.name]
    return dag


def _schedule(stage: Stage, use_case: UseCase) -> Any:
    assets = [asset_of(use_case.name, name) for name in stage.woken_by]
    if stage.cron is None:
        either = assets[0]
        for asset in assets[1:]:
            either = either | asset  # type: ignore[assignment]
        return either if len(assets) > 1 else assets
    timetable = cron(stage.cron(use_case))
    return AssetOrTimeSchedule(timetable=timetable, assets=assets) if assets else timetable


def _param(parameter: Parameter) -> Param:
    extra: dict[str, Any] = {"minimum": 1} if parameter.type == "number" else {}
    default = False if parameter.type == "yes_or_no" else None
    kind = TYPES[parameter.type]
    return Param(default, type=kind, title=parameter.title, description=parameter.help, **extra)


def _deadline(stage: Stage, use_case: UseCase) -> DeadlineAlert | None:
    if stage.deadline is None:
        return None
    return DeadlineAlert(
        reference=DeadlineReference.DAGRUN_QUEUED_AT,
        interval=stage.deadline(use_case),
        callback=SyncCallback(deadline_missed, kwargs={"use_case": use_case.name}),
        name="predictions",
    )
