"""What Airflow sees of a use case: DAGs, tasks, words, parameters, schedules, and which DAG wakes which."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

OWNERS = {"flights": "flight-ops@example.com", "churn": "customer-care@example.com", "housing": "assessor@example.com"}
FLOW = {
    "ingest": ["begin", "extract", "prepare", "validate", "publish"],
    "monitor": ["measure", "decide", "wake_training"],
    "train": ["snapshot", "search", "evaluate", "gate", "wake_deploy"],
    "deploy": ["package", "smoke_test", "roll_out", "settle"],
    "score": ["score", "write"],
}
TASKS = {
    **{f"{name}.{part}": tasks for name in OWNERS for part, tasks in FLOW.items()},
    "rollback": ["show_change", "restore", "verify"],
    "maintenance": ["collect_garbage", "verify", "back_up_ledger", "wake_missed"],
}
PARAMS = {
    "ingest": {"as_of"},
    "train": {"by_hand", "trials"},
    "deploy": {"release"},
    "rollback": {"use_case", "version", "release", "data"},
}


def test_every_dag_file_is_read_without_error(bag: Any) -> None:
    assert bag.import_errors == {}
    assert bag.captured_warnings == {}
    assert set(bag.dags) == set(TASKS)


@pytest.mark.parametrize("name", TASKS)
def test_a_dag_has_few_readable_tasks_in_the_order_of_the_flow(dags: Any, name: str) -> None:
    dag = dags[name]
    assert [task.task_id for task in dag.topological_sort()] == TASKS[name]
    assert len(dag.tasks) <= 10
    for before, after in zip(TASKS[name], TASKS[name][1:], strict=False):
        assert after in dag.task_dict[before].get_flat_relative_ids(upstream=False), f"{before} → {after}"
    assert all(task.doc_md or task.python_callable.__doc__ for task in dag.tasks if hasattr(task, "python_callable"))


@pytest.mark.parametrize("name", TASKS)
def test_a_dag_says_whose_it_is_and_what_it_does(dags: Any, name: str) -> None:
    dag = dags[name]
    assert dag.owner == OWNERS.get(name.partition(".")[0], "evergreen")
    assert dag.tags >= {*name.split("."), "evergreen"}
    assert dag.description
    assert len(dag.description) < 140
    assert dag.doc_md


@pytest.mark.parametrize("name", TASKS)
def test_a_form_explains_each_parameter_beside_its_field_and_in_the_docs(dags: Any, name: str) -> None:
    dag = dags[name]
    wanted = PARAMS.get(name.rpartition(".")[2], set())
    assert set(dag.params) == wanted
    for param in wanted:
        assert f"- `{param}`:" in dag.doc_md
        field = dag.params.get_param(param)
        assert field.schema["title"]
        assert field.description


@pytest.mark.parametrize("name", TASKS)
def test_one_run_at_a_time_and_nothing_is_caught_up(dags: Any, name: str) -> None:
    dag = dags[name]
    assert dag.max_active_runs == 1
    assert not dag.catchup
    assert dag.dagrun_timeout
    assert dag.start_date is None, "a new DAG waits for its next tick"


@pytest.mark.parametrize("name", TASKS)
def test_airflow_can_store_it(dags: Any, name: str) -> None:
    from airflow.serialization.serialized_objects import DagSerialization

    stored = DagSerialization.to_dict(dags[name])
    assert DagSerialization.from_dict(stored).task_ids == dags[name].task_ids


def outlets(dags: Any, dag: str, task: str) -> set[str]:
    return {outlet.name for outlet in dags[dag].task_dict[task].outlets}


def _assets(dag: Any) -> set[str]:
    return {asset.name for asset in dag.timetable.asset_condition.objects}


@pytest.mark.parametrize("name", OWNERS)
def test_one_dag_wakes_the_next_by_its_asset(dags: Any, name: str) -> None:
    assert outlets(dags, f"{name}.ingest", "publish") == {f"{name}.dataset"}
    assert _assets(dags[f"{name}.monitor"]) == {f"{name}.dataset"}
    assert outlets(dags, f"{name}.monitor", "wake_training") == {f"{name}.retrain"}
    assert _assets(dags[f"{name}.train"]) == {f"{name}.retrain"}
    assert outlets(dags, f"{name}.train", "wake_deploy") == {f"{name}.model"}
    assert _assets(dags[f"{name}.deploy"]) == {f"{name}.model"}
    assert outlets(dags, f"{name}.deploy", "settle") == {f"{name}.release"}
    assert _assets(dags[f"{name}.score"]) == {f"{name}.dataset", f"{name}.release"}
    assert outlets(dags, f"{name}.score", "write") == {f"{name}.predictions"}


def test_scoring_and_nothing_else_has_a_deadline(dags: Any) -> None:
    from airflow.sdk.definitions.deadline import DeadlineReference

    assert {name for name, dag in dags.items() if dag.deadline} == {f"{name}.score" for name in OWNERS}
    (alert,) = dags["flights.score"].deadline
    assert (alert.reference, alert.interval) == (DeadlineReference.DAGRUN_QUEUED_AT, timedelta(hours=1))
    assert alert.callback.kwargs == {"use_case": "flights"}


def test_the_executor_finds_what_to_call_at_a_missed_deadline(dags: Any) -> None:
    import inspect

    from airflow.sdk._shared.module_loading import accepts_context, import_string

    (alert,) = dags["flights.score"].deadline
    callback = import_string(alert.callback.path)
    assert accepts_context(callback), "the deadline is in the context"
    inspect.signature(callback).bind(**alert.callback.kwargs, context={})


def test_scoring_wakes_on_either_and_not_only_on_both(dags: Any) -> None:
    from airflow.sdk import AssetAny

    assert isinstance(dags["flights.score"].timetable.asset_condition, AssetAny)


def test_no_other_task_emits_an_asset(dags: Any) -> None:
    emitting = {(dag_id, task.task_id) for dag_id, dag in dags.items() for task in dag.tasks if task.outlets}
    waking = {"ingest": "publish", "monitor": "wake_training", "train": "wake_deploy", "deploy": "settle"}
    assert emitting == {
        *((f"{name}.{part}", task) for name in OWNERS for part, task in {**waking, "score": "write"}.items()),
        ("rollback", "restore"),
        ("maintenance", "wake_missed"),
    }


def test_nights_follow_the_use_cases_cron_in_utc(dags: Any) -> None:
    ingest, monitor = dags["flights.ingest"].timetable, dags["flights.monitor"].timetable
    assert (ingest.expression, str(ingest.timezone)) == ("0 2 * * *", "UTC")
    assert (monitor.timetable.expression, str(monitor.timetable.timezone)) == ("0 4 * * *", "UTC")
    assert dags["rollback"].schedule is None


def test_no_two_use_cases_wake_at_the_same_minute(dags: Any) -> None:
    ingests = [dags[f"{name}.ingest"].timetable.expression for name in OWNERS]
    retrains = [dags[f"{name}.monitor"].timetable.timetable.expression for name in OWNERS]
    minutes = [expression.split()[:2] for expression in (*ingests, *retrains)]
    assert len({tuple(minute) for minute in minutes}) == len(minutes)


def test_sources_and_workers_are_mapped(dags: Any) -> None:
    ingest, train = dags["flights.ingest"].task_dict, dags["flights.train"].task_dict
    assert ingest["extract"].is_mapped
    assert ingest["extract"].op_kwargs_expand_input.value["part"] == ["schedules", "departures", "weather", "planes"]
    assert train["search"].op_kwargs_expand_input.value["part"] == [0, 1]
