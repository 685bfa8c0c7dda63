"""The use cases that come along, each of another kind than flights, woken round the whole loop by a real scheduler."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import httpx
import polars as pl
import pytest
from sqlalchemy import text

from evergreen.local.story.airflow_client import Run
from evergreen.loop.active import active_release
from evergreen.loop.instance import Instance as Loop

from .conftest import ASKING, SAMPLES_AT, SHIPPED, System

pytestmark = [pytest.mark.long, pytest.mark.timeout(1500)]
AS_OF = SAMPLES_AT + timedelta(hours=2)
PARTS = ("ingest", "monitor", "train", "deploy", "score")


def test_both_come_to_an_active_release_beside_each_other(system: System, loop: Loop) -> None:
    deadline = time.monotonic() + 120
    while not {f"{name}.{part}" for name in SHIPPED for part in PARTS} <= system.airflow.dag_ids():
        assert time.monotonic() < deadline, system.airflow.import_errors()
        time.sleep(0.5)
    for name in SHIPPED:
        system.airflow.trigger(f"{name}.ingest", {"as_of": AS_OF.isoformat()})
    deadline = time.monotonic() + 1200
    asked: list[Run] = []
    while not all(scored(system, name) for name in SHIPPED):
        asked += answer_waiting(system) if not asked else []
        failed = [run for name in SHIPPED for part in PARTS for run in system.airflow.runs(f"{name}.{part}")]
        assert not [run.url for run in failed if run.state == "failed"]
        assert time.monotonic() < deadline, [(run.dag_id, run.state) for run in failed]
        time.sleep(1)
    releases = {name: active_release(loop, name) for name in SHIPPED}
    assert {name: active[0].number for name, active in releases.items() if active} == {"churn": 1, "housing": 1}
    assert len(asked) == 1, "a person was asked about the challenger of one"
    with loop.ledger() as db:
        said = db.execute(text("select use_case, approved from gates where use_case <> 'toy'")).all()
    assert dict(map(tuple, said)) == {"churn": None, ASKING: True}


def answer_waiting(system: System) -> list[Run]:
    """Say yes to the question of a training run, if one waits with it."""
    runs = [run for run in system.airflow.runs(f"{ASKING}.train") if run.state == "running"]
    waiting = [run for run in runs if system.airflow.task_states(run).get("approve") == "awaiting_input"]
    for run in waiting:
        system.answer(run, "Approve")
    return waiting


def scored(system: System, name: str) -> bool:
    """Whether rows were scored by the release: the end of the loop. An earlier run had none and skipped."""
    runs = [run for run in system.airflow.runs(f"{name}.score") if run.state == "success"]
    return any(system.airflow.task_states(run).get("write") == "success" for run in runs)


def test_the_service_answers_for_both(system: System, loop: Loop) -> None:
    """A customer by a whole row of the table, a house by what its listing says: the rest of it is looked up."""
    house = {"pid": "527302175", "listed_at": "2012-12-15T06:00:00Z", "closes_at": "2013-01-15T12:00:00Z",
             "neighborhood": "NWAmes", "sale_type": "WD", "sale_condition": "Normal"}  # fmt: skip
    churn = predicted(system, "churn", customer(loop))
    assert churn["prediction"] in ("Yes", "No")
    assert 0 < churn["probability"] < 1
    assert 50_000 < predicted(system, "housing", house)["prediction"] < 500_000


def customer(loop: Loop) -> dict[str, Any]:
    head = loop.registry.head("churn")
    assert head is not None
    row = pl.read_parquet(next(iter(loop.registry.files(head, "table/").values()))).drop("churn", "updated_at", "email")
    return {name: value for name, value in row.row(0, named=True).items() if not name.startswith("_")}


def predicted(system: System, name: str, row: dict[str, Any]) -> dict[str, Any]:
    answer = httpx.post(
        f"{system.service_url}/v1/{name}/predict",
        json={"rows": [row]},
        headers={"X-API-Key": system.api_key},
        timeout=30,
    )
    assert answer.status_code == 200, answer.text
    return dict(answer.json()["predictions"][0])
