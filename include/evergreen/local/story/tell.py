"""The story from beginning to end. Exit status 0: every step worked and every decision was right for its inputs."""

from __future__ import annotations

import json
from pathlib import Path

from evergreen.artifacts import GateDecision
from evergreen.errors import EvergreenError
from evergreen.local.endpoints import Endpoints
from evergreen.local.settings import LocalSettings
from evergreen.local.story import chapters
from evergreen.local.story.airflow_client import AirflowClient
from evergreen.local.story.stage import Stage
from evergreen.loop.active import active_release
from evergreen.loop.instance import Instance

USE_CASE = "flights"
WEEKS = 3


def tell(settings: LocalSettings, endpoints: Endpoints, instance: Instance) -> int:
    """Go round the loop on the sample sources, a line a stage; 0 when everything worked.

    It goes on from where the instance is: a second telling begins with the next week.
    """
    passwords = json.loads(Path(endpoints.password_file).read_text(encoding="utf-8"))
    airflow = AirflowClient(settings.airflow_url, endpoints.user, passwords[endpoints.user])
    stage = Stage(
        use_case=USE_CASE,
        airflow=airflow,
        instance=instance,
        service_url=settings.service_url,
        samples_url=settings.samples_url,
        samples_key=(settings.secrets / "weather_api_key").read_text(encoding="utf-8").strip(),
        api_key=(settings.secrets / "api_key").read_text(encoding="utf-8").strip(),
        base_rows=settings.landing / "schedules",
    )
    try:
        _tell(stage)
    except EvergreenError as error:
        stage.fail(str(error))
    finally:
        airflow.close()
    _end(stage, settings, passwords[endpoints.user])
    return 1 if stage.wrong else 0


def _tell(stage: Stage) -> None:
    chapters.dags_are_read(stage)
    if stage.wrong:
        return
    if active_release(stage.instance, stage.use_case) is None:
        _first_model(stage)
        if stage.wrong:
            return
    deploys = stage.known("deploy")  # before any training: a deployment may be woken before its training is seen to end
    gate, trained = _weeks(stage)
    _swap(stage, gate, deploys, trained=trained)
    stage.heading("Going back: the data of a version ago, by hand with git and DVC")
    chapters.rollback_by_hand(stage)


def _first_model(stage: Stage) -> None:
    stage.heading(f"History up to {stage.clock()[:10]}, in one ingest; there is no model yet")
    known = {what: stage.known(what) for what in ("monitor", "train", "deploy", "score")}
    chapters.ingest(stage)
    if not chapters.decision(stage, known["monitor"]):
        stage.fail("a cold start with labelled rows has to retrain")
        return
    gate = chapters.training(stage, known["train"])
    if gate is None or gate.verdict != "pass":
        stage.fail("the first challenger did not pass against the baseline")
        return
    scored = stage.known("score")
    if chapters.deployment(stage, known["deploy"]) is None:
        return
    chapters.one_prediction(stage)
    chapters.scores(stage, scored)


def _weeks(stage: Stage) -> tuple[GateDecision | None, bool]:
    """Weekly steps until a decision says yes; (the gate of that training, whether there was one)."""
    for _ in range(WEEKS):
        stage.heading(f"A week later: {chapters.next_week(stage.clock())}")
        known = {what: stage.known(what) for what in ("monitor", "train", "score")}
        stage.advance("7d")
        chapters.ingest(stage)
        yes = chapters.decision(stage, known["monitor"])
        chapters.scores(stage, known["score"])
        if yes:
            return chapters.training(stage, known["train"]), True
        if stage.wrong:
            break
    return None, False


def _swap(stage: Stage, gate: GateDecision | None, deploys: set[str], *, trained: bool) -> None:
    if not trained:
        stage.heading("No step asked for a retraining, so here is one by hand")
        known = stage.known("train")
        stage.airflow.trigger(f"{stage.use_case}.train", {"by_hand": True})
        gate = chapters.training(stage, known)
    stage.heading("A swap of the model under load")
    chapters.swap(stage, deploys, gate)


def _end(stage: Stage, settings: LocalSettings, password: str) -> None:
    print()
    if stage.wrong:
        print(f"  {len(stage.wrong)} step(s) did not work:")
        for text in stage.wrong:
            print(f"    - {text}")
    else:
        print("  Every step worked, and every decision was the right one for its inputs.")
    print(
        f"""
  Airflow   {settings.airflow_url}   log-in: admin / {password}
  MLflow    {settings.mlflow_url}
  service   {settings.service_url}   key: {settings.secrets / "api_key"}
  data      {stage.instance.registry.worktree()}   (git log, dvc diff)

  Try next: trigger {stage.use_case}.train with a form in Airflow; `evergreen state`; `evergreen trace <prediction id>`;
  `evergreen history {stage.use_case}`; a use case of your own (README).
""",
        flush=True,
    )
