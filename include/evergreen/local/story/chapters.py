"""The chapters of the story. Nothing is arranged: each shows what the system decided, and checks that it worked."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import create_engine, text

from evergreen.artifacts import GateDecision, Release
from evergreen.ledger.records import gates, hold_on
from evergreen.local.story.airflow_client import Run
from evergreen.local.story.load import Load
from evergreen.local.story.stage import Stage
from evergreen.loop.active import active_release
from evergreen.loop.flow import STAGES


def dags_are_read(stage: Stage) -> None:
    """Wait until Airflow has read the DAG files, and show what it could not read."""
    wanted = {f"{stage.use_case}.{what}" for what in (one.name for one in STAGES)}
    deadline = time.monotonic() + 120
    while not wanted <= stage.airflow.dag_ids():
        stage.progress("Airflow is reading the DAG files")
        if time.monotonic() > deadline:
            errors = "; ".join(error.strip().splitlines()[-1] for error in stage.airflow.import_errors())
            stage.fail(f"not all DAGs of {stage.use_case} could be read: {errors or 'no import error'}")
            return
        time.sleep(0.5)
    stage.say("airflow", f"{len(wanted)} DAGs of {stage.use_case} are there", stage.airflow.url)


def ingest(stage: Stage) -> Run:
    """Read what is new up to the clock."""
    run = stage.run("ingest", {"as_of": stage.clock()})
    head = stage.instance.registry.head(stage.use_case)
    if run.state == "success" and head is not None and stage.airflow.task_states(run).get("publish") == "success":
        manifest = stage.instance.registry.manifest(head)
        new = [e for e in manifest.batches if e.data_time == head.data_time]
        brought = ", ".join(f"{entry.source} +{entry.new:,}" for entry in new)
        quarantined = manifest.counts.get("quarantine", 0)
        stage.say("ingest", f"{head.name}: {head.rows:,} rows, {quarantined:,} in quarantine ({brought})", run.url)
    return run


def decision(stage: Stage, known: set[str]) -> bool:
    """Monitor and decide; whether to retrain."""
    run = stage.woken("monitor", known)
    made = stage.decision()
    stage.say("decide", made.line, run.url)
    states = stage.airflow.task_states(run)
    if run.state == "success" and states.get("wake_training") != ("success" if made.retrain else "skipped"):
        stage.fail(f"the decision was {made.retrain}, yet wake_training is {states.get('wake_training')}", run.url)
    return made.retrain


def training(stage: Stage, known: set[str]) -> GateDecision | None:
    """Search and gate, woken or triggered; the gate's decision."""
    optuna = create_engine(stage.instance.optuna_url)

    def count_trials() -> None:
        query = (
            "select count(*) from trials where state <> 'RUNNING' and study_id = (select max(study_id) from studies)"
        )
        with optuna.connect() as db:
            there = db.execute(text("select to_regclass('trials')")).scalar() is not None
            done = db.execute(text(query)).scalar() if there else 0
        stage.progress(f"{stage.use_case}.train is searching: {done} trials done")

    run = stage.woken("train", known, while_waiting=count_trials)
    optuna.dispose()
    with stage.instance.ledger() as db:
        judged = gates(db, stage.use_case)
    if run.state != "success" or not judged:
        return None
    gate = judged[-1][1]
    stage.say("gate", gate.line, run.url)
    return gate


def deployment(stage: Stage, known: set[str]) -> Release | None:
    """The bento, its smoke test, its rollout; the release that is active then."""
    run = stage.woken("deploy", known)
    return _shipped(stage, run)


def _shipped(stage: Stage, run: Run) -> Release | None:
    active = active_release(stage.instance, stage.use_case)
    if run.state != "success" or active is None:
        return None
    release = active[0]
    stage.say(
        "deploy",
        f"release {release.number} is active: model {release.model.version} ({release.model.candidate})",
        run.url,
    )
    return release


def scores(stage: Stage, known: set[str]) -> None:
    """Batch scores of the rows to come."""
    run = stage.woken("score", known)
    with stage.instance.engine.connect() as db:
        query = text("select count(*) from evergreen.predictions where use_case = :name and kind = 'batch'")
        count = db.execute(query, {"name": stage.use_case}).scalar_one()
    stage.say("score", f"{count:,} rows scored in batch by now", run.url)


def request_rows(stage: Stage, most: int = 50) -> list[dict[str, Any]]:
    """Rows of the newest schedule as requests: what a client knows before a flight leaves."""
    newest = max(stage.base_rows.glob("*.csv"))
    with newest.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))[:most]
    answer = _get(stage, f"/v1/{stage.use_case}/schema")
    properties = _row_properties(answer)
    return [
        {name: _typed(value, properties[name]) for name, value in row.items() if name in properties} for row in rows
    ]


def _row_properties(schema: dict[str, Any]) -> dict[str, Any]:
    """The properties of one row, wherever the schema describes it."""
    if "rows" in schema.get("properties", {}):
        items: dict[str, Any] = schema["properties"]["rows"]["items"]
        return dict(items["properties"])
    return dict(schema["properties"])


