"""What one training may see."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest
from tests.unit.training.tables import START, churn, hashed, hashed_rows, timed, timed_rows, write

from evergreen.artifacts import Snapshot
from evergreen.hashing import FileChanged
from evergreen.parquet import read_checked, scan_parts
from evergreen.tasks.errors import UnusableTarget
from evergreen.training.errors import NotEnoughData
from evergreen.training.split.holdout import place
from evergreen.training.split.snapshot import snapshot

END = START + timedelta(days=30)
LATER = START + timedelta(days=700)


def test_promise_6_by_time_nothing_to_learn_from_was_unknown_when_the_window_began(tmp_path: Path) -> None:
    rows = timed_rows()
    late = pl.col("_at").dt.minute() == 0  # some labels come four days late
    rows = rows.with_columns(_known_at=pl.when(late).then(pl.col("_at") + timedelta(days=4)).otherwise("_known_at"))
    made = snapshot(timed(), write(rows, tmp_path / "table"), as_of=END, into=tmp_path / "snapshot")
    train, window = read_checked(made.train, made.train_sha256), read_checked(made.window, made.window_sha256)
    assert made.window_start is not None
    assert made.window_end is not None
    assert made.window_end - made.window_start == timedelta(days=5)
    assert train["_known_at"].max() <= made.window_start
    assert (train["_at"] + timedelta(days=1)).max() <= made.window_start
    assert window["_at"].min() > made.window_start
    assert window["_at"].max() == made.window_end
    assert window["_known_at"].max() <= END
    assert not set(train["id"]) & set(window["id"])
    between = rows.filter((pl.col("_at") <= made.window_start) & (pl.col("_known_at") > made.window_start))
    assert between.height > 0
    assert not set(between["id"]) & (set(train["id"]) | set(window["id"]))


def test_provisional_late_and_unlabelled_rows_are_in_neither_part_and_counted(tmp_path: Path) -> None:
    rows = timed_rows().with_columns(
        _provisional=pl.col("id").is_in(["k000001", "k001400"]),
        _late=pl.col("id").is_in(["k000002", "k000003"]),
        y=pl.when(pl.col("id") == "k000004").then(None).otherwise("y"),
    )
    made = snapshot(timed(), write(rows, tmp_path / "table"), as_of=END, into=tmp_path / "snapshot")
    seen = set(pl.read_parquet(made.train)["id"]) | set(pl.read_parquet(made.window)["id"])
    assert not seen & {"k000001", "k001400", "k000002", "k000003", "k000004"}
    assert (made.counts["provisional"], made.counts["late_base"], made.counts["unlabelled"]) == (2, 2, 1)


def test_rows_that_will_get_no_label_any_more_are_counted_apart(tmp_path: Path) -> None:
    rows = timed_rows().with_columns(
        y=pl.lit(None, dtype=pl.Boolean), _known_at=pl.lit(None, dtype=pl.Datetime("us", "UTC"))
    )
    use_case = timed()
    target = use_case.target.model_copy(update={"never_after": timedelta(days=10)})
    closed = rows.filter(pl.col("_at") <= END - timedelta(days=10)).height
    assert 0 < closed < rows.height
    with pytest.raises(NotEnoughData, match=f"; {closed} of these will not get one any more, by `target.never_after`"):
        snapshot(
            use_case.model_copy(update={"target": target}), write(rows, tmp_path / "t"), as_of=END, into=tmp_path / "s"
        )


def test_promise_6_by_hash_a_row_is_held_out_for_ever(tmp_path: Path) -> None:
    """Whatever the version, the seed or a refit: the same keys, and no training row among them."""
    use_case = hashed(training=", refit: true")
    small, large = churn()[:1500], churn()[500:]
    held: dict[str, set[str]] = {}
    for name, rows in (("small", small), ("large", large)):
        made = snapshot(use_case, write(rows, tmp_path / name / "t"), as_of=END, into=tmp_path / name)
        held[name] = set(pl.read_parquet(made.window)["id"])
        assert made.refit is not None
        for learned in (made.train, made.refit):
            assert not held[name] & set(pl.read_parquet(learned)["id"])
        assert made.window_rows == pytest.approx(0.2 * rows.height, rel=0.1)
    both = set(small["id"]) & set(large["id"])
    assert held["small"] & both == held["large"] & both
    assert place("k1") == pytest.approx(0.99237, abs=1e-5), "the salt and the hash must never change"


def test_with_refit_everything_mature_is_kept_beside(tmp_path: Path) -> None:
    rows = timed_rows()
    made = snapshot(timed(training=", refit: true"), write(rows, tmp_path / "t"), as_of=END, into=tmp_path)
    assert made.refit is not None
    assert pl.read_parquet(made.refit).height == made.counts["mature"]
    assert snapshot(timed(), write(rows, tmp_path / "t"), as_of=END, into=tmp_path).refit is None


def test_the_same_table_gives_the_same_bytes_and_goes_through_json(tmp_path: Path) -> None:
    rows = timed_rows()
    one = snapshot(timed(), write(rows, tmp_path / "a"), as_of=END, into=tmp_path / "one")
    other = snapshot(timed(), write(rows.reverse(), tmp_path / "b"), as_of=END, into=tmp_path / "other")
    assert (one.train_sha256, one.window_sha256) == (other.train_sha256, other.window_sha256)
    assert Snapshot.model_validate(one.model_dump(mode="json")) == one


def test_max_rows_keeps_the_newest(tmp_path: Path) -> None:
    table = write(timed_rows(), tmp_path / "t")
    whole = snapshot(timed(), table, as_of=END, into=tmp_path / "whole")
    some = snapshot(timed(training=", max_rows: 200"), table, as_of=END, into=tmp_path / "some")
    assert pl.read_parquet(some.train).equals(pl.read_parquet(whole.train).tail(200))
    assert some.window_sha256 == whole.window_sha256


def test_without_time_max_rows_keeps_those_whose_label_became_known_last_in_the_keys_order(tmp_path: Path) -> None:
    rows = hashed_rows(600)
    known = [START + timedelta(days=(7 * row) % 600) for row in range(rows.height)]
    rows = rows.with_columns(_known_at=pl.Series(known, dtype=rows.schema["_known_at"]))
    some = cut(rows, tmp_path)
    whole = read_checked(*_train(snapshot(hashed(), write(rows, tmp_path / "w"), as_of=LATER, into=tmp_path / "whole")))
    newest = set(whole.sort("_known_at").tail(200)["id"])
    assert some.equals(whole.filter(pl.col("id").is_in(newest)))


def test_of_labels_known_at_once_max_rows_keeps_neither_the_first_nor_the_last_keys(tmp_path: Path) -> None:
    rows = hashed_rows(600)
    some = cut(rows, tmp_path / "a")
    assert some.height == 200
    assert 0.3 < (some["id"] < rows["id"][300]).mean() < 0.7
    assert cut(rows.reverse(), tmp_path / "b").equals(some)


def cut(rows: pl.DataFrame, folder: Path) -> pl.DataFrame:
    """What is learned from where at most 200 rows are."""
    table = write(rows, folder / "t")
    return read_checked(*_train(snapshot(hashed(training=", max_rows: 200"), table, as_of=LATER, into=folder / "cut")))


def _train(made: Snapshot) -> tuple[Path, str]:
    return made.train, made.train_sha256


def test_no_mature_labels_yet_says_how_many_rows_there_are(tmp_path: Path) -> None:
    table = write(timed_rows(), tmp_path / "t")
    with pytest.raises(NotEnoughData, match="no row of `timed` has a mature label yet: of 1500 rows"):
        snapshot(timed(), table, as_of=START, into=tmp_path)


def test_rows_that_all_came_too_late_point_to_available_at(tmp_path: Path) -> None:
    table = write(timed_rows().with_columns(_late=pl.lit(True)), tmp_path / "t")
    with pytest.raises(
        NotEnoughData, match=r"1500 became available after their cutoff.*`available_at` on source `base`"
    ):
        snapshot(timed(), table, as_of=END, into=tmp_path)


def test_labels_that_never_came_point_to_the_outcome(tmp_path: Path) -> None:
    rows = timed_rows().with_columns(_known_at=pl.lit(None, pl.Datetime("us", "UTC")))
    with pytest.raises(NotEnoughData, match=r"1500 of the rest have no label.*column `y`"):
        snapshot(timed(), write(rows, tmp_path / "t"), as_of=END, into=tmp_path)


def test_a_history_shorter_than_the_window_says_so(tmp_path: Path) -> None:
    table = write(timed_rows(200, days=5), tmp_path / "t")
    with pytest.raises(NotEnoughData, match=r"has 0 rows to learn from.*training\.split\.test"):
        snapshot(timed(), table, as_of=END, into=tmp_path)


def test_an_empty_table_says_so(tmp_path: Path) -> None:
    with pytest.raises(NotEnoughData, match="has no rows yet"):
        snapshot(timed(), scan_parts([]), as_of=END, into=tmp_path)


def test_one_class_and_a_regression_target_of_text_are_refused(tmp_path: Path) -> None:
    rows = hashed_rows()
    with pytest.raises(UnusableTarget, match="1 class"):
        snapshot(hashed(), write(rows.with_columns(y=pl.lit(True)), tmp_path / "t"), as_of=END, into=tmp_path)
    text = rows.with_columns(y=pl.lit("much"))
    with pytest.raises(UnusableTarget, match="needs numbers"):
        snapshot(hashed("regression"), write(text, tmp_path / "t"), as_of=END, into=tmp_path)


def test_changed_rows_are_noticed(tmp_path: Path) -> None:
    made = snapshot(timed(), write(timed_rows(), tmp_path / "t"), as_of=END, into=tmp_path)
    made.train.write_bytes(made.train.read_bytes()[:-1] + b"x")
    with pytest.raises(FileChanged):
        read_checked(made.train, made.train_sha256)
