"""Features of columns that the use case says nothing of."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.model_selection import KFold
from sklearn.preprocessing import TargetEncoder
from tests.unit.features.test_pipeline import ALL, first
from tests.unit.training.tables import hashed, hashed_rows, timed, timed_rows

from evergreen.features.categories import UNSEEN, CategoryCodes, CategoryColumns, CategoryMeans
from evergreen.features.errors import WrongColumns
from evergreen.features.fitting import fit
from evergreen.features.gaps import TimeGaps
from evergreen.features.long_text import LongText
from evergreen.features.pipeline import build_pipeline
from evergreen.features.predictor import Predictor
from evergreen.features.selectors import kind_of_text
from evergreen.training.candidates import CANDIDATES

WORDS = ["warm", "cold", "house", "garden", "street", "tree", "river", "light", "dark", "old", "new", "small", "big"]


def texts(number: int, seed: int = 0) -> list[str]:
    rng = np.random.default_rng(seed)
    return [" ".join(rng.choice(WORDS, 6)) for _ in range(number)]


def test_text_is_told_by_what_is_in_it() -> None:
    rng = np.random.default_rng(0)
    found = {
        "few": rng.choice(["a", "b"], 200).tolist(),
        "many": [f"code{i % 60}" for i in range(200)],
        "text": texts(200),
        "same": ["x"] * 200,
        "names": [f"id{i}" for i in range(200)],
    }
    kinds = {name: kind_of_text(pd.Series(values, dtype=object), 20) for name, values in found.items()}
    assert kinds == {"few": "few", "many": "many", "text": "text", "same": None, "names": None}


@pytest.mark.parametrize("name", ALL)
def test_free_text_is_learned_from_and_the_model_is_saved(name: str, tmp_path: Path) -> None:
    rows = hashed_rows(600).with_columns(note=pl.Series(texts(600))).drop("x", "z", "few", "many", "flag")
    rows = rows.with_columns(y=pl.col("note").str.contains("river"))
    predictor = fit(hashed(), rows[:400], CANDIDATES[name], first(name), 0)
    said = predictor.predict(rows[400:])
    right = (said["prediction"] == rows["y"][400:]).mean()
    assert right is not None
    assert right > 0.7  # six in ten are the more frequent class
    predictor.save(tmp_path)
    assert Predictor.load(tmp_path).predict(rows[400:]).equals(said)
    unknown = rows[400:].with_columns(
        note=pl.lit("entirely unheard-of") if name == "xgboost" else pl.lit(None, pl.String)
    )
    assert predictor.predict(unknown)["probability"].is_finite().all()


def test_long_text_is_learned_on_the_rows_it_is_fitted_on_only() -> None:
    rows = np.array(texts(100), dtype=object).reshape(-1, 1)
    transformer = LongText("binary", directions=5, telling=3).fit(rows, ["river" in row[0] for row in rows])
    assert transformer.transform(rows).shape == (100, 10)
    made = transformer.transform(np.array([["never heard of"], ["river river"]], dtype=object))
    assert made[0, 2:].tolist() == [0.0] * 8
    assert made[1, 2:5].max() > 0.5
    assert made[:, :2].tolist() == [[3, 14], [2, 11]]
    alone = LongText("binary").fit(np.array([["one"], ["two"]], dtype=object), [0, 1])
    assert alone.transform(np.array([["one"]], dtype=object)).tolist() == [[1, 3]]


def test_codes_are_the_same_for_one_row_as_for_many() -> None:
    column = np.array([[text] for text in ["b", "a", "c", "a", "∅"] * 30], dtype=object)
    codes = CategoryCodes("frequency").fit(column)
    many = codes.transform(column)
    assert [codes.transform(column[i : i + 1])[0, 0] for i in range(5)] == many[:5, 0].tolist()
    assert many[1, 0] == 0
    assert codes.transform(np.array([["new"]] * 100, dtype=object)).tolist() == [[UNSEEN]] * 100
    assert CategoryCodes().fit(column).transform(column[:3]).ravel().tolist() == [1, 0, 2]


def test_the_most_frequent_categories_have_a_column_each() -> None:
    column = np.array([["b"], ["b"], ["a"], ["c"], ["c"], ["c"]], dtype=object)
    asked = np.array([["c"], ["b"], ["a"], ["new"]], dtype=object)
    assert CategoryColumns().fit(column).transform(asked).tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0]]
    assert CategoryColumns(most=2).fit(column).transform(asked).tolist() == [[1, 0], [0, 1], [0, 1], [0, 1]]


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_what_the_target_is_like_agrees_with_scikit_learn(task: str) -> None:
    rng = np.random.default_rng(0)
    texts = rng.choice([f"k{i}" for i in range(30)], (400, 2)).astype(object)
    y = {"binary": rng.integers(0, 2, 400), "multiclass": rng.integers(0, 4, 400), "regression": rng.normal(size=400)}[
        task
    ]
    kind = "continuous" if task == "regression" else "auto"
    peer = TargetEncoder(target_type=kind, cv=KFold(5, shuffle=True, random_state=3))
    ours = CategoryMeans(task, 3, counts=False, codes=False)
    assert np.allclose(ours.fit_transform(texts, y), peer.fit_transform(texts, y))
    other = np.vstack([texts[:50], [["unseen", "k1"]]]).astype(object)
    assert np.allclose(ours.transform(other), peer.transform(other))


def test_many_categories_are_cross_fitted_and_counted() -> None:
    """A category a row would otherwise carry the row's own target into its features."""
    rng = np.random.default_rng(0)
    own = np.array([[f"k{i}"] for i in range(500)], dtype=object)
    target = rng.random(500)
    made = CategoryMeans("regression").fit_transform(own, target)
    assert abs(np.corrcoef(made[:, 0], target)[0, 1]) < 0.2
    few = np.array([["a"]] * 300 + [["b"]] * 200, dtype=object)
    fitted = CategoryMeans("regression", codes=False).fit(few, np.repeat([1.0, 2.0], [300, 200]))
    made = fitted.transform(np.array([["a"], ["b"], ["c"]], dtype=object))
    assert made[:, 0] == pytest.approx([1.0, 2.0, 1.4], abs=0.01)
    assert made[:, 1] == pytest.approx([np.log1p(300), np.log1p(200), 0.0])


