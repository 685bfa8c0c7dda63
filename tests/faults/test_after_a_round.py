"""After undisturbed nights: a prediction is traced to its source rows, a shipped model is pinned and rebuilt."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from sqlalchemy import create_engine

from .conftest import Undisturbed


def batch_prediction(undisturbed: Undisturbed) -> str:
    from evergreen.local.postgres import EmbeddedPostgres

    engine = create_engine(EmbeddedPostgres(undisturbed.instance.home).url("evergreen"))
    query = "select prediction_id from evergreen.predictions where kind = 'batch' order by key limit 1"
    with engine.connect() as db:
        return str(pl.read_database(query, db).item())


def test_a_prediction_is_traced_to_the_rows_of_its_sources(undisturbed: Undisturbed) -> None:
    status, said = undisturbed.instance.run("trace", batch_prediction(undisturbed))
    assert status == 0, said
    for part in ("release 1", "MLflow run", "trained on toy@v1", "the same features", "orders: row 2024", "of batch"):
        assert part in said, said


def test_a_prediction_that_is_not_there(undisturbed: Undisturbed) -> None:
    status, said = undisturbed.instance.run("trace", "nothing")
    assert status == 1
    assert "there is no prediction nothing" in said
    assert "Traceback" not in said


def test_a_shipped_model_is_rebuilt_to_the_same_metrics(undisturbed: Undisturbed, tmp_path: Path) -> None:
    params, out = tmp_path / "params.yaml", tmp_path / "refit"
    status, said = undisturbed.instance.run("pin", "toy", "--params", str(params))
    assert status == 0, said
    status, said = undisturbed.instance.run("refit", "toy", "--params", str(params), "--out", str(out))
    assert status == 0, said
    assert json.loads((out / "metrics.json").read_text())["roc_auc"] > 0.6
    spoilt = params.read_text().replace("roc_auc: 0.", "roc_auc: 0.1")
    params.write_text(spoilt)
    status, said = undisturbed.instance.run("refit", "toy", "--params", str(params), "--out", str(out))
    assert status == 1
    assert "the refit has roc_auc" in said


LOOKS = [("history", "toy", "--batches"), ("verify", "toy"), ("state", "toy"), ("check",)]


@pytest.mark.parametrize("arguments", LOOKS)
def test_looking_changes_nothing(undisturbed: Undisturbed, arguments: tuple[str, ...]) -> None:
    status, said = undisturbed.instance.run(*arguments)
    assert status == 0, said
    assert undisturbed.instance.state() == undisturbed.states[-1]
