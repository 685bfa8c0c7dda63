"""`rollback`: show the change → restore → verify. By hand, with a form."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import DAG, AssetAlias, Param, get_current_context, task

from evergreen.orchestration.assets import asset_of
from evergreen.orchestration.steps import RETRIES, as_task
from evergreen.settings import Settings

DOC = """
Goes back to an earlier dataset version or release. Nothing is deleted: a rollback is a new version, or a new row of the
activation log.

**Parameters**
- `use_case`: which one.
- `version`: the dataset version to go back to, e.g. 12. Ingest and retraining are held until `evergreen resume`.
- `release`: the release to go back to. Retraining and deploy are held.
- `data`: with `release`, also go back to the data it was trained on.
"""
ALIAS = AssetAlias("evergreen.rolled_back")


def rollback_dag() -> DAG:
    """The rollback of any use case."""
    with DAG(
        dag_id="rollback",
        description="Goes back to an earlier dataset version or release",
        doc_md=DOC,
        schedule=None,
        max_active_runs=1,
        dagrun_timeout=timedelta(hours=2),
        tags=["evergreen", "rollback"],
        default_args={"owner": "evergreen", **RETRIES},
        is_paused_upon_creation=False,
        params=_form(),
    ) as dag:

        @task
        @as_task
        def show_change() -> str:
            """What would change, before anything does."""
            from evergreen.loop import rollback
            from evergreen.orchestration.door import open_instance

            params = get_current_context()["params"]
            shown = rollback.show(open_instance(), params["use_case"], params["version"], params["release"])
            print(shown)
            return shown

        @task(outlets=[ALIAS])
        @as_task
        def restore(*, outlet_events: Any) -> dict[str, Any]:
            """Publish the earlier version again, or activate the earlier release again."""
            from evergreen.loop import rollback
            from evergreen.loop.acts import act
            from evergreen.orchestration.door import open_instance, who_asks

            context = get_current_context()
            params, run_id, instance = context["params"], context["run_id"], open_instance()
            name, to, version = params["use_case"], params["release"], params["version"]
            who = who_asks(context)
            if to is not None:
                with act(instance, name, "rollback", run_id, who, f"release {to}", {"data": params["data"]}):
                    release, version = rollback.rollback_release(instance, name, to, run_id, data=params["data"])
                outlet_events[ALIAS].add(asset_of(name, "release"))
                done = {"release": release.number, "version": version.number if version is not None else None}
            else:
                with act(instance, name, "rollback", run_id, who, f"data to v{version}", {}):
                    version = rollback.rollback_data(instance, name, version, run_id)
                done = {"release": None, "version": version.number}
            if version is not None:
                outlet_events[ALIAS].add(asset_of(name, "dataset"))
            return done

        @task
        @as_task
        def verify(done: dict[str, Any]) -> None:
            """Hash what is active now; fails with what is wrong."""
            from evergreen.loop import rollback
            from evergreen.orchestration.door import open_instance

            rollback.verify(open_instance(), get_current_context()["params"]["use_case"], done["version"])

        restored = restore()
        show_change() >> restored
        verify(restored)
    return dag


def _form() -> dict[str, Param]:
    names = sorted(path.parent.name for path in Settings().use_cases.absolute().glob("*/use_case.yaml"))
    # Of several none is chosen beforehand: a rollback of the wrong one would be a click away.
    chosen: dict[str, Any] = {"default": names[0]} if len(names) == 1 else {}
    return {
        "use_case": Param(
            **chosen,
            type="string",
            enum=names or [""],
            title="Use case",
            description="Whose data or release to restore.",
        ),
        "version": Param(
            None,
            type=["null", "integer"],
            minimum=1,
            title="Dataset version",
            description="Go back to this version's data, e.g. 12; holds ingest and retraining. Or name a release.",
        ),
        "release": Param(
            None,
            type=["null", "integer"],
            minimum=1,
            title="Release",
            description="Go back to this release's model and service; holds retraining and deploy. Or name a version.",
        ),
        "data": Param(
            False,
            type="boolean",
            title="With the release, its data too",
            description="Also go back to the dataset version that the release was trained on.",
        ),
    }