def test_a_column_a_class_is_not_made_of_many_classes() -> None:
    column = np.array([[f"c{i % 40}"] for i in range(400)], dtype=object)
    assert CategoryMeans("multiclass").fit_transform(column, np.arange(400) % 4).shape == (400, 6)
    assert CategoryMeans("multiclass").fit_transform(column, np.arange(400) % 50).shape == (400, 2)


def test_days_between_times() -> None:
    times = np.array([["2024-01-01", "2024-01-03T12:00"], ["2024-01-01", "NaT"]], dtype="datetime64[us]")
    made = TimeGaps().fit_transform(times)
    assert made[0, 0] == 2.5
    assert np.isnan(made[1, 0])


def test_times_become_parts_and_gaps() -> None:
    start = datetime(2024, 1, 1)  # noqa: DTZ001
    rows = hashed_rows(300).with_columns(
        first=pl.Series([start + timedelta(hours=5 * i) for i in range(300)]),
        last=pl.Series([start + timedelta(hours=7 * i) for i in range(300)]),
    )
    rows = rows.with_columns(y=(pl.col("last") - pl.col("first")) > timedelta(hours=300))
    for name in ALL:
        predictor = fit(hashed(), rows.drop("x", "z", "few", "many"), CANDIDATES[name], first(name), 0)
        assert (predictor.predict(rows)["prediction"] == rows["y"]).mean() > 0.95, name  # type: ignore[operator]


def test_what_only_grows_is_no_feature_where_the_split_is_by_time() -> None:
    def parts(by_time: bool) -> list[str]:
        use_case, rows = (timed(), timed_rows(50)) if by_time else (hashed(), timed_rows(50))
        pipeline = build_pipeline(use_case, dict(rows.schema), CANDIDATES["lightgbm"], {}, 0)
        return list({name: step for name, step, _ in pipeline.named_steps["features"].parts}["calendar"].parts)

    assert parts(by_time=True) == ["hour", "weekday", "month", "day"]
    assert parts(by_time=False) == ["hour", "weekday", "month", "day", "year", "elapsed"]


def test_all_features_constant() -> None:
    rows = hashed_rows(100).select("id", "y", "_at", "_cutoff", "_provisional", "_late", "_known_at", same=pl.lit("a"))
    with pytest.raises(WrongColumns, match="no column is left to learn from"):
        fit(hashed(), rows, CANDIDATES["lightgbm"], first("lightgbm"), 0)


def test_more_columns_than_rows() -> None:
    rng = np.random.default_rng(0)
    rows = hashed_rows(40).hstack(pl.DataFrame({f"w{i}": rng.normal(size=40) for i in range(200)}))
    for name in ALL:
        predictor = fit(hashed(), rows, CANDIDATES[name], first(name), 0)
        assert predictor.predict(rows)["probability"].is_finite().all(), name


def test_a_category_never_seen_and_infinite_values() -> None:
    rows = hashed_rows(400)
    odd = rows.with_columns(few=pl.lit("never"), many=pl.lit("never"), x=pl.lit(float("inf")), z=pl.lit(-1e300))
    for name in ALL:
        predictor = fit(hashed(), rows, CANDIDATES[name], first(name), 0)
        assert predictor.predict(odd)["probability"].is_finite().all(), name


def test_features_are_fitted_on_training_rows_only() -> None:
    """Promise 4: what was never in the training rows leaves no trace in the fitted features."""
    rows = hashed_rows(400)
    predictor = fit(hashed(), rows[:300], CANDIDATES["lightgbm"], first("lightgbm"), 0)
    steps = predictor.pipeline.named_steps["features"].named_transformers_
    known = steps["many_categories"].coder_.codes_[0]
    assert set(known) == set(rows["many"][:300].unique())
