"""What a run keeps: who asked, the use case as it began, its steps, how it ended; and who did what beside the flow."""

from __future__ import annotations

import pytest
from tests.faults.toy import NIGHTS
from tests.rounds import Going, ingest

from evergreen.errors import PermanentError
from evergreen.ledger.records import set_hold
from evergreen.ledger.runs import RunKey, get_run, held_by, newest_runs, steps_of
from evergreen.loop.acts import act
from evergreen.loop.errors import NothingToDo
from evergreen.loop.history import describe_run, describe_runs
from evergreen.loop.instance import Instance
from evergreen.loop.rollback import rollback_data
from evergreen.loop.run import Who


def edit(instance: Instance, old: str, new: str) -> None:
    file = instance.folder("toy") / "use_case.yaml"
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))


def test_a_run_keeps_who_asked_its_steps_and_what_they_cost(instance: Instance) -> None:
    ingest(instance, "toy", "night-1", NIGHTS[0])
    with instance.ledger() as db:
        run, steps = newest_runs(db, "toy", 1)[0], steps_of(db, RunKey("toy", "ingest", "night-1"))
    assert (run.asked_by, run.state, run.subject, run.data_time) == ("tester", "done", "v1", NIGHTS[0])
    assert run.ended_at is not None
    assert run.said is not None
    assert "1,240 rows" in run.said
    parts = [(step.step, step.part) for step in steps]
    assert parts == [
        ("begin", ""), ("extract", "orders"), ("extract", "returns"), ("prepare", ""), ("validate", ""),
        ("publish", ""),
    ]  # fmt: skip
    assert all(step.state == "done" and step.wall_seconds > 0 and step.attempts == 1 for step in steps)


def test_an_edit_between_two_steps_reaches_the_next_run_and_not_this_one(instance: Instance) -> None:
    run = Going(instance, "toy", "ingest", "night-1", NIGHTS[0])
    run.steps("begin", "extract")
    edit(instance, "status = 'returned'", "status = 'kept'")
    version = run.steps("prepare", "validate", "publish")
    before = instance.registry.manifest(instance.registry.get("toy", version["number"])).spec
    second = ingest(instance, "toy", "night-2", NIGHTS[1])
    assert instance.registry.manifest(second).spec != before


def test_a_file_that_can_no_longer_be_read_stops_no_run_that_has_begun(instance: Instance) -> None:
    run = Going(instance, "toy", "ingest", "night-1", NIGHTS[0])
    run.steps("begin", "extract")
    (instance.folder("toy") / "use_case.yaml").write_text("name: [")
    with instance.ledger() as db:
        assert get_run(db, run.key) is not None
    from evergreen.loop.flow import stage
    from evergreen.loop.perform import perform
    from evergreen.loop.run import Asked

    step = stage("ingest").step("prepare")
    given = [run.done["begin"], run.done["extract"]]
    asked = Asked(Who("tester", "cli"), lambda _: NIGHTS[0])
    assert (
        perform(instance, stage("ingest"), step, run.key, given, asked=asked, say=print)["new_rows"]["orders"] == 1240
    )


def test_a_step_of_a_run_that_has_not_begun_says_where_to_begin(instance: Instance) -> None:
    run = Going(instance, "toy", "score", "nobody")
    with pytest.raises(PermanentError, match="Run it again from its first step on"):
        run.step("write")


def test_a_step_that_failed_is_noted_with_its_error_and_counts_its_attempts(
    instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Going(instance, "toy", "ingest", "night-1", NIGHTS[0])
    run.step("begin")
    with monkeypatch.context() as now:

        def gone(*_: object, **__: object) -> None:
            raise PermanentError("The source is gone.")

        now.setattr("evergreen.ingest.extract", gone)
        with pytest.raises(PermanentError):
            run.step("extract")
    with instance.ledger() as db:
        row = get_run(db, run.key)
    assert row is not None
    assert (row.state, row.said) == ("failed", "The source is gone.")
    assert "The source is gone." in describe_runs(instance, "toy", 5)
    run.steps("extract", "prepare", "validate", "publish")
    said = describe_run(instance, "toy", "night-1")
    assert "attempt 2" in said
    assert ": done" in said.splitlines()[0]


def test_a_run_with_nothing_to_do_says_so(instance: Instance) -> None:
    ingest(instance, "toy", "night-1", NIGHTS[0])
    with pytest.raises(NothingToDo):
        Going(instance, "toy", "ingest", "again", NIGHTS[0]).step("begin")
    with instance.ledger() as db:
        row = get_run(db, RunKey("toy", "ingest", "again"))
    assert row is not None
    assert row.state == "skipped"
    assert row.said is not None
    assert "already speaks of" in row.said


def test_who_rolled_back_is_known_and_who_holds(instance: Instance) -> None:
    for number, night in enumerate(NIGHTS[:2]):
        ingest(instance, "toy", f"night-{number}", night)
    with act(instance, "toy", "rollback", "back", Who("ann", "cli"), "data to v1", {}):
        rollback_data(instance, "toy", 1, "back")
    with instance.ledger() as db:
        assert held_by(db, "toy", "ingest") == "ann"
        set_hold(db, "toy", ("ingest",), "resumed", "resume", held=False)
        assert held_by(db, "toy", "ingest") is None
    assert "by ann" in describe_runs(instance, "toy", 5)


def test_an_act_that_fails_is_noted_too(instance: Instance) -> None:
    with pytest.raises(PermanentError), act(instance, "toy", "rollback", "x", Who("ann", "cli"), "data to v9", {}):
        raise PermanentError("There is no v9.")
    with instance.ledger() as db:
        row = get_run(db, RunKey("toy", "rollback", "x"))
    assert row is not None
    assert (row.state, row.said, row.asked_by) == ("failed", "There is no v9.", "ann")
