"""The store of models on MLflow: on PostgreSQL directly, and through a real MLflow server."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.unit.training.tables import timed, timed_rows

from evergreen.artifacts import ModelVersion
from evergreen.features.fitting import fit
from evergreen.features.predictor import Predictor
from evergreen.models import store as module
from evergreen.models.errors import ModelStoreUnreachable, ModelTampered, NoSuchModel
from evergreen.models.store import ModelStore
from evergreen.training.candidates import CANDIDATES

ROWS = timed_rows(200)


@pytest.fixture(scope="module")
def predictor() -> Predictor:
    return fit(timed(), ROWS, CANDIDATES["lightgbm"], {"n_estimators": 5}, 0)


def logged(store: ModelStore, predictor: Predictor, key: str = "run-1", **said: Any) -> ModelVersion:
    given: dict[str, Any] = {
        "run_name": "train 1", "params": {"n_estimators": 5}, "metrics": {"roc_auc": 0.8, "unknown": float("nan")},
        "tags": {"evergreen.candidate": "lightgbm"}, "dataset_version": 3, "candidate": "lightgbm", "seed": 0,
        "trained_before": datetime(2024, 1, 20, tzinfo=UTC),
    }  # fmt: skip
    return store.log("timed", predictor=predictor, key=key, **{**given, **said})


@pytest.fixture(scope="module")
def uri(postgres) -> str:
    """One MLflow database for this file: its tables take seconds to make."""
    return postgres.create_database("mlflow_test")


@pytest.fixture
def direct(uri: str, tmp_path: Path) -> ModelStore:
    """A store of its own use case folder in the shared database."""
    return ModelStore(uri, str(tmp_path / "artifacts"))


@pytest.fixture(scope="module")
def server(uri: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real MLflow server on the same database."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    log = (tmp_path_factory.mktemp("mlflow") / "log").open("w")
    root = tmp_path_factory.mktemp("root").as_uri()
    process = subprocess.Popen(
        [sys.executable, "-m", "mlflow", "server", "--backend-store-uri", uri, "--host", "127.0.0.1",
         "--port", str(port), "--workers", "1", "--no-serve-artifacts", "--default-artifact-root", root],
        env={**os.environ, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "MLFLOW_DISABLE_TELEMETRY": "true"},
        stdout=log, stderr=log, start_new_session=True,
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(240):
            try:
                urllib.request.urlopen(f"{address}/health", timeout=2).close()
                break
            except OSError:
                assert process.poll() is None, "the MLflow server did not start"
                time.sleep(0.5)
        yield address
    finally:
        os.killpg(process.pid, 15)
        process.wait(timeout=30)
        log.close()


def test_what_is_logged_is_loaded_with_its_hash_checked(
    direct: ModelStore, predictor: Predictor, tmp_path: Path
) -> None:
    (tmp_path / "card").mkdir()
    (tmp_path / "card/model_card.md").write_text("# A card\n")
    model = logged(direct, predictor, "load", artifacts=tmp_path / "card")
    assert direct.load(model).predict(ROWS).equals(predictor.predict(ROWS))
    assert direct.get("timed", model.version) == model
    run = direct.client.get_run(model.run_id)
    assert run.info.status == "FINISHED"
    assert direct.metrics(model) == {"roc_auc": 0.8}
    assert run.data.params["n_estimators"] == "5"
    assert run.data.tags["evergreen.use_case"] == "timed"
    assert run.data.tags["evergreen.dataset_version"] == "3"
    assert [item.path for item in direct.client.list_artifacts(model.run_id)] == ["model_card.md"]


def test_logged_again_under_the_same_key_it_is_the_same_version(direct: ModelStore, predictor: Predictor) -> None:
    one, again, other = (logged(direct, predictor, key) for key in ("same", "same", "another"))
    assert one == again
    assert other.version == one.version + 1


@pytest.mark.parametrize("where", ["log_artifacts", "log_model_artifacts", "create_model_version", "set_terminated"])
def test_a_crash_while_logging_is_made_good_by_calling_again(
    direct: ModelStore, predictor: Predictor, where: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files/a.txt").write_text("a")
    with monkeypatch.context() as broken:

        def crash(*_: Any, **__: Any) -> None:
            raise KeyboardInterrupt

        broken.setattr(direct.client, where, crash)
        with pytest.raises(KeyboardInterrupt):
            logged(direct, predictor, f"crash {where}", artifacts=tmp_path / "files")
    model = logged(direct, predictor, f"crash {where}", artifacts=tmp_path / "files")
    found = direct.client.search_model_versions(f"name = 'timed' and tags.`evergreen.key` = 'crash {where}'")
    assert [int(version.version) for version in found] == [model.version]
    assert direct.client.get_run(model.run_id).info.status == "FINISHED"
    assert direct.load(model).predict(ROWS).equals(predictor.predict(ROWS))


def test_a_tampered_model_is_never_deserialised(
    direct: ModelStore, predictor: Predictor, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = logged(direct, predictor, "tamper")
    file = direct.folder(model) / "model.skops"
    file.write_bytes(file.read_bytes()[:-1] + b"!")
    monkeypatch.setattr(Predictor, "load", lambda *_: pytest.fail("it was deserialised"))
    with pytest.raises(ModelTampered, match=f"version {model.version} of model `timed`"):
        direct.load(model)
    file.unlink()
    with pytest.raises(ModelTampered):
        direct.load(model)


def test_the_twin_is_kept_beside(direct: ModelStore, predictor: Predictor) -> None:
    twin = fit(timed(), ROWS[:150], CANDIDATES["lightgbm"], {"n_estimators": 5}, 0)
    model = logged(direct, predictor, "twin", twin=twin)
    assert direct.load(model, twin=True).predict(ROWS).equals(twin.predict(ROWS))
    assert direct.load(model).predict(ROWS).equals(predictor.predict(ROWS))
    with pytest.raises(NoSuchModel, match="no twin"):
        direct.load(logged(direct, predictor, "no twin"), twin=True)


def test_aliases_and_tags(direct: ModelStore, predictor: Predictor) -> None:
    assert direct.aliases("nobody") == {}
    model = logged(direct, predictor, "alias")
    direct.alias("timed", "champion", model.version)
    assert direct.aliases("timed")["champion"] == model.version
    with pytest.raises(NoSuchModel):
        direct.alias("timed", "champion", 9999)
    direct.tag(model, {"evergreen.gate": "pass"})
    assert direct.client.get_run(model.run_id).data.tags["evergreen.gate"] == "pass"
    assert direct.get("timed", model.version) == model
    with pytest.raises(NoSuchModel):
        direct.get("timed", 9999)


def test_a_server_and_a_direct_client_see_the_same(
    direct: ModelStore, server: str, predictor: Predictor, tmp_path: Path
) -> None:
    through = ModelStore(server, str(tmp_path / "artifacts"))
    model = logged(through, predictor, "server")
    assert direct.get("timed", model.version) == model
    assert through.load(model).predict(ROWS).equals(predictor.predict(ROWS))
    assert logged(direct, predictor, "server") == model
    through.alias("timed", "champion", model.version)
    assert direct.aliases("timed")["champion"] == model.version


def test_mlflow_itself_loads_the_model(server: str, predictor: Predictor, tmp_path: Path) -> None:
    """As a person would: by name and version, without Evergreen's store."""
    store = ModelStore(server, str(tmp_path / "artifacts"))
    model = logged(store, predictor, "pyfunc")
    ROWS.write_parquet(tmp_path / "rows.parquet")
    script = """
import json, sys, mlflow, pandas
mlflow.set_tracking_uri(sys.argv[1])
rows = pandas.read_parquet("rows.parquet")
rows["at"] = rows["at"].dt.tz_localize(None)  # MLflow's times have no zone
said = mlflow.pyfunc.load_model(f"models:/timed/{sys.argv[2]}").predict(rows)
print(json.dumps(said["probability"].tolist()))
"""
    include = str(Path(__file__).resolve().parents[3] / "include")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script, server, str(model.version)], cwd=tmp_path, text=True,
        capture_output=True, check=False, env={**os.environ, "PYTHONPATH": include},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    assert json.loads(done.stdout.splitlines()[-1]) == predictor.predict(ROWS)["probability"].to_list()


def test_a_store_that_is_not_there_is_a_transient_error_without_its_address(
    predictor: Predictor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    gone = ModelStore("http://who:secret@127.0.0.1:1", "artifacts")
    with pytest.raises(ModelStoreUnreachable, match="EVERGREEN_MLFLOW_URI") as caught:
        logged(gone, predictor)
    assert "secret" not in str(caught.value)
    assert "secret" not in repr(gone)
    assert module.CHAMPION == "champion"
