"""What happened is kept: how often a gate window has judged a challenger, what a person said, what it cost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, Engine

from evergreen.artifacts import GateDecision
from evergreen.ledger.costs import cost_since, last_cost
from evergreen.ledger.open import begin
from evergreen.ledger.records import note_answer, record_gate, window_uses
from evergreen.ledger.runs import RunKey, begin_run, begin_step, end_step

START = datetime(2013, 3, 1, 2, tzinfo=UTC)


def days(first: int, last: int) -> tuple[datetime, datetime]:
    return START + timedelta(days=first), START + timedelta(days=last)


def judge(db: Connection, model: int, window: tuple[datetime, datetime] | None, use_case: str = "toy") -> None:
    decision = GateDecision(
        use_case=use_case, verdict="fail", model_version=model, against="baseline", dataset_version=1, window=window,
        window_uses=0, reasons=(),
    )  # fmt: skip
    record_gate(db, decision, START)


def test_promise_6_a_window_is_used_by_every_other_challenger_judged_on_rows_of_it(engine: Engine) -> None:
    with begin(engine) as db:
        for model, window in enumerate([days(0, 7), days(1, 8), days(7, 14)], 1):
            judge(db, model, window)
            judge(db, model, window)
        judge(db, 4, days(0, 20), use_case="other")
        assert window_uses(db, "toy", *days(2, 9), but=5) == 3
        assert window_uses(db, "toy", *days(2, 9), but=2) == 2, "it does not count itself"
        assert window_uses(db, "toy", *days(7, 9), but=5) == 2, (
            "where one window ends and the next begins is no overlap"
        )
        assert window_uses(db, "toy", *days(14, 21), but=5) == 0
        assert window_uses(db, "nobody", *days(0, 20), but=5) == 0


def test_promise_6_a_holdout_without_time_is_used_by_every_other_challenger(engine: Engine) -> None:
    with begin(engine) as db:
        for model in (1, 2, 3):
            judge(db, model, None)
        assert window_uses(db, "toy", None, None, but=4) == 3
        assert window_uses(db, "toy", None, None, but=3) == 2


def test_the_first_answer_about_a_gate_is_kept(engine: Engine) -> None:
    with begin(engine) as db:
        for model in (1, 2):
            judge(db, model, None)
        assert note_answer(db, "toy", 1, approved=False) is False
        assert note_answer(db, "toy", 1, approved=True) is False, "who comes second hears what was said"
        assert note_answer(db, "toy", 2, approved=True) is True


def spend(db: Connection, key: str, minutes: float, *, day: int = 0, use_case: str = "toy") -> None:
    """A step of a run, e.g. `toy-1/search-0`, that took so long."""
    run_id, _, step = key.partition("/")
    name, _, part = step.partition("-")
    run = RunKey(use_case, "train", run_id)
    moment = START + timedelta(days=day)
    begin_run(db, run, asked_by="schedule", door="airflow", params={}, data_time=moment)
    begin_step(db, run, name, part)
    end_step(db, run, name, part, "done", wall=60 * minutes, cpu=1)


def spent(db: Connection, days: int) -> timedelta:
    return cost_since(db, "toy", "train", START - timedelta(days=days), START)


def test_a_training_takes_all_its_steps_and_of_workers_side_by_side_the_longest(engine: Engine) -> None:
    with begin(engine) as db:
        for step, minutes in {"search-0": 9, "search-1": 7, "evaluate": 2, "gate": 1}.items():
            spend(db, f"toy-1/{step}", minutes)
        spend(db, "toy-0/gate", 50, day=-8)
        spend(db, "toy-1/gate", 50, use_case="other")
        assert spent(db, days=7) == timedelta(minutes=12)
        assert spent(db, days=9) == timedelta(minutes=62)


def test_a_training_that_broke_off_is_spent_and_no_measure_of_the_next(engine: Engine) -> None:
    with begin(engine) as db:
        assert last_cost(db, "toy", "train", "gate") is None
        spend(db, "toy-0/gate", 50)
    with begin(engine) as db:
        spend(db, "toy-1/search-0", 9)
        spend(db, "toy-1/gate", 1)
    with begin(engine) as db:
        spend(db, "toy-12/search-0", 2)
        spend(db, "toy-12/search-0", 3)
        assert last_cost(db, "toy", "train", "gate") == timedelta(minutes=10)
        assert spent(db, days=7) == timedelta(minutes=50 + 10 + 5), "both of its attempts"
