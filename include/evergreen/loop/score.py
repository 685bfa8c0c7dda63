"""`<uc>.score`: score → write."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from evergreen.artifacts import Artifact, Utc
from evergreen.ledger.items import done_since
from evergreen.loop.active import active_release
from evergreen.loop.claims import claim, close
from evergreen.loop.errors import NothingToDo
from evergreen.loop.reconcile import reconcile
from evergreen.loop.run import Run
from evergreen.parquet import read_rows


class Scored(Artifact):
    """What one scoring run predicted."""

    release: int
    dataset_version: int
    rows: int
    data_time: Utc
    destination: str | None
    path: Path


def score(run: Run) -> Scored:
    """Predict the rows of the newest version that this release has not scored yet; `write` makes them known.

    A release that has become active again begins anew: what was scored since is by the one it took over from.

    Raises NothingToDo without a release (the item stays open) or without an open item.
    """
    from evergreen.delivery.score import score as predict

    instance, name, use_case = run.instance, run.name, run.use_case
    head = reconcile(instance, name)
    active = active_release(instance, name)
    if active is None or head is None:
        raise NothingToDo(f"{name}: there is no release yet; rows are scored when there is one")
    release, activation = active[0], f"activation {active[1].n}"
    run = claim(run, "score", newest=True)
    with instance.ledger() as db:
        goes_on = run.row.subject != activation and done_since(db, name, "score", activation)
    frame = predict(
        use_case,
        instance.registry.parts(head).table(),
        instance.models.load(release.model),
        release=release,
        dataset_version=head.number,
        as_of=head.data_time,
        made_at=datetime.now(UTC),
        rows=use_case.scoring.rows,
        already=instance.predictions.scored_keys(name, release.number) if goes_on else (),
    )
    path = run.workplace(fresh=True) / "scored.parquet"
    frame.write_parquet(path)
    scoring = use_case.scoring
    return Scored(
        release=release.number,
        dataset_version=head.number,
        rows=frame.height,
        data_time=head.data_time,
        destination=f"{scoring.destination}.{scoring.table}" if scoring.destination else None,
        path=path,
    )


def write(run: Run, scored: Scored) -> None:
    """Put the predictions where the use case wants them, then into the store, and close the item.

    In this order a run that dies between the two is done again whole: the same rows get the same ids.
    """
    from evergreen.delivery.destination import write_destination

    instance, scoring = run.instance, run.use_case.scoring
    frame = read_rows(scored.path)
    if scoring.destination is not None and scoring.table is not None and scored.rows:
        write_destination(frame, instance.connect(scoring.destination), scoring.table)
    instance.predictions.write(frame)
    close(run, f"{scored.rows} rows by release {scored.release}")
    where = f" to {scored.destination}" if scored.destination else ""
    run.say(f"{scored.rows:,} rows by release {scored.release}{where}")
