"""The frames that monitoring looks at: what the model learned from, what came since, what was predicted of it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import polars as pl
import structlog

from evergreen.artifacts import DatasetVersion, Release
from evergreen.errors import PermanentError, TransientError
from evergreen.hashing import key_texts
from evergreen.ledger.records import gate_of
from evergreen.ledger.releases import activation_log, get_release
from evergreen.loop.instance import Instance
from evergreen.spec import UseCase
from evergreen.table import DATA_TIME, FROM, HASH, ROW, mature, usable

if TYPE_CHECKING:
    from evergreen.features.predictor import Predictor

log = structlog.get_logger()


def training_rows(instance: Instance, use_case: UseCase, release: Release) -> pl.DataFrame:
    """The table rows that the release's model could learn from, as the version held them: drift's reference."""
    version = instance.registry.get(use_case.name, release.dataset_version)
    table = instance.registry.parts(version).table().collect()
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
    from evergreen.monitoring import in_window, window_bounds

    if use_case.at is not None:
        return in_window(use_case, table, as_of)
    learned = instance.registry.get(use_case.name, release.dataset_version).data_time
    since = max(window_bounds(use_case, as_of)[0], learned)
    brought = f"{FROM}{use_case.base}"
    base = instance.registry.parts(version).source(use_case.base)
    rows = base.filter(pl.col(DATA_TIME) > since).select(HASH).collect()[HASH]
    return usable(table).filter(pl.col(brought).is_in(rows.implode()))


def scored_rows(
    instance: Instance, use_case: UseCase, table: pl.DataFrame, release: Release, as_of: datetime
) -> pl.DataFrame:
    """Predictions of the window that is judged at `as_of` by this release, one a key (the first made), with the label
    where it counts by then: as the gate, this asks for mature rows.
    """
    from evergreen.monitoring import judged_bounds

    predictions = instance.predictions.window(use_case.name, *judged_bounds(use_case, as_of))
    mine = predictions.filter(pl.col("release") == release.number).sort("made_at").unique("key", keep="first")
    known = mature(table, use_case, as_of)
    labels = known.select(
        key_texts(known, use_case.key).alias("key"),
        pl.col(use_case.target.column).alias("target"),
        pl.col(ROW),
    )
    return mine.join(labels, on="key", how="left")


def replay(
    instance: Instance, use_case: UseCase, version: DatasetVersion, table: pl.DataFrame, *, made_at: datetime
) -> int:
    """Score mature rows of the version's `table` that nobody scored in time with the release active at their cutoff;
    how many. A release whose columns the table no longer has says nothing more, nor does one that can't be loaded.

    They are marked `replayed`, so that what was really served stays apart from what would have been.
    """
    from evergreen.delivery.replay import replay as predict

    name = use_case.name
    with instance.ledger() as db:
        activated = activation_log(db, name)
        used = {row.release: get_release(db, name, row.release) for row in activated}
    if not activated:
        return 0
    frame = predict(
        use_case,
        table.lazy(),
        activations=[(row.data_time, row.release) for row in activated],
        releases={number: release for number, release in used.items() if release is not None},
        load=lambda release: _able(instance, release, table),
        dataset_version=version.number,
        as_of=version.data_time,
        made_at=made_at,
        already=instance.predictions.scored_keys(name, None, kinds=("batch", "request", "replayed")),
    )
    return instance.predictions.write(frame)


def _able(instance: Instance, release: Release, table: pl.DataFrame) -> Predictor | None:
    """The release's model; None where it can't be loaded, which is said, or not predict the table's rows any more."""
    from evergreen.features.schema import lost

    try:
        predictor = instance.models.load(release.model)
    except TransientError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever comes of an old file, e.g. of a library that is gone
        reason = str(error) if isinstance(error, PermanentError | ImportError) else type(error).__name__
        log.warning(
            "the model of an earlier release can't be loaded, so rows of its time that nobody scored are not replayed; "
            "install the library that it needs, or leave it so: the active release is measured without them",
            use_case=release.use_case,
            release=release.number,
            reason=reason,
        )
        return None
    return None if lost(predictor.schema, table) else predictor


def gate_metric(instance: Instance, release: Release, metric: str) -> float | None:
    """The metric of the release's model as its gate saw it."""
    with instance.ledger() as db:
        gate = gate_of(db, release.model.use_case, release.model.version)
    if gate is None:
        return None
    return gate.metrics.get(f"challenger_{metric}", gate.metrics.get(metric))
