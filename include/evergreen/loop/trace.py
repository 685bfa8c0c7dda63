"""From a prediction back to the rows of the sources it was made from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import polars as pl

from evergreen.artifacts import DatasetVersion, Manifest
from evergreen.errors import PermanentError
from evergreen.hashing import key_texts
from evergreen.ledger.releases import get_release
from evergreen.loop.instance import Instance
from evergreen.parquet import read_rows
from evergreen.spec import UseCase
from evergreen.table import AVAILABLE_AT, BATCH, FROM, HASH, KEY, ROW


def trace(instance: Instance, prediction_id: str) -> str:
    """Request → release → model run → dataset version → batches → source rows, as indented lines.

    Raises PermanentError when there is no such prediction.
    """
    found = instance.predictions.find(prediction_id)
    if found is None:
        raise PermanentError(f"there is no prediction {prediction_id}; ids are in every answer of the service")
    with instance.ledger() as db:
        release = get_release(db, found.use_case, found.release)
    if release is None:
        raise PermanentError(f"prediction {prediction_id} names release {found.release}, which the ledger doesn't know")
    use_case = instance.use_case(found.use_case)
    trained = instance.registry.get(found.use_case, release.dataset_version)
    number = found.dataset_version or release.dataset_version
    version = instance.registry.get(found.use_case, number)
    lines = [
        f"prediction {found.prediction_id} ({found.kind}) for {found.use_case} {found.key}",
        f"  made {found.made_at:%Y-%m-%d %H:%M:%S}Z, predicts {found.prediction}"
        + (f" with probability {found.probability:.4f}" if found.probability is not None else ""),
        f"  release {release.number}",
        f"    bento {release.bento.tag}",
        f"    model {release.model.version} ({release.model.candidate}), MLflow run {release.model.run_id}",
        f"      trained on {trained.name} (commit {trained.commit[:10]}, tree {trained.tree})",
        f"  data {version.name} (commit {version.commit[:10]}, tree {version.tree}), as of {_when(version.data_time)}",
    ]
    lines += _rows(instance, use_case, version, found.key, found.features_hash)
    return "\n".join(lines)


def _rows(instance: Instance, use_case: UseCase, version: DatasetVersion, key: str, features_hash: str) -> list[str]:
    parts = instance.registry.parts(version)
    row = _table_row(use_case, list(parts.table_files().values()), key)
    if row is None:
        return [f"    no row of {version.name} has this key: the request brought a row of its own"]
    same = "the same features" if row[ROW] == features_hash else "features of its own, not those of the table"
    lines = [f"    table row {key}: {same}"]
    manifest = instance.registry.manifest(version)
    for source in use_case.sources:
        digest = row.get(f"{FROM}{source}")
        if digest is None:
            lines.append(f"    {source}: no row")
            continue
        files = list(parts.source_files(source).values())
        lines.append(f"    {source}: {_source_row(files, digest, manifest)}")
    return lines


def _table_row(use_case: UseCase, paths: Sequence[Path], key: str) -> dict[str, object] | None:
    for path in paths:
        frame = read_rows(path)
        hit = frame.filter(key_texts(frame, use_case.key) == key)
        if hit.height:
            return hit.row(0, named=True)
    return None


def _source_row(paths: Sequence[Path], digest: object, manifest: Manifest) -> str:
    for path in paths:
        hit = read_rows(path, [KEY, HASH, BATCH, AVAILABLE_AT]).filter(pl.col(HASH) == digest)
        if hit.height:
            row = hit.row(0, named=True)
            entry = next((e for e in manifest.batches if e.batch == row[BATCH]), None)
            taken = f", taken {_when(entry.data_time)}" if entry is not None else ""
            named = f"row {row[KEY]} ({digest}) of batch {str(row[BATCH])[:12]}"
            return f"{named}{taken}, known from {_when(row[AVAILABLE_AT])}"
    return f"row {digest} is in no batch of this version"


def _when(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}Z"
