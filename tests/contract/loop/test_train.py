"""Two rounds of training on a real ledger, registry, study and MLflow: what the first leaves, the second goes by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.faults import toy
from tests.rounds import Going, ingest

from evergreen.artifacts import BentoRef, GateDecision, ModelVersion, Snapshot
from evergreen.connections import Connection
from evergreen.evaluation.window import window_rows
from evergreen.features.predictor import Predictor
from evergreen.ledger.releases import activate, add_release
from evergreen.loop.instance import Instance
from evergreen.metrics.registry import compute
from evergreen.settings import Settings
from evergreen.training.choose.recipe import recorded
from evergreen.training.search.study import opened
from evergreen.training.trial.configuration import of_trial

if TYPE_CHECKING:
    from evergreen.local.postgres import EmbeddedPostgres

CHANGED = {
    "[logistic_regression]": "[{candidates}]\n  ensemble: false\n  refit: true",
    "trials: 1": "trials: 2",
    "min_rows: 50": "min_rows: 50, slices: [shop]",
}
BOTH = ("logistic_regression", "decision_tree")


@dataclass(frozen=True)
class Round:
    night: datetime
    data: Snapshot
    model: ModelVersion
    decision: GateDecision


@dataclass(frozen=True)
class Rounds:
    instance: Instance
    first: Round
    second: Round

    @property
    def each(self) -> tuple[Round, Round]:
        return self.first, self.second


def trained(instance: Instance, night: datetime, candidates: tuple[str, ...]) -> Round:
    """The night's version, and a training on it."""
    said = toy.YAML
    for before, after in CHANGED.items():
        said = said.replace(before, after)
    (instance.folder("toy") / "use_case.yaml").write_text(said.replace("{candidates}", ", ".join(candidates)))
    ingest(instance, "toy", f"ingest {night}", night)
    run = Going(instance, "toy", "train", f"train {night}", params={"by_hand": True})
    run.steps("snapshot", "search", "evaluate", "gate")
    return Round(
        night,
        Snapshot.model_validate(run.done["snapshot"]["data"]),
        ModelVersion.model_validate(run.done["evaluate"]),
        GateDecision.model_validate(run.done["gate"]),
    )


def ship(instance: Instance, one: Round) -> None:
    """What a deployment notes of it."""
    bento = BentoRef(use_case="toy", tag="toy:1", path=Path("x"), sha256="1" * 64, model_version=one.model.version)
    with instance.ledger() as db:
        number = add_release(db, "toy", one.model, bento).number
        activate(db, "toy", number, after=0, why="gate", run_id="deploy", data_time=one.night)


@pytest.fixture(scope="module")
def rounds(postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rounds]:
    made = toy.Instance(tmp_path_factory.mktemp("train"))
    made.set_up()
    databases = [f"train_{name}" for name in ("ledger", "mlflow", "optuna")]
    instance = Instance(
        Settings(home=made.home, use_cases=made.folder / "use_cases"),
        *map(postgres.create_database, databases),
        connect=lambda name: Connection(name, ""),
        pseudonym_key=b"key",
    )
    first = trained(instance, toy.NIGHTS[0], BOTH)
    ship(instance, first)
    made.drop(toy.NIGHTS[1])
    # without a champion the next search would begin with the other family
    second = trained(instance, toy.NIGHTS[1], tuple(sorted(BOTH, key=lambda name: name == first.model.candidate)))
    yield Rounds(instance, first, second)
    instance.engine.dispose()
    for name in databases:
        postgres.drop_database(name)


def test_why_a_challenger_may_or_may_not_ship_is_said_in_mlflow(rounds: Rounds) -> None:
    for one in rounds.each:
        tags = rounds.instance.models.client.get_run(one.model.run_id).data.tags
        assert (tags["evergreen.gate"], tags["evergreen.gate.against"]) == (one.decision.verdict, one.decision.against)
        assert {"rows", "gain", "slices:shop"} <= {reason.check for reason in one.decision.reasons}
        for reason in one.decision.reasons:
            assert tags[f"evergreen.gate.{reason.check}"] == reason.text


def test_the_pictures_and_the_card_are_among_the_runs_files(rounds: Rounds) -> None:
    client = rounds.instance.models.client
    for one in rounds.each:
        files = {item.path for where in (None, "search") for item in client.list_artifacts(one.model.run_id, where)}
        assert {"search/history.png", "search/learning_curve.png", "model_card.md", "importance.png"} <= files


def test_promise_6_the_second_gate_counts_that_the_first_used_its_window(rounds: Rounds) -> None:
    assert rounds.first.decision.window_uses == 0
    assert rounds.second.decision.window_uses == 1
    assert "window_reuse" in {reason.check for reason in rounds.second.decision.reasons}


def test_the_second_search_begins_with_the_champions_configuration(rounds: Rounds) -> None:
    instance, champion = rounds.instance, rounds.first.model
    study = instance.models.client.get_run(rounds.second.model.run_id).data.tags["evergreen.study"]
    with opened(instance.use_case("toy"), instance.optuna_url, study, 1) as found:
        tried = [of_trial(trial) for trial in found.get_trials() if trial.state.is_finished()]
    assert tried[0] == recorded(champion.candidate, champion.params).members[0][0]
    assert [one.candidate for one in tried] == [champion.candidate, *(set(BOTH) - {champion.candidate})]


def test_promise_6_with_refit_both_are_judged_by_their_twins(rounds: Rounds) -> None:
    instance, second = rounds.instance, rounds.second
    rows = window_rows(second.data)

    def value(model: Predictor) -> float:
        return compute("binary", "roc_auc", rows["returned"], model.predict(rows), model.positive)

    assert (rounds.first.decision.against, second.decision.against) == ("baseline", "release 1")
    for who, one in (("champion", rounds.first.model), ("challenger", second.model)):
        assert one.twin_uri is not None
        twin, shipped = instance.models.load(one, twin=True), instance.models.load(one)
        assert second.decision.metrics[f"{who}_roc_auc"] == pytest.approx(value(twin))
        assert value(shipped) != pytest.approx(value(twin)), "it has learned from rows of the window"
