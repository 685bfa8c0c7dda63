"""Deployments and release rollbacks on a real ledger and registry, with a service that says how a release does.

What stands for MLflow only keeps aliases and knows models: setting up its tables takes longer than all that is tested.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import polars as pl
import pytest
from sqlalchemy import text
from tests.faults import toy
from tests.rounds import Going, ingest

from evergreen.artifacts import BentoRef, ModelVersion, Release
from evergreen.delivery.rollout.counts import BUCKETS
from evergreen.errors import PermanentError
from evergreen.ledger.errors import ActivationMoved, Busy
from evergreen.ledger.items import add_item, claim_item, open_items
from evergreen.ledger.records import running_rollout, set_hold
from evergreen.ledger.releases import activate, add_release, last_activation
from evergreen.ledger.runs import RunKey, begin_run, get_run
from evergreen.loop import deploy
from evergreen.loop.claims import LEASE, give_back
from evergreen.loop.errors import Held, NothingToDo
from evergreen.loop.instance import Instance
from evergreen.loop.reconcile import reconcile
from evergreen.loop.rollback import rollback_release
from evergreen.loop.run import Run
from evergreen.spec.store import dump_use_case

NIGHT = toy.NIGHTS[0]
CANARY = "rollout: {strategy: canary, steps: [5, 25, 100], bake: 10m}\n"


@dataclass
class Models:
    """Every model predicts the same, from one column."""

    schema: tuple[Any, ...] = (SimpleNamespace(name="price", type="float", nullable=True),)
    aliases: dict[str, int] = field(default_factory=dict)

    def alias(self, use_case: str, name: str, version: int) -> None:
        self.aliases[name] = version

    def load(self, model: ModelVersion) -> Models:
        return self

    def predict(self, rows: pl.DataFrame) -> pl.DataFrame:
        return rows.select(prediction=pl.col("price") > 120, probability=pl.lit(0.5))


@pytest.fixture
def loop(instance: Instance) -> Iterator[Instance]:
    """One version of the data, release 1 active since then, and a service that has every release ready."""
    counts = {"requests": 0, "errors": 0, "buckets": [0] * (len(BUCKETS) + 1), "loaded": True}

    class Service(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._say({"toy": dict.fromkeys(("1", "2", "3"), counts)})

        def do_POST(self) -> None:
            self._say({})

        def _say(self, body: dict[str, Any]) -> None:
            said = json.dumps(body).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}"
    served = replace(instance, settings=instance.settings.model_copy(update={"service_url": url}))
    served.__dict__["models"] = Models()
    use_case = served.folder("toy") / "use_case.yaml"
    use_case.write_text(toy.YAML + CANARY)
    ingest(served, "toy", "night-1", NIGHT)
    with served.ledger() as db:
        add_release(db, "toy", model(1), bento(1))
        activate(db, "toy", 1, after=0, why="gate", run_id="first", data_time=NIGHT - timedelta(days=3))
    yield served
    served.engine.dispose()
    server.shutdown()
    thread.join()
    server.server_close()


def model(version: int) -> ModelVersion:
    return ModelVersion(
        use_case="toy", version=version, run_id="r", uri="models:/toy", sha256="0" * 64, dataset_version=1,
        candidate="x", seed=0, trained_before=None,
    )  # fmt: skip


def bento(version: int) -> BentoRef:
    return BentoRef(
        use_case="toy", tag=f"toy:{version}", path=Path("x"), sha256=str(version) * 64, model_version=version
    )


class Planned(NamedTuple):
    """A run that has claimed a model, and the bento of it, which nothing here looks into."""

    run: Run
    packaged: deploy.Packaged


def planned(loop: Instance, version: int, run_id: str = "deploy") -> Planned:
    """A model that waits, and the run that has claimed it."""
    with loop.ledger() as db:
        add_item(db, "toy", "deploy", f"model {version}", NIGHT, {"model": model(version).model_dump(mode="json")})
    return claimed(loop, run_id)


def claimed(loop: Instance, run_id: str, release: int | None = None) -> Planned:
    key, use_case = RunKey("toy", "deploy", run_id), loop.use_case("toy")
    with loop.ledger() as db:
        params = {"release": release}
        begin_run(db, key, asked_by="tester", door="cli", params=params, spec=dump_use_case(use_case))
        row = get_run(db, key)
    assert row is not None
    run, of, after = deploy.claim_model(Run(loop, use_case, row, lambda _: NIGHT, lambda _: None))
    return Planned(run, deploy.Packaged(model=of, bento=bento(of.version), after=after))


def roll_out(one: Planned, sleep: Callable[[float], None] = lambda _: None) -> Release:
    return deploy.roll_out(one.run, one.packaged, sleep=sleep)


def settle(one: Planned, release: Release) -> Release:
    return deploy.settle(one.run, one.packaged, release)


def shipped(loop: Instance, version: int, run_id: str = "deploy") -> Release:
    one = planned(loop, version, run_id)
    return settle(one, roll_out(one))


def steps(loop: Instance) -> list[tuple[int, int, str]]:
    with loop.ledger() as db:
        rows = db.execute(text("select release, percent, state from evergreen.rollouts order by id"))
        return [(row.release, row.percent, row.state) for row in rows]


def active(loop: Instance) -> int:
    with loop.ledger() as db:
        last = last_activation(db, "toy")
    assert last is not None
    return last.release


def test_a_release_takes_its_traffic_step_by_step_and_is_active_then(loop: Instance) -> None:
    assert shipped(loop, 2).number == 2
    assert steps(loop) == [(2, 5, "running"), (2, 25, "running"), (2, 100, "running"), (2, 100, "completed")]
    assert active(loop) == 2


def test_promise_7_a_rollback_before_the_rollout_keeps_it_from_beginning(loop: Instance) -> None:
    shipped(loop, 2)
    run, before = planned(loop, 3), steps(loop)
    rollback_release(loop, "toy", 1, "back")
    with pytest.raises(ActivationMoved, match="release 3 is not activated, since release 1"):
        roll_out(run)
    assert [step for step in steps(loop) if step not in before] == [(3, 0, "aborted")]
    assert active(loop) == 1


def test_promise_7_a_rollback_in_a_bake_ends_the_rollout_with_the_next_step(loop: Instance) -> None:
    shipped(loop, 2)
    run, slept = planned(loop, 3), []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 3:
            rollback_release(loop, "toy", 1, "back")
            with loop.ledger() as db:
                assert running_rollout(db, "toy") is None, "the rollback itself takes the traffic back"

    with pytest.raises(ActivationMoved):
        roll_out(run, sleep)
    assert [step for step in steps(loop) if step[0] == 3] == [(3, 5, "running"), (3, 0, "aborted"), (3, 0, "aborted")]
    with pytest.raises(ActivationMoved):
        roll_out(run)
    assert active(loop) == 1


def test_a_hold_or_another_run_ends_a_rollout_too(loop: Instance) -> None:
    run = planned(loop, 2)
    with loop.ledger() as db:
        set_hold(db, "toy", ("deploy",), "a person", "hold", held=True)
    with pytest.raises(Held, match="deploy is on hold"):
        roll_out(run)
    with loop.ledger() as db:
        set_hold(db, "toy", ("deploy",), "a person", "resume", held=False)
        db.execute(text("update evergreen.items set lease_owner = 'other' where kind = 'deploy'"))
    with pytest.raises(PermanentError, match="another run is at it"):
        roll_out(run)
    assert {step[1:] for step in steps(loop)} == {(0, "aborted")}


def test_two_rollouts_of_one_use_case_do_not_take_each_others_share(loop: Instance) -> None:
    first, second = planned(loop, 2, "first"), planned(loop, 3, "second")
    met = []

    def sleep(_: float) -> None:
        if not met:
            met.append(steps(loop))
            with pytest.raises(Busy, match="release 3 waits, since run first is rolling out release 2"):
                roll_out(second)
            assert steps(loop) == met[0] == [(2, 5, "running")]

    settle(first, roll_out(first, sleep))
    assert met
    assert active(loop) == 2
    with pytest.raises(ActivationMoved):  # it had begun from release 1
        roll_out(second)
    again = claimed(loop, "third", release=3)
    settle(again, roll_out(again))
    assert active(loop) == 3


def lost(loop: Instance) -> tuple[int, int] | None:
    with loop.ledger() as db:
        return running_rollout(db, "toy")


def killed(loop: Instance) -> Planned:
    """A run that was killed in its second bake, so that nothing of its own takes the traffic back."""
    run, slept = planned(loop, 2), []

    class Killed(BaseException):
        pass

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 15:
            raise Killed

    with pytest.raises(Killed):
        roll_out(run, sleep)
    with loop.ledger() as db:
        db.execute(text("delete from evergreen.rollouts where percent = 0"))
    return run


def test_a_rollout_whose_run_is_no_more_gives_its_traffic_back(loop: Instance) -> None:
    killed(loop)
    reconcile(loop, "toy")
    assert lost(loop) == (2, 25), "it may be at work still"
    with loop.ledger() as db:
        db.execute(text("update evergreen.items set lease_until = now() - interval '1 second' where kind = 'deploy'"))
    reconcile(loop, "toy")
    assert lost(loop) is None
    assert shipped(loop, 2, "next").number == 2, "and another run can roll it out"


def test_a_run_that_failed_for_good_gives_its_traffic_back_at_once(loop: Instance) -> None:
    run = killed(loop)
    give_back(loop, "other", run.run.id)
    assert lost(loop) == (2, 25), "a run id is another use case's, too"
    give_back(loop, "toy", run.run.id)
    assert lost(loop) is None


def test_a_bake_longer_than_a_lease_is_not_taken_for_a_dead_run(loop: Instance) -> None:
    use_case = loop.folder("toy") / "use_case.yaml"
    use_case.write_text(use_case.read_text().replace("bake: 10m", "bake: 1d"))
    run = planned(loop, 2)

    def sleep(_: float) -> None:
        with loop.ledger() as db:
            query = "select min(lease_until - now()) from evergreen.items where kind = 'deploy' and state = 'open'"
            assert db.execute(text(query)).scalar_one() > timedelta(days=1) + LEASE - timedelta(minutes=5)

    roll_out(run, sleep)


def test_promise_7_what_is_said_to_be_active_is_when_a_run_id_comes_a_second_time(loop: Instance) -> None:
    assert shipped(loop, 2, "run-T").number == 2
    assert shipped(loop, 3, "run-T").number == 3
    assert active(loop) == 3
    with loop.ledger() as db:
        assert not [item for item in open_items(db, "toy") if item.kind == "deploy"]


def scored(loop: Instance, run_id: str) -> pl.DataFrame:
    run = Going(loop, "toy", "score", run_id)
    run.all()
    return pl.read_parquet(run.done["score"]["path"])


def test_a_rollback_has_what_is_upcoming_scored_again_by_the_release_it_went_back_to(loop: Instance) -> None:
    assert scored(loop, "s1")["release"].to_list() == [1] * 40
    shipped(loop, 2)
    assert scored(loop, "s2")["release"].to_list() == [2] * 40
    rolled_back = datetime.now(UTC)
    rollback_release(loop, "toy", 1, "back")
    again = scored(loop, "s3")
    assert again["release"].to_list() == [1] * 40
    assert again["made_at"].min() >= rolled_back, "who reads the newest prediction of a key reads this"
    with pytest.raises(NothingToDo):
        scored(loop, "s4")
    with loop.ledger() as db:
        add_item(db, "toy", "score", "toy@v9", NIGHT + timedelta(days=1), {})
    assert scored(loop, "s5").is_empty(), "once"


def test_a_newer_version_that_comes_before_the_scoring_does_not_keep_old_predictions_in_force(loop: Instance) -> None:
    scored(loop, "s1")
    shipped(loop, 2)
    scored(loop, "s2")
    rollback_release(loop, "toy", 1, "back")
    with loop.ledger() as db:
        add_item(db, "toy", "score", "toy@v9", NIGHT + timedelta(days=1), {})
        claim_item(db, "toy", "score", "s3", lease=LEASE, newest=True)  # and its first attempt dies
    assert scored(loop, "s3")["release"].to_list() == [1] * 40


@pytest.mark.parametrize("data", [False, True])
def test_a_rollback_counts_from_the_data_it_is_made_on(loop: Instance, data: bool) -> None:
    shipped(loop, 2)
    toy.Instance(loop.settings.home.parent).drop(toy.NIGHTS[1])
    ingest(loop, "toy", "night-2", toy.NIGHTS[1])
    rollback_release(loop, "toy", 1, "back", data=data)
    with loop.ledger() as db:
        last = last_activation(db, "toy")
    assert last is not None
    assert (last.release, last.data_time) == (1, NIGHT if data else toy.NIGHTS[1])
