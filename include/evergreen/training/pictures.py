"""All pictures of a finished search, and of its winner."""

from __future__ import annotations

from pathlib import Path

from ..artifacts import Snapshot
from ..spec import UseCase
from .learning_curve import learning_curve
from .plots import draw_learning_curve, draw_search
from .recipe import recorded
from .snapshot import read_rows
from .study import opened
from .winner import Fitted

_MOST_SECONDS = 5.0
"""A learning curve is drawn where fitting the winner took no more CPU time than this."""


def draw(use_case: UseCase, snapshot: Snapshot, storage: str, study: str, fitted: Fitted, into: Path) -> None:
    """Write them into the folder `into/search`, which is made: as MLflow is to show them."""
    folder = into / "search"
    folder.mkdir(parents=True, exist_ok=True)
    with opened(use_case, storage, study, fitted.seed) as found:
        draw_search(found, use_case.metric, folder)
    if fitted.fit_seconds > _MOST_SECONDS:
        return
    train = read_rows(snapshot.train, snapshot.train_sha256)
    points = learning_curve(use_case, train, recorded(fitted.candidate, fitted.params), fitted.seed)
    if len(points) > 1:
        draw_learning_curve(points, use_case.metric, folder / "learning_curve.png")
