"""Use cases of one's own: each stands and falls alone, and the YAML shapes the DAGs."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.dags.conftest import Parse, write_use_case


def test_a_broken_file_takes_down_only_its_own_dags(parse: Parse, use_cases: Path) -> None:
    write_use_case(use_cases, "churn")
    broken = write_use_case(use_cases, "fraud", "trianing: {metric: auc}\n", task="binray")
    bag = parse(use_cases.parent / "dags")
    assert {dag_id.partition(".")[0] for dag_id in bag.dags} == {"churn"}
    assert len(bag.dags) == 5
    (file, said), *others = bag.import_errors.items()
    assert not others
    assert file.endswith(broken.name)
    assert f"{use_cases}/fraud/use_case.yaml:2: task: unknown value; did you mean `binary`?" in said
    assert f"{use_cases}/fraud/use_case.yaml:7: trianing: unknown key; did you mean `training`?" in said


def test_a_missing_file_and_invalid_yaml_are_said_with_their_place(parse: Parse, use_cases: Path) -> None:
    write_use_case(use_cases, "churn", "quality: {expectations: [\n")
    write_use_case(use_cases, "fraud")
    (use_cases / "fraud" / "use_case.yaml").unlink()
    errors = "\n".join(parse(use_cases.parent / "dags").import_errors.values())
    assert f"{use_cases}/churn/use_case.yaml:8: not valid YAML" in errors
    assert f"{use_cases}/fraud/use_case.yaml:1: there is no such file" in errors


def test_the_shortest_use_case_has_all_five_dags(parse: Parse, use_cases: Path) -> None:
    bag = parse(write_use_case(use_cases, "churn"))
    assert bag.import_errors == {}
    assert set(bag.dags) == {f"churn.{what}" for what in ("ingest", "monitor", "train", "deploy", "score")}


def test_the_deadline_of_scoring_is_the_use_cases_own(parse: Parse, use_cases: Path) -> None:
    bag: Any = parse(write_use_case(use_cases, "churn", "scoring: {deadline: 15m}\n"))
    (alert,) = bag.dags["churn.score"].deadline
    assert alert.interval == timedelta(minutes=15)


def train(parse: Parse, use_cases: Path, more: str) -> Any:
    bag = parse(write_use_case(use_cases, "churn", more))
    assert bag.import_errors == {}
    return bag.dags["churn.train"]


def test_approve_always_asks_a_person_between_gate_and_deploy(parse: Parse, use_cases: Path) -> None:
    dag = train(parse, use_cases, "promotion: {approve: always}\n")
    approve = dag.task_dict["approve"]
    assert dag.task_dict["passed"].upstream_task_ids == {"gate"}
    assert approve.upstream_task_ids == {"passed"}, "nobody is asked about what may not ship anyway"
    assert approve.downstream_task_ids == {"wake_deploy"}
    assert approve.defaults == ["Reject"], "silence is a no"
    assert approve.response_timeout == timedelta(days=2)
    assert dag.dagrun_timeout >= timedelta(hours=12) + approve.response_timeout, "or the run would end before the wait"
    assert approve.retries == 3


def test_the_owner_says_how_long_an_answer_may_take_and_what_silence_means(parse: Parse, use_cases: Path) -> None:
    said = "promotion: {approve: always, approve_within: 6h, approve_default: approve}\n"
    approve = train(parse, use_cases, said).task_dict["approve"]
    assert approve.response_timeout == timedelta(hours=6)
    assert approve.defaults == ["Approve"]


def test_approve_never_asks_nobody(parse: Parse, use_cases: Path) -> None:
    assert "approve" not in train(parse, use_cases, "promotion: {approve: never}\n").task_dict


def test_the_search_has_as_many_workers_as_the_use_case_says(parse: Parse, use_cases: Path) -> None:
    dag = train(parse, use_cases, "training: {search: {workers: 3}}\n")
    assert dag.task_dict["search"].op_kwargs_expand_input.value["part"] == [0, 1, 2]


def test_a_rollback_of_several_has_nobody_chosen_beforehand(parse: Parse, use_cases: Path) -> None:
    from tests.dags.conftest import ROOT

    write_use_case(use_cases, "churn")
    one = parse(ROOT / "dags" / "rollback.py").dags["rollback"].params.get_param("use_case")
    assert one.value == "churn"
    write_use_case(use_cases, "fraud")
    several = parse(ROOT / "dags" / "rollback.py").dags["rollback"].params.get_param("use_case")
    assert several.schema["enum"] == ["churn", "fraud"]
    assert not several.has_value


def test_a_deployment_may_take_as_long_as_the_owner_has_it_baked(parse: Parse, use_cases: Path) -> None:
    bag = parse(write_use_case(use_cases, "churn", "rollout: {strategy: canary, steps: [5, 25, 100], bake: 1d}\n"))
    assert bag.dags["churn.deploy"].dagrun_timeout >= timedelta(days=3, hours=12)
