"""A booster stops early; tests/contract/training has every candidate that does, on every task."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.unit.training.tables import hashed, hashed_rows

from evergreen.hashing import file_sha256
from evergreen.tasks import task_named
from evergreen.training.candidates.early_stopping import Labelled
from evergreen.training.candidates.lightgbm import LightGbm
from evergreen.training.search.search import work_of
from evergreen.training.trial.configuration import Configuration
from evergreen.training.trial.worker import Here, Limits

PARAMS = LightGbm().known_good(task_named("binary"))[0]


def test_it_stops_where_rows_it_has_not_seen_say_so_and_a_plain_fit_of_that_is_the_same_model() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(400, 4))
    y = (x[:, 0] + rng.normal(size=400) > 0).astype(np.int64)
    model = LightGbm().build(task_named("binary"), PARAMS, 0, 1)
    learn, judge, asked = Labelled(x[:300], y[:300]), Labelled(x[300:], y[300:]), list[int]()
    found = LightGbm().fit_early(model, learn, judge, lambda: bool(asked.append(1)))  # asked once an iteration
    assert 1 < found["n_estimators"] < len(asked) < 300
    again = LightGbm().build(task_named("binary"), {**PARAMS, **found}, 0, 1).fit(learn.x, learn.y)
    assert again.predict_proba(x) == pytest.approx(model.predict_proba(x))


def test_a_trial_leaves_where_its_folds_stopped(tmp_path: Path) -> None:
    hashed_rows(300).write_parquet(tmp_path / "train.parquet")
    use_case = hashed(candidates="lightgbm")
    work = work_of(use_case, tmp_path / "train.parquet", file_sha256(tmp_path / "train.parquet"), 1, 1, tmp_path)
    with Here(work) as here:
        judged = here.judge(Configuration("lightgbm", PARAMS), "one", lambda *_: True, Limits())
    assert 1 < judged.refit["n_estimators"] < 300
