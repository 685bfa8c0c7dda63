"""Who may see what: a use case is visible to those who may read its DAGs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from airflow.api_fastapi.auth.managers.models.base_user import BaseUser


def readable(names: Sequence[str], user: BaseUser) -> list[str]:
    """Those of the use cases whose ingest DAG the user may read, in the order given."""
    from airflow.api_fastapi.app import get_auth_manager
    from airflow.api_fastapi.auth.managers.models.resource_details import DagDetails
    from airflow.models.dag import DagModel

    ids = {name: f"{name}.ingest" for name in names}
    teams = DagModel.get_dag_id_to_team_name_mapping(list(ids.values()))
    manager = get_auth_manager()
    return [
        name
        for name, dag in ids.items()
        if manager.is_authorized_dag(method="GET", details=DagDetails(id=dag, team_name=teams.get(dag)), user=user)
    ]