def _typed(value: str, described: dict[str, Any]) -> Any:
    if not value:
        return None
    kinds = described.get("type", "string")
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if "integer" in kinds:
        return int(float(value))
    return float(value) if "number" in kinds else value


def _get(stage: Stage, path: str) -> Any:
    answer = httpx.get(f"{stage.service_url}{path}", headers={"X-API-Key": stage.api_key}, timeout=30)
    return answer.raise_for_status().json()


def one_prediction(stage: Stage) -> str | None:
    """One real prediction over HTTP; its id."""
    row = request_rows(stage, 1)[0]
    url = f"{stage.service_url}/v1/{stage.use_case}/predict"
    for _ in range(40):  # the service looks for new releases twice a second
        answer = httpx.post(url, json={"rows": [row]}, headers={"X-API-Key": stage.api_key}, timeout=30)
        if answer.status_code != 503:
            break
        time.sleep(0.5)
    if answer.status_code != 200:
        stage.fail(f"the service answered {answer.status_code}: {answer.text[:200]}")
        return None
    body = answer.json()
    first = body["predictions"][0]
    chance = f" with probability {first['probability']:.2f}" if first.get("probability") is not None else ""
    stage.say(
        "predict", f"{row['flight_id']}: {first['prediction']}{chance} (release {body['release']}, id {first['id']})"
    )
    return str(first["id"])


def swap(stage: Stage, known: set[str], gate: GateDecision | None) -> None:
    """Roll out under a small load: the challenger if it passed, else the active release again."""
    with Load(f"{stage.service_url}/v1/{stage.use_case}/predict", stage.api_key, request_rows(stage)) as load:
        time.sleep(1)
        if gate is not None and gate.verdict == "pass":
            deployment(stage, known)
        else:
            active = active_release(stage.instance, stage.use_case)
            if active is None:
                stage.fail("there is no release to roll out again")
                return
            _shipped(stage, stage.run("deploy", {"release": active[0].number}))
        time.sleep(2)
    if load.failed:
        stage.fail(
            f"{load.failed} of {sum(load.answers.values())} requests failed during the swap: {dict(load.answers)}"
        )
    else:
        by = ", ".join(f"{count} by release {release}" for release, count in sorted(load.releases.items()))
        stage.say("swap", f"{load.answers['200']} requests during the rollout, none failed ({by})")


def rollback_by_hand(stage: Stage) -> None:
    """Roll the data back one version with plain git and DVC, let it be adopted, resume, and read on."""
    registry, name = stage.instance.registry, stage.use_case
    head = registry.head(name)
    if head is None or head.number < 2:
        stage.fail("there is no earlier version to roll back to")
        return
    back = head.number - 1
    folder, dvc = registry.worktree(), str(Path(sys.executable).parent / "dvc")
    commands = (
        ["git", "checkout", "-q", f"{name}@v{back}", "--", f"{name}.dvc"],
        [dvc, "checkout", "-q", f"{name}.dvc"],
        ["git", "commit", "-q", "-m", f"{name}: back to v{back}"],
    )
    for command in commands:
        done = subprocess.run(
            command, cwd=folder, env=_person(), capture_output=True, text=True, check=False, timeout=300
        )
        if done.returncode:
            stage.fail(f"`{' '.join(command)}` failed: {done.stderr.strip()[-300:]}")
            return
    shown = " && ".join(" ".join([Path(command[0]).name, *command[1:]]) for command in commands)
    stage.say("rollback", shown)
    run = stage.run("ingest")
    adopted = registry.head(name)
    with stage.instance.ledger() as db:
        hold = hold_on(db, name, "ingest")
    if adopted is None or registry.manifest(adopted).restores != back or hold is None:
        stage.fail(f"the rollback by hand to v{back} was not adopted", run.url)
        return
    stage.say("adopted", f"{adopted.name} restores v{back}; the night is skipped: {hold}", run.url)
    done = subprocess.run(
        [str(Path(sys.executable).parent / "evergreen"), "resume", name], capture_output=True, text=True, check=False
    )
    stage.say("resume", done.stdout.strip() or done.stderr.strip())
    run = ingest(stage)
    newest = registry.head(name)
    if run.state != "success" or newest is None or newest.number != adopted.number + 1:
        stage.fail("after the resume nothing was read on", run.url)


def _person() -> dict[str, str]:
    """The environment, with a name for git where this machine's owner has not told it one."""
    known = subprocess.run(["git", "config", "user.email"], capture_output=True, text=True, check=False).stdout.strip()
    name, email = "A person at this machine", "person@localhost"
    unknown = {
        "GIT_AUTHOR_NAME": name,
        "GIT_AUTHOR_EMAIL": email,
        "GIT_COMMITTER_NAME": name,
        "GIT_COMMITTER_EMAIL": email,
    }
    return {**os.environ, "DVC_NO_ANALYTICS": "true", **({} if known else unknown)}


def next_week(now: str) -> str:
    """Seven days later, for the heading."""
    return f"{datetime.fromisoformat(now) + timedelta(days=7):%Y-%m-%d}"
