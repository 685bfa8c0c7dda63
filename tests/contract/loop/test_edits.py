"""An edit of use_case.yaml reaches the rows that are there already, also where a rollback came between."""

from __future__ import annotations

import polars as pl
from tests.faults.toy import NIGHTS
from tests.rounds import ingest

from evergreen.loop import rollback
from evergreen.loop.instance import Instance


def edit(instance: Instance, old: str, new: str) -> None:
    file = instance.folder("toy") / "use_case.yaml"
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))


def rows(instance: Instance, number: int, part: str = "table/") -> pl.DataFrame:
    version = instance.registry.get("toy", number)
    return pl.concat([pl.read_parquet(path) for path in instance.registry.files(version, part).values()])


def test_promise_8_after_a_rollback_the_next_ingest_follows_the_edit_that_was_rolled_back_too(
    instance: Instance,
) -> None:
    ingest(instance, "toy", "night-1", NIGHTS[0])
    edit(instance, "status = 'returned'", "status = 'kept'")
    ingest(instance, "toy", "night-2", NIGHTS[1])
    assert rows(instance, 2)["returned"].sum() != rows(instance, 1)["returned"].sum()
    rollback.rollback_data(instance, "toy", 1, "undo")
    assert rows(instance, 3)["returned"].sum() == rows(instance, 1)["returned"].sum()
    rollback.resume(instance, "toy", "resume")
    ingest(instance, "toy", "night-3", NIGHTS[2])
    assert rows(instance, 4)["returned"].sum() == rows(instance, 2)["returned"].sum()


def test_a_new_expectation_is_asked_of_the_rows_that_are_there(instance: Instance) -> None:
    first = ingest(instance, "toy", "night-1", NIGHTS[0])
    dear = rows(instance, first.number).filter(pl.col("price") > 150)["order_id"]
    rule = "expect_column_values_to_be_between: {column: price, max_value: 150}"
    edit(instance, "promotion:", f"quality: {{expectations: [{{{rule}}}], quarantine_at_most: 0.9}}\npromotion:")
    second = ingest(instance, "toy", "night-2", NIGHTS[1])
    held = rows(instance, second.number, "quarantine/table/")
    assert set(dear) <= set(held["order_id"])
    assert rows(instance, second.number)["price"].max() <= 150
