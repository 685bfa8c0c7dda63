"""Whom a challenger has to beat, and on which rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from evergreen.artifacts import KeptApart, ModelVersion, Snapshot
from evergreen.errors import sentence
from evergreen.loop.active import active_release
from evergreen.loop.instance import Instance

if TYPE_CHECKING:
    from evergreen.features.predictor import Predictor
    from evergreen.spec import UseCase


@dataclass(frozen=True)
class Rival:
    """Whom a challenger is judged against, what it is called, and on which rows; the rest as in `evaluation.gate`."""

    model: Predictor
    called: str
    on: Snapshot
    seasonal: Predictor | None = None
    remark: str | None = None


def rival_of(instance: Instance, use_case: UseCase, data: Snapshot, challenger: Predictor) -> Rival:
    """The active release's model; the baselines where there is none, or it can't answer on the window."""
    from evergreen.parquet import read_checked
    from evergreen.training.fit.baselines import baseline, seasonal_baseline

    remark = None
    if (active := active_release(instance, use_case.name)) is not None:
        champion, called = active[0].model, f"release {active[0].number}"
        model = instance.models.load(champion, twin=champion.twin_uri is not None)
        why_not = why_silent(model, challenger, data)
        if why_not is None:
            on, remark = unseen_part(champion, called, data)
            return Rival(model, called, on, remark=remark)
        remark = (
            f"{called.capitalize()} can't answer on this window, so the challenger is judged as a first model. "
            f"{sentence(why_not)}"
        )
    train = read_checked(data.train, data.train_sha256)
    return Rival(baseline(use_case, train), "baseline", data, seasonal_baseline(use_case, train), remark)


def why_silent(champion: Predictor, challenger: Predictor, data: Snapshot) -> str | None:
    """Why the champion's answers can't be laid beside the challenger's; None: they can."""
    from evergreen.evaluation.window import window_rows
    from evergreen.features.errors import WrongColumns

    if champion.task != challenger.task:
        return f"Its task is {champion.task}; the challenger's is {challenger.task}."
    if champion.positive != challenger.positive:
        return f"Its positive class is `{champion.positive}`; the challenger's is `{challenger.positive}`."
    try:
        champion.check(window_rows(data))
    except WrongColumns as error:
        return str(error)
    return None


def unseen_part(champion: ModelVersion, called: str, data: Snapshot) -> tuple[Snapshot, str | None]:
    """The window without what the champion may have learned from: its own was another one, if the split has changed,
    the data were rolled back or rows were excluded.
    """
    from evergreen.evaluation.window import window_rows
    from evergreen.training.split.holdout import unseen
    from evergreen.training.split.snapshot import with_window

    apart = champion.kept_apart
    if apart is None and champion.twin_uri is None and champion.trained_before is not None:
        apart = KeptApart(before=champion.trained_before)
    if apart is None or (apart.before is None and apart.share is None):
        return data, None
    rows = window_rows(data)
    left = rows.filter(unseen(rows, apart))
    if left.height == rows.height:
        return data, None
    start = data.window_start
    if start is not None and apart.before is not None:
        start = max(start, apart.before)
    known = rows.height - left.height
    text = f"Left out: {known:,} of the window's {rows.height:,} rows, from which {called} may have learned."
    return with_window(data, left, start), text
