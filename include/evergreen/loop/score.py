"""`<uc>.score`: predictions of the active release for the rows of the newest version."""

from __future__ import annotations

from ..artifacts import Artifact, Utc
from .active import active_release
from .claims import claim, close
from .errors import NothingToDo
from .instance import Instance
from .reconcile import reconcile


class Scored(Artifact):
    """What one scoring run wrote."""

    use_case: str
    release: int
    dataset_version: int
    rows: int
    data_time: Utc
    destination: str | None


def score(instance: Instance, name: str, run_id: str) -> Scored:
    """Score the upcoming rows of the newest version, once a release, and write them where they are wanted.

    Raises NothingToDo without a release (the item stays open) or without an open item.
    """
    from ..delivery.score import score as predict
    from ..delivery.score import write_destination

    use_case = instance.use_case(name)
    reconcile(instance, name)
    active = active_release(instance, name)
    if active is None:
        raise NothingToDo(f"{name}: there is no release yet; rows are scored when there is one")
    release = active[0]
    item = claim(instance, name, "score", run_id, newest=True)
    head = instance.registry.head(name)
    if head is None:
        raise NothingToDo(f"{name}: there is no dataset version yet")
    frame = predict(
        use_case,
        list(instance.registry.files(head, "table/").values()),
        instance.models.load(release.model),
        release=release,
        dataset_version=head.number,
        as_of=head.data_time,
        already=instance.predictions.scored_keys(name, release.number),
    )
    instance.predictions.write(frame)
    scoring = use_case.scoring
    if scoring.destination is not None and scoring.table is not None and frame.height:
        write_destination(frame, use_case, instance.connect(scoring.destination), scoring.table)
    close(instance, item.id, run_id, f"{frame.height} rows by release {release.number}")
    return Scored(
        use_case=name,
        release=release.number,
        dataset_version=head.number,
        rows=frame.height,
        data_time=head.data_time,
        destination=f"{scoring.destination}.{scoring.table}" if scoring.destination else None,
    )
