"""A shipped model, pinned in `params.yaml` and refitted from it offline: a search is recorded, not replayed."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from evergreen.artifacts import Snapshot
from evergreen.errors import PermanentError
from evergreen.loop.active import active_release
from evergreen.loop.instance import Instance
from evergreen.spec import UseCase
from evergreen.spec.load import fingerprint

if TYPE_CHECKING:
    from evergreen.features.predictor import Predictor

TOLERANCE = 1e-6
PARAMS = "params.yaml"


def pin(instance: Instance, name: str, path: Path) -> dict[str, Any]:
    """Write the active model's data, configuration, seed and metrics under `pinned.<name>` of `path`.

    Raises PermanentError without an active release, or when the use case's file has changed since it was trained.
    """
    active = active_release(instance, name)
    if active is None:
        raise PermanentError(f"{name} has no active release to pin; go round the loop first: `evergreen run {name}`")
    model = active[0].model
    version = instance.registry.get(name, model.dataset_version)
    use_case = instance.use_case(name)
    spec = instance.registry.manifest(version).spec
    _must_be_the_same(name, spec, use_case)
    with tempfile.TemporaryDirectory(prefix="evergreen-pin-") as scratch:
        data = _snapshot(instance, use_case, version.number, Path(scratch))
        metrics = _metrics(use_case, data, instance.models.load(model, twin=model.twin_uri is not None))
    entry = {
        "dataset_version": version.number,
        "tree": version.tree,
        "as_of": version.data_time.isoformat(),
        "spec": spec,
        "release": active[0].number,
        "candidate": model.candidate,
        "params": model.params,
        "seed": model.seed,
        "metrics": metrics,
    }
    said = _read(path)
    said.setdefault("pinned", {})
    said["pinned"] = {**(said["pinned"] or {}), name: entry}
    path.write_text(yaml.safe_dump(said, sort_keys=False), encoding="utf-8")
    return entry


def refit(instance: Instance, name: str, path: Path, into: Path) -> dict[str, float]:
    """Fit the pinned configuration anew on one thread, write model, metrics and a curve into `into`; the metrics.

    Raises PermanentError when nothing is pinned, the data or the use case's file are others, or a metric differs from
    the pinned one by more than 1e-6 of its size.
    """
    from evergreen.training.fit.winner import fit_configuration

    entry = (_read(path).get("pinned") or {}).get(name)
    if entry is None:
        raise PermanentError(f"{path} pins no model of {name}; write it with `evergreen pin {name}`")
    version = instance.registry.get(name, int(entry["dataset_version"]))
    if version.tree != entry["tree"]:
        raise PermanentError(f"{version.name} has the tree {version.tree}, but {path} pins {entry['tree']}; pin again")
    use_case = instance.use_case(name)
    _must_be_the_same(name, entry["spec"], use_case)
    into.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="evergreen-refit-") as scratch:
        data = _snapshot(instance, use_case, version.number, Path(scratch))
        predictor = fit_configuration(use_case, data, entry["candidate"], entry["params"], int(entry["seed"]), n_jobs=1)
        metrics = _metrics(use_case, data, predictor)
        _curve(use_case, data, predictor, into / "predictions.csv")
    predictor.save(into / "model")
    (into / "metrics.json").write_text(json.dumps(metrics, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    for metric, value in entry["metrics"].items():
        if abs(metrics.get(metric, float("nan")) - value) > TOLERANCE * max(1.0, abs(value)):
            raise PermanentError(
                f"{name}: the refit has {metric} {metrics.get(metric)}, the shipped model {value}; "
                "were the libraries changed since? Install requirements.txt of the commit that shipped it"
            )
    return metrics


def _must_be_the_same(name: str, spec: str, use_case: UseCase) -> None:
    if spec != fingerprint(use_case):
        raise PermanentError(
            f"{name}: use_case.yaml has changed since this model's data were made, so it can't be rebuilt from here; "
            "check out the commit it was trained from, or retrain and pin again"
        )


def _snapshot(instance: Instance, use_case: UseCase, number: int, into: Path) -> Snapshot:
    from evergreen.training.split.snapshot import snapshot

    version = instance.registry.get(use_case.name, number)
    return snapshot(use_case, instance.registry.parts(version).table(), as_of=version.data_time, into=into)


def _metrics(use_case: UseCase, data: Snapshot, predictor: Predictor) -> dict[str, float]:
    """Every metric of the task on the gate window."""
    from evergreen.metrics.registry import metrics_of
    from evergreen.parquet import read_checked

    rows = read_checked(data.window, data.window_sha256)
    seen = use_case.task.scored(rows[use_case.target.column], predictor.predict(rows), predictor.positive)
    return {metric.name: float(metric.value(seen)) for metric in metrics_of(use_case)}


def _curve(use_case: UseCase, data: Snapshot, predictor: Predictor, path: Path) -> None:
    """What `dvc plots` draws: actual against predicted."""
    from evergreen.parquet import read_checked

    rows = read_checked(data.window, data.window_sha256)
    predicted = predictor.predict(rows)
    target = rows[use_case.target.column].alias("actual")
    shown = predictor.task.headline
    predicted.select(shown).rename({shown: "predicted"}).with_columns(target).write_csv(path)


def _read(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    said = yaml.safe_load(path.read_text(encoding="utf-8"))
    return said if isinstance(said, dict) else {}
