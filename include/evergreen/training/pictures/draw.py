"""All pictures of a finished search, and of its winner."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from evergreen.artifacts import Snapshot
from evergreen.errors import PermanentError
from evergreen.parquet import read_checked
from evergreen.spec import UseCase
from evergreen.training.choose.recipe import Recipe, recorded
from evergreen.training.fit.learning_curve import SHARES, learning_curve
from evergreen.training.fit.winner import Winner
from evergreen.training.pictures.plots import draw_learning_curve, draw_search
from evergreen.training.search.study import opened

_MOST_SECONDS = 10.0
"""CPU time that the fits of a learning curve may take, by what those of the winner took: it ends at so many rows."""


def draw(
    use_case: UseCase,
    snapshot: Snapshot,
    storage: str,
    study: str,
    fitted: Winner,
    into: Path,
    say: Callable[[str], object] = lambda _: None,
) -> None:
    """Write them into the folder `into/search`, which is made: as MLflow is to show them. `say` is told why there is no
    learning curve where there is none.
    """
    folder = into / "search"
    folder.mkdir(parents=True, exist_ok=True)
    recipe = recorded(fitted.candidate, fitted.params)
    with opened(use_case, storage, study, fitted.seed) as found:
        draw_search(found, use_case.metric, folder, _heaviest(recipe))
    why = _learning_curve(use_case, snapshot, recipe, fitted, folder / "learning_curve.png")
    if why is not None:
        say(f"no learning curve: {why}")


def _heaviest(recipe: Recipe) -> str:
    """The candidate of the member that says most."""
    return max(recipe.members, key=lambda member: member[1])[0].candidate


def _learning_curve(use_case: UseCase, snapshot: Snapshot, recipe: Recipe, fitted: Winner, path: Path) -> str | None:
    """Draw it; else the reason why it can't be."""
    train = read_checked(snapshot.train, snapshot.train_sha256)
    most = _affordable(fitted, train.height)
    try:
        points = learning_curve(use_case, train, recipe, fitted.seed, most)
    except PermanentError as error:
        return str(error)
    except Exception as error:  # noqa: BLE001 - whatever an estimator raises on few rows, the winner stands
        return f"a fit on some of the rows failed with {type(error).__name__}"  # a message may quote values of a row
    if len(points) < 2:
        return "too few parts of the rows can be learned from"
    draw_learning_curve(points, use_case.metric, path, of=train.height if points[-1][0] == most else None)
    return None


def _affordable(fitted: Winner, rows: int) -> int:
    """How many rows the curve may reach, if a fit takes as long as it has rows."""
    learned = fitted.rows if fitted.twin is None else fitted.rows + rows
    taken = max(fitted.fit_seconds, 0.001) * sum(SHARES) / learned
    return int(_MOST_SECONDS / taken)
