"""What is active is one fact (promise 7): the last row of the activation log."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from evergreen.artifacts import BentoRef, ModelVersion
from evergreen.ledger.errors import ActivationMoved, Busy, LedgerUnavailable
from evergreen.ledger.open import begin, only_one, open_engine
from evergreen.ledger.releases import activate, activation_log, add_release, get_release, last_activation

NOW = datetime(2013, 3, 1, 2, tzinfo=UTC)


def model(version: int) -> ModelVersion:
    return ModelVersion(
        use_case="toy",
        version=version,
        run_id=f"run{version}",
        uri="models:/toy",
        sha256="0" * 64,
        dataset_version=1,
        candidate="lightgbm",
        seed=0,
        trained_before=None,
    )


def bento(version: int) -> BentoRef:
    return BentoRef(use_case="toy", tag=f"toy:{version}", path=Path("x"), sha256="1" * 64, model_version=version)


def test_a_release_is_recorded_once_a_model(engine: Engine) -> None:
    with begin(engine) as db:
        first = add_release(db, "toy", model(1), bento(1))
        again = add_release(db, "toy", model(1), bento(1))
        second = add_release(db, "toy", model(2), bento(2))
        assert (first.number, again.number, second.number) == (1, 1, 2)
        assert get_release(db, "toy", 1) == first
        assert get_release(db, "toy", 3) is None


def packaged_anew(version: int) -> BentoRef:
    return bento(version).model_copy(update={"sha256": "2" * 64})


def test_a_model_that_was_packaged_anew_is_another_release(engine: Engine) -> None:
    with begin(engine) as db:
        first = add_release(db, "toy", model(1), bento(1))
        anew = add_release(db, "toy", model(1), packaged_anew(1))
        assert (anew.number, anew.model, anew.bento) == (2, first.model, packaged_anew(1))
        assert get_release(db, "toy", 1) == first
        assert add_release(db, "toy", model(1), packaged_anew(1)) == anew
        assert add_release(db, "toy", model(1), bento(1)) == first


def test_a_model_that_is_packaged_anew_is_another_release_and_a_bento_is_one(engine: Engine) -> None:
    with begin(engine) as db:
        add_release(db, "toy", model(1), bento(1))
        assert add_release(db, "toy", model(1), packaged_anew(1)).number == 2
    with pytest.raises(IntegrityError, match="releases_once_a_bento"), begin(engine) as db:
        db.execute(
            text("insert into evergreen.releases select use_case, 3, model_version, body from evergreen.releases")
        )


def test_promise_7_the_last_activation_is_active_and_earlier_rows_stay(engine: Engine) -> None:
    with begin(engine) as db:
        for version in (1, 2):
            add_release(db, "toy", model(version), bento(version))
        activate(db, "toy", 1, after=0, why="gate", run_id="a", data_time=NOW)
        activate(db, "toy", 2, after=1, why="gate", run_id="b", data_time=NOW)
        activate(db, "toy", 1, after=2, why="rolled back", run_id="c", data_time=NOW)
        assert [(row.n, row.release) for row in activation_log(db, "toy")] == [(1, 1), (2, 2), (3, 1)]
        last = last_activation(db, "toy")
        assert last is not None
        assert last.release == 1


def test_promise_7_who_started_from_an_older_activation_is_refused(engine: Engine) -> None:
    with begin(engine) as db:
        for version in (1, 2):
            add_release(db, "toy", model(version), bento(version))
        activate(db, "toy", 1, after=0, why="gate", run_id="a", data_time=NOW)
    with pytest.raises(ActivationMoved, match="release 2 is not activated, since release 1"), begin(engine) as db:
        activate(db, "toy", 2, after=0, why="gate", run_id="b", data_time=NOW)
    with begin(engine) as db:
        assert [row.release for row in activation_log(db, "toy")] == [1]


def test_promise_7_the_same_run_activates_once(engine: Engine) -> None:
    with begin(engine) as db:
        add_release(db, "toy", model(1), bento(1))
        first = activate(db, "toy", 1, after=0, why="gate", run_id="a", data_time=NOW)
        again = activate(db, "toy", 1, after=0, why="gate", run_id="a", data_time=NOW)
        assert first == again
        assert len(activation_log(db, "toy")) == 1


def test_promise_7_a_run_is_not_told_that_its_release_is_active_once_it_is_not(engine: Engine) -> None:
    with begin(engine) as db:
        for version in (1, 2):
            add_release(db, "toy", model(version), bento(version))
        activate(db, "toy", 1, after=0, why="gate", run_id="a", data_time=NOW)
        with pytest.raises(ActivationMoved, match="release 2 is not activated, since release 1"):
            activate(db, "toy", 2, after=1, why="gate", run_id="a", data_time=NOW)
        activate(db, "toy", 2, after=1, why="gate", run_id="b", data_time=NOW)
        for after in (0, 2):
            with pytest.raises(ActivationMoved, match="release 1 is not activated, since release 2"):
                activate(db, "toy", 1, after=after, why="gate", run_id="a", data_time=NOW)
        assert [row.release for row in activation_log(db, "toy")] == [1, 2]


def test_promise_7_of_two_at_once_one_wins(engine: Engine) -> None:
    with begin(engine) as db:
        for version in (1, 2):
            add_release(db, "toy", model(version), bento(version))
    outcomes: list[str] = []
    start = threading.Barrier(2)

    def try_to_activate(release: int) -> None:
        start.wait()
        try:
            with begin(engine) as db:
                activate(db, "toy", release, after=0, why="gate", run_id=f"run{release}", data_time=NOW)
            outcomes.append("won")
        except ActivationMoved:
            outcomes.append("refused")

    threads = [threading.Thread(target=try_to_activate, args=(release,)) for release in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["refused", "won"]
    with begin(engine) as db:
        assert len(activation_log(db, "toy")) == 1


def test_one_process_at_a_time_and_the_lock_falls_with_it(engine: Engine) -> None:
    with only_one(engine, "toy", "round"):
        with pytest.raises(Busy, match="another process is at its round"), only_one(engine, "toy", "round"):
            pass
        with only_one(engine, "other", "round"):
            pass
    with only_one(engine, "toy", "round"):
        pass


def test_a_database_that_is_gone_is_a_transient_error_without_its_password(database_url: str) -> None:
    engine = open_engine("postgresql+psycopg2://evergreen:hunter2@127.0.0.1:9/evergreen")
    with pytest.raises(LedgerUnavailable, match=r"127\.0\.0\.1:9/evergreen") as caught, begin(engine):
        pass
    assert "hunter2" not in str(caught.value)
