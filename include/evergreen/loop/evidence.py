"""The frames that monitoring looks at: what the model learned from, what came since, what was predicted of it."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from ..artifacts import DatasetVersion, Release
from ..hashing import key_texts
from ..ledger.records import gate_of
from ..ledger.releases import activation_log, get_release
from ..spec import UseCase
from ..table import DATA_TIME, FROM, HASH, KNOWN_AT, ROW, mature, read_parts, usable
from .instance import Instance


def training_rows(instance: Instance, use_case: UseCase, release: Release) -> pl.DataFrame:
    """The table rows that the release's model could learn from, as the version held them: drift's reference."""
    version = instance.registry.get(use_case.name, release.dataset_version)
    table = read_parts(instance.registry.files(version, "table/").values())
    return mature(table, use_case, release.model.trained_before or version.data_time)


def current_rows(
    instance: Instance,
    use_case: UseCase,
    version: DatasetVersion,
    table: pl.DataFrame,
    release: Release,
    as_of: datetime,
) -> pl.DataFrame:
    """The usable rows of the last window. Without time, those that batches of the window brought after the release's
    training data: a night's few new rows alone would never be enough to tell anything by.
    """
    from ..monitoring import in_window, window_bounds

    if use_case.at is not None:
        return in_window(use_case, table, as_of)
    learned = instance.registry.get(use_case.name, release.dataset_version).data_time
    since = max(window_bounds(use_case, as_of)[0], learned)
    brought = f"{FROM}{use_case.base}"
    files = instance.registry.files(version, f"sources/{use_case.base}/").values()
    rows = read_parts(files).filter(pl.col(DATA_TIME) > since)[HASH]
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


def replay(
    instance: Instance, use_case: UseCase, version: DatasetVersion, table: pl.DataFrame, *, made_at: datetime
) -> int:
    """Score mature rows of the version's `table` that nobody scored in time with the release active at their cutoff;
    how many. A release whose columns the table no longer has says nothing more.

    They are marked `replayed`, so that what was really served stays apart from what would have been.
    """
    from ..delivery.replay import replay as predict
    from ..features.schema import lost

    name = use_case.name
    with instance.ledger() as db:
        log = activation_log(db, name)
        used = {row.release: get_release(db, name, row.release) for row in log}
    if not log:
        return 0
    releases = {n: (r, instance.models.load(r.model)) for n, r in used.items() if r is not None}
    frame = predict(
        use_case,
        list(instance.registry.files(version, "table/").values()),
        activations=[(row.data_time, row.release) for row in log],
        releases={n: one for n, one in releases.items() if not lost(one[1].schema, table)},
        dataset_version=version.number,
        as_of=version.data_time,
        made_at=made_at,
        already=instance.predictions.scored_keys(name, None, kinds=("batch", "request", "replayed")),
    )
    return instance.predictions.write(frame)


def gate_metric(instance: Instance, release: Release, metric: str) -> float | None:
    """The metric of the release's model as its gate saw it."""
    with instance.ledger() as db:
        gate = gate_of(db, release.model.use_case, release.model.version)
    if gate is None:
        return None
    return gate.metrics.get(f"challenger_{metric}", gate.metrics.get(metric))
