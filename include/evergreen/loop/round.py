"""Once round the loop in one process: what the DAGs do, without Airflow."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from evergreen.errors import PermanentError
from evergreen.ledger.open import only_one
from evergreen.loop import deploy, ingest, monitor, score, train
from evergreen.loop.claims import give_back
from evergreen.loop.errors import NothingToDo
from evergreen.loop.instance import Instance

Say = Callable[[str], object]


def go_round(instance: Instance, name: str, as_of: datetime, say: Say, only: str | None = None) -> int:
    """Ingest, monitor, train, deploy, score at a data time; a part with nothing to do says why. Exit status 0.

    The run id follows from the data time, so a run that was killed is taken up where it stopped.
    """
    run_id = f"run-{as_of:%Y%m%dT%H%M%SZ}"
    parts: dict[str, Callable[[], None]] = {
        "ingest": lambda: ingest_round(instance, name, run_id, as_of, say),
        "monitor": lambda: monitor_round(instance, name, run_id, say),
        "train": lambda: train_round(instance, name, run_id, say),
        "deploy": lambda: deploy_round(instance, name, run_id, say),
        "score": lambda: score_round(instance, name, run_id, say),
    }
    with only_one(instance.engine, name, "round"):
        for part, work in parts.items():
            if only in (None, part):
                try:
                    work()
                except NothingToDo as nothing:
                    say(f"{part:8} {nothing}")
                except PermanentError:
                    give_back(instance, name, run_id)
                    raise
    return 0


def ingest_round(instance: Instance, name: str, run_id: str, as_of: datetime, say: Say) -> None:
    """Read, prepare, validate, publish."""
    version = ingest.ingest(instance, name, run_id, as_of)
    manifest = instance.registry.manifest(version)
    new = {entry.source: entry.new for entry in manifest.batches if entry.data_time == version.data_time}
    brought = ", ".join(f"{source} {count:,}" for source, count in new.items())
    say(f"ingest   {version.name}: {version.rows:,} rows at {as_of:%Y-%m-%d %H:%M}Z; new: {brought}")


def monitor_round(instance: Instance, name: str, run_id: str, say: Say) -> None:
    """Measure and decide."""
    run = monitor.plan(instance, name, run_id)
    measured = monitor.measure(instance, run)
    if measured is not None:
        say(f"measure  v{run.dataset_version} for release {run.release}: {_text(measured.reasons)}")
    decision = monitor.decide(instance, run)
    say(f"decide   {'retrain' if decision.retrain else 'no retraining'}: {_text(decision.reasons)}")


def train_round(
    instance: Instance, name: str, run_id: str, say: Say, *, by_hand: bool = False, trials: int | None = None
) -> None:
    """Search, fit, judge."""
    run = train.plan(instance, name, run_id, by_hand=by_hand, trials=trials)
    data = train.snapshot(instance, run)
    say(
        f"train    v{run.dataset_version}: {data.train_rows:,} rows to learn from, {data.window_rows:,} to be judged on"
    )
    train.search(instance, run.model_copy(update={"workers": 1}), data, 0, lambda text: say(f"search   {text}"))
    model = train.evaluate(instance, run, data, lambda text: say(f"nested   {text}"))
    say(f"evaluate model {model.version}: {model.candidate}")
    gate = train.gate(instance, run, data, model)
    say(f"gate     {gate.verdict.replace('_', ' ')} against {gate.against}: {_text(gate.reasons)}")


def deploy_round(instance: Instance, name: str, run_id: str, say: Say, *, release: int | None = None) -> None:
    """Package, smoke test, roll out, settle."""
    run = deploy.plan(instance, name, run_id, release=release)
    bento = deploy.package(instance, run)
    deploy.smoke(instance, run, bento)
    say(f"package  {bento.tag}: built, and answers as the model does")
    active = deploy.settle(
        instance, run, deploy.roll_out(instance, run, bento, say=lambda text: say(f"rollout  {text}"))
    )
    say(f"deploy   release {active.number} is active: model {active.model.version}, data v{active.dataset_version}")


def score_round(instance: Instance, name: str, run_id: str, say: Say) -> None:
    """Score what is to come."""
    scored = score.score(instance, name, run_id)
    score.write(instance, scored)
    where = f" to {scored.destination}" if scored.destination else ""
    say(f"score    {scored.rows:,} rows by release {scored.release}{where}")


def _text(reasons: object) -> str:
    return "; ".join(reason.text for reason in reasons)  # type: ignore[attr-defined]
