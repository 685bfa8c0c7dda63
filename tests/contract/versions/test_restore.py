from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.contract.versions.kit import BASE, Kit

from evergreen.artifacts import DatasetVersion
from evergreen.errors import PermanentError
from evergreen.versions import ParentMoved

NOW = datetime(2013, 2, 1, 2, tzinfo=UTC)


def restore(kit: Kit, to: DatasetVersion, parent: DatasetVersion) -> DatasetVersion:
    return kit.registry.restore(use_case="flights", to=to, parent=parent, data_time=NOW, run_id="undo")


def test_promise_8_going_back_publishes_the_old_state_as_the_next_version(kit: Kit) -> None:
    first = kit.publish(BASE)
    second = kit.publish({"table/day=1.parquet": b"ONE"}, ["table/day=2.parquet"], spec="edited since")
    third = restore(kit, first, second)
    assert (third.name, third.tree, third.data_time) == ("flights@v3", first.tree, NOW)
    assert kit.read(third) == BASE
    old, new = kit.registry.manifest(first), kit.registry.manifest(third)
    assert (new.parent, new.restores, new.run_id) == (2, 1, "undo")
    kept = {"spec", "cursors", "schemas", "batches", "counts"}
    assert new.model_dump(include=kept) == old.model_dump(include=kept)
    assert kit.git("log", "-1", "--format=%s", "main") == "flights@v3: 2013-02-01T02:00Z, restores v1"
    assert kit.registry.get("flights", 2) == second
    assert restore(kit, first, second) == third


def test_restoring_what_is_damaged_everywhere_publishes_nothing(kit: Kit) -> None:
    first = kit.publish(BASE)
    second = kit.publish({"table/day=1.parquet": b"ONE"})
    kit.damage(first, "table/day=1.parquet")
    kit.reopen()
    with pytest.raises(PermanentError, match=r"flights@v1: table/day=1\.parquet .* is damaged"):
        restore(kit, first, second)
    assert kit.registry.head("flights") == second


def test_restoring_after_a_parent_that_moved_is_refused(kit: Kit) -> None:
    first = kit.publish(BASE)
    second = kit.publish({"a": b"a"})
    kit.publish({"b": b"b"})
    with pytest.raises(ParentMoved, match="flights@v3 is the newest"):
        restore(kit, first, second)


def test_restoring_another_use_case_is_refused(kit: Kit) -> None:
    parent = kit.publish(BASE)
    with pytest.raises(PermanentError, match="another use case"):
        restore(kit, kit.publish(BASE, use_case="churn"), parent)


def test_a_diff_says_what_differs(kit: Kit) -> None:
    first = kit.publish(BASE)
    second = kit.publish({"table/day=2.parquet": b"TWO", "table/day=3.parquet": b"3"}, ["sources/weather/0.parquet"])
    diff = kit.registry.diff(first, second)
    assert diff.added == ("table/day=3.parquet",)
    assert diff.removed == ("sources/weather/0.parquet",)
    assert diff.changed == ("table/day=2.parquet",)
    assert (diff.counts_before, diff.counts_after, diff.rows) == ({"table": 10}, {"table": 20}, 10)
    assert diff.cursors_before == {"weather": {"after": "1"}}
    assert diff.cursors_after == {"weather": {"after": "2"}}
    assert (diff.batches_added, diff.batches_removed) == (("b2",), ())
    assert kit.registry.diff(second, first).batches_removed == ("b2",)
    assert kit.registry.diff(first, first).empty
    assert not diff.empty
