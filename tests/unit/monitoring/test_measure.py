"""One look at a model: drift, performance, replays, mismatches, and what of it is a violation."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from evergreen.hashing import key_texts
from evergreen.monitoring import Measurement, in_window, judged_bounds, measure, window_bounds
from evergreen.spec import UseCase, parse_use_case
from evergreen.tasks import MULTICLASS, REGRESSION

AS_OF = datetime(2013, 3, 1, 2, tzinfo=UTC)
FEATURES = ["carrier", "distance", "scheduled_at"]


def table(rows: int, seed: int, shift: float = 0.0, ends: datetime = AS_OF) -> pl.DataFrame:
    """Table rows of the last week before `ends`."""
    rng = np.random.default_rng(seed)
    at = [ends - timedelta(days=7) * (i / rows) for i in range(rows)]
    return pl.DataFrame(
        {
            "flight_id": [f"f{i}" for i in range(rows)],
            "carrier": rng.choice(["UA", "AA", "DL"], rows),
            "distance": rng.normal(1000 + shift, 100, rows),
            "scheduled_at": at,
            "_at": at,
            "_provisional": [False] * rows,
            "_late": [False] * rows,
            "_row": [f"row{i}" for i in range(rows)],
        }
    ).with_columns(pl.col("_at", "scheduled_at").dt.cast_time_unit("us"))


def predictions(rows: pl.DataFrame, seed: int = 0, skill: float = 1.0, kind: str = "batch") -> pl.DataFrame:
    """What the store holds of `rows` and their labels: predictions as text, the better the larger `skill`."""
    rng = np.random.default_rng(seed)
    late = rng.random(rows.height) < 0.3
    score = 1 / (1 + np.exp(-(skill * (2.0 * late - 1) + rng.normal(size=rows.height))))
    return rows.select(
        key_texts(rows, ["flight_id"]).alias("key"),
        pl.col("_at").alias("at"),
        pl.Series("prediction", ["true" if value > 0.5 else "false" for value in score]),
        pl.Series("probability", score),
        pl.Series("target", late),
        pl.lit(kind).alias("kind"),
        pl.col("_row").alias("features_hash"),
    )


def look(use_case: UseCase, **changed: Any) -> Measurement:
    current = table(1000, 2)
    arguments = {
        "reference": table(3000, 1),
        "current": current,
        "scored": predictions(current),
        "reference_metric": 0.92,
        "as_of": AS_OF,
        "features": FEATURES,
        "report": None,
    }
    return measure(use_case, **{**arguments, **changed})


def reason(found: Measurement, check: str) -> Any:
    return next(item for item in found.reasons if item.check == check)


def test_a_calm_week_is_no_violation(flights: UseCase) -> None:
    found = look(flights)
    assert (found.drift_violation, found.performance_violation, found.violation) == (False, False, False)
    assert found.window == (AS_OF - timedelta(days=7), AS_OF)
    assert (found.reference_rows, found.current_rows, found.not_compared) == (3000, 1000, ("scheduled_at",))
    assert found.performance.low is not None
    assert found.performance.low < found.performance.value < found.performance.high  # type: ignore[operator]
    assert found.drop == pytest.approx(0.92 - found.performance.value)  # type: ignore[operator]
    assert Measurement.model_validate(json.loads(found.model_dump_json())) == found
    assert look(flights) == found


def test_a_moved_column_is_a_violation_and_is_named(flights: UseCase) -> None:
    found = look(flights, current=table(1000, 2, shift=200))
    assert (found.drift_violation, found.performance_violation, found.violation) == (True, False, True)
    assert "`distance` (psi" in reason(found, "drift").text
    assert "1 of 2 features" in reason(found, "drift").text


def test_a_share_of_the_columns_may_drift_where_the_yaml_says_so(flights: UseCase) -> None:
    drift = flights.monitoring.drift.model_copy(update={"share": 0.5})
    calm = flights.model_copy(update={"monitoring": flights.monitoring.model_copy(update={"drift": drift})})
    assert look(calm, current=table(1000, 2, shift=200)).violation is False


def test_values_gone_missing_are_a_violation(flights: UseCase) -> None:
    gone = table(1000, 2).with_columns(carrier=pl.lit(None, dtype=pl.String))
    found = look(flights, current=gone)
    assert found.drift_violation is True
    assert "`carrier` (0% → 100%)" in reason(found, "missing").text


def test_a_worse_metric_is_a_violation_in_words(flights: UseCase) -> None:
    weak = predictions(table(1000, 2), skill=0.3)
    found = look(flights, scored=weak)
    assert (found.drift_violation, found.performance_violation, found.violation) == (False, True, True)
    assert found.drop is not None
    assert found.drop > 0.02
    said = reason(found, "performance")
    assert (said.passed, said.limit) == (False, pytest.approx(0.02))
    assert "worse than the gate's 0.9200; 0.0200 worse is allowed" in said.text


def test_lower_is_better_where_the_metric_is_a_loss(flights: UseCase) -> None:
    training = flights.training.model_copy(update={"metric": "log_loss"})
    found = look(flights.model_copy(update={"training": training}), reference_metric=0.1)
    assert found.drop is not None
    assert found.drop > 0
    assert found.performance_violation is True


def test_too_few_current_rows_cannot_be_judged(flights: UseCase, tmp_path: Path) -> None:
    few = table(99, 2, shift=5000)
    found = look(flights, current=few, scored=predictions(few), report=tmp_path / "report.html")
    assert (found.drift_violation, found.performance_violation, found.violation) == (None, None, False)
    assert [reason(found, check).passed for check in ("drift", "missing", "performance")] == [None] * 3
    assert "99 current rows; at least 100 are needed." in reason(found, "drift").text
    assert found.report is None
    assert not (tmp_path / "report.html").exists()


def test_no_rows_at_all_cannot_be_judged(flights: UseCase) -> None:
    nothing = table(1000, 2)
    found = look(flights, current=nothing.clear(), scored=predictions(nothing).clear())
    assert (found.violation, found.drift_violation, found.performance.value) == (False, None, None)
    assert reason(found, "features").passed is None


def test_without_the_gates_value_performance_is_said_but_not_judged(flights: UseCase) -> None:
    found = look(flights, reference_metric=None)
    assert (found.drop, found.performance_violation) == (None, None)
    assert "`roc_auc` is 0.9" in reason(found, "performance").text


def test_a_single_class_has_no_metric(flights: UseCase) -> None:
    on_time = predictions(table(1000, 2)).with_columns(target=pl.lit(value=False))
    found = look(flights, scored=on_time)
    assert found.performance.value is None
    assert "leave the metric undefined" in reason(found, "performance").text


def test_replayed_rows_are_reported_apart_and_unlabelled_ones_counted(flights: UseCase) -> None:
    current = table(1000, 2)
    rows = predictions(current)
    mixed = rows.with_columns(
        kind=pl.when(pl.int_range(pl.len()) < 300).then(pl.lit("replayed")).otherwise(pl.col("kind")),
        target=pl.when(pl.int_range(pl.len()) >= 950).then(None).otherwise(pl.col("target")),
    )
    found = look(flights, scored=mixed)
    assert (found.performance.rows, found.served.rows, found.replayed.rows) == (950, 650, 300)
    assert found.unlabelled_rows == 50
    assert found.served.value != found.replayed.value


def test_a_prediction_that_will_get_no_label_any_more_is_told_from_one_that_waits(flights: UseCase) -> None:
    """`never_after` is seven days."""
    assert flights.target.never_after == timedelta(days=7)
    rows = predictions(table(1000, 2, ends=AS_OF - timedelta(days=3)))
    mixed = rows.with_columns(target=pl.when(pl.int_range(pl.len()) % 2 == 0).then("target"))
    old = mixed.filter(pl.col("target").is_null() & (pl.col("at") <= AS_OF - timedelta(days=7))).height
    found = look(flights, scored=mixed)
    assert (found.unlabelled_rows, found.closed_rows) == (500, old)
    assert 0 < old < 500
    assert f"{old:,} others got no label within `target.never_after`." in reason(found, "performance").text
    few = look(flights, scored=mixed.filter(pl.col("target").is_null()))
    assert f"{500 - old:,} have no label yet" in reason(few, "performance").text
    without = flights.model_copy(update={"target": flights.target.model_copy(update={"never_after": None})})
    assert look(without, scored=mixed).closed_rows == 0


def test_a_key_predicted_twice_counts_once_by_its_last_prediction(flights: UseCase) -> None:
    rows = predictions(table(1000, 2))
    noise = rows.with_columns(probability=pl.lit(0.5))
    assert look(flights, scored=pl.concat([noise, rows])).performance == look(flights).performance


def test_promise_3_rows_that_are_no_longer_what_was_scored_are_reported(flights: UseCase) -> None:
    current = table(1000, 2)
    corrected = current.with_columns(
        _row=pl.when(pl.int_range(pl.len()) < 7).then(pl.lit("corrected")).otherwise(pl.col("_row"))
    )
    found = look(flights, current=corrected, scored=predictions(current))
    assert (found.features_mismatch, found.features_compared) == (7, 1000)
    assert reason(found, "features").text.startswith("7 of 1,000 labelled rows have other features")
    carried = predictions(current).with_columns(_row=corrected["_row"])
    assert look(flights, current=current, scored=carried).features_mismatch == 7
    assert found.violation is False


def test_accuracy_understands_predictions_kept_as_text(flights: UseCase) -> None:
    training = flights.training.model_copy(update={"metric": "accuracy"})
    rows = predictions(table(1000, 2), skill=50)
    found = look(flights.model_copy(update={"training": training}), scored=rows, reference_metric=1.0)
    assert found.performance.value == 1.0


def test_regression_and_several_classes_are_judged_too(flights: UseCase) -> None:
    current = table(1000, 2)
    rows = predictions(current)
    numbers = rows.with_columns(target=current["distance"], prediction=(current["distance"] + 3).cast(pl.String))
    regression = flights.model_copy(
        update={"task": REGRESSION, "training": flights.training.model_copy(update={"metric": "mae"})}
    )
    assert look(regression, scored=numbers.drop("probability"), reference_metric=2.0).drop == pytest.approx(1.0)
    shares = [
        json.dumps({name: 0.8 if name == carrier else 0.1 for name in ("UA", "AA", "DL")})
        for carrier in current["carrier"]
    ]
    classes = rows.drop("probability").with_columns(
        target=current["carrier"], prediction=current["carrier"], probabilities=pl.Series(shares)
    )
    multiclass = flights.model_copy(
        update={"task": MULTICLASS, "training": flights.training.model_copy(update={"metric": "log_loss"})}
    )
    found = look(multiclass, scored=classes, reference_metric=0.3)
    assert found.performance.value == pytest.approx(-np.log(0.8))


def test_without_time_there_is_no_window_and_rows_are_their_own_blocks() -> None:
    use_case = parse_use_case(
        "name: churn\ntask: binary\nkey: [flight_id]\ntarget: {column: left, positive: true}\n"
        "sources:\n  customers: {type: files, path: '*.csv', key: [flight_id]}\n"
    )
    found = look(
        use_case, scored=predictions(table(1000, 2)).with_columns(at=pl.lit(None, dtype=pl.Datetime("us", "UTC")))
    )
    assert found.window is None
    assert found.performance.low is not None


def test_the_window_is_open_at_its_start_and_leaves_out_unusable_rows(flights: UseCase) -> None:
    start, end = window_bounds(flights, AS_OF)
    assert end - start == timedelta(days=7)
    rows = table(5, 0).with_columns(
        _at=pl.Series([start, start + timedelta(microseconds=1), end, end, end]).dt.cast_time_unit("us"),
        _late=pl.Series([False, False, False, True, False]),
        _provisional=pl.Series([False, False, False, False, True]),
    )
    assert in_window(flights, rows, AS_OF)["flight_id"].to_list() == ["f1", "f2"]


def test_predictions_are_judged_of_a_window_as_long_whose_labels_count_already(flights: UseCase) -> None:
    waited = flights.model_copy(
        update={"target": flights.target.model_copy(update={"mature_after": timedelta(days=10)})}
    )
    assert judged_bounds(waited, AS_OF) == (AS_OF - timedelta(days=17), AS_OF - timedelta(days=10))
    timeless = waited.model_copy(update={"event_time": None, "predict": None})
    assert judged_bounds(timeless, AS_OF) == window_bounds(timeless, AS_OF)


def test_where_it_is_labels_that_are_missing_the_key_that_says_how_long_they_take_is_named(flights: UseCase) -> None:
    waiting = predictions(table(1000, 2)).with_columns(target=pl.lit(None, dtype=pl.Boolean))
    said = reason(look(flights, scored=waiting), "performance")
    assert said.passed is None
    assert "1,000 have no label yet; if that stays so, raise `target.mature_after`" in said.text
    timeless = flights.model_copy(update={"event_time": None, "predict": None})
    assert "raise `monitoring.window`" in reason(look(timeless, scored=waiting), "performance").text
    assert "raise" not in reason(look(flights, scored=waiting.clear()), "performance").text
