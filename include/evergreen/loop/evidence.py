"""The frames that monitoring looks at: what the model learned from, what came since, what was predicted of it."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from ..artifacts import DatasetVersion, Release
from ..hashing import key_texts
from ..ledger.records import gate_of
from ..spec import UseCase
from ..table import AT, CUTOFF, FROM, KNOWN_AT, ROW, mature, read_parts, usable
from .active import active_release, release_at
from .instance import Instance


def training_rows(instance: Instance, use_case: UseCase, release: Release) -> pl.DataFrame:
    """The table rows that the release's model could learn from, as the version held them: drift's reference."""
    version = instance.registry.get(use_case.name, release.dataset_version)
    table = read_parts(instance.registry.files(version, "table/").values())
    return mature(table, use_case, release.model.trained_before or version.data_time)


def current_rows(
    instance: Instance, use_case: UseCase, version: DatasetVersion, table: pl.DataFrame, as_of: datetime
) -> pl.DataFrame:
    """The usable rows of the last window; without time, those that the newest batches brought."""
    from ..monitoring import in_window

    if use_case.at is not None:
        return in_window(use_case, table, as_of)
    newest = instance.registry.manifest(version).data_time
    brought = f"{FROM}{use_case.base}"
    files = instance.registry.files(version, f"sources/{use_case.base}/").values()
    rows = read_parts(files).filter(pl.col("_data_time") == newest)["_hash"]
    return usable(table).filter(pl.col(brought).is_in(rows.implode()))


def scored_rows(
    instance: Instance, use_case: UseCase, table: pl.DataFrame, release: Release, since: datetime, until: datetime
) -> pl.DataFrame:
    """Predictions of the window by this release, one a key (the first made), with the label where it has come."""
    predictions = instance.predictions.window(use_case.name, since, until)
    mine = predictions.filter(pl.col("release") == release.number).sort("made_at").unique("key", keep="first")
    target = use_case.target.column
    labels = table.select(
        key_texts(table, use_case.key).alias("key"),
        pl.col(target).alias("target"),
        pl.col(ROW),
        pl.col(KNOWN_AT),
    )
    known = labels.filter(pl.col(KNOWN_AT).is_not_null() & (pl.col(KNOWN_AT) <= until)).drop(KNOWN_AT)
    return mine.join(known, on="key", how="left")


def replay(instance: Instance, use_case: UseCase, table: pl.DataFrame, as_of: datetime) -> int:
    """Score mature rows that nobody scored in time with the release active at their cutoff; how many.

    They are marked `replayed`, so that what was really served stays apart from what would have been.
    """
    from ..delivery.replay import replay as predict

    if use_case.at is None:
        return 0
    rows = mature(table, use_case, as_of)
    scored = instance.predictions.scored_keys(use_case.name, None, kinds=("batch", "request", "replayed"))
    rows = rows.filter(~key_texts(rows, use_case.key).is_in(list(scored))) if scored else rows
    moment = pl.coalesce(CUTOFF, AT)
    count = 0
    with_release = active_release(instance, use_case.name)
    if with_release is None or rows.is_empty():
        return 0
    for cutoff in sorted(set(rows.select(moment).to_series().to_list())):
        release = release_at(instance, use_case.name, cutoff)
        if release is None:
            continue
        part = rows.filter(moment == cutoff)
        frame = predict(use_case, part, instance.models.load(release.model), release=release, as_of=as_of)
        count += instance.predictions.write(frame)
    return count


def gate_metric(instance: Instance, release: Release, metric: str) -> float | None:
    """The metric of the release's model as its gate saw it."""
    with instance.ledger() as db:
        gate = gate_of(db, release.model.use_case, release.model.version)
    if gate is None:
        return None
    return gate.metrics.get(f"challenger_{metric}", gate.metrics.get(metric))
