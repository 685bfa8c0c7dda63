"""Pictures of a search as PNG: drawn without a display and without matplotlib's global state."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from evergreen.training.search.study import TRAIN_SCORE
from evergreen.training.trial.configuration import CANDIDATE, of_trial

_GREEN, _GREY = "#2e7d32", "#9e9e9e"
_MOST_LINES, _LEAST_TRIALS = 100, 3


def draw_search(study: Any, metric: str, into: Path, candidate: str) -> list[Path]:
    """History and importances; parallel coordinates, and training against validation scores, of `candidate`'s trials;
    of what there is.

    `into` is made. Returns the files.
    """
    from optuna.trial import TrialState

    complete = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    if not complete:
        return []
    into.mkdir(parents=True, exist_ok=True)
    higher = study.direction.name == "MAXIMIZE"
    family = [trial for trial in complete if trial.params[CANDIDATE] == candidate]
    _history(complete, metric, into / "history.png", higher=higher)
    made = [into / "history.png"]
    found = _importances(study) if len(complete) >= _LEAST_TRIALS else {}
    if found:
        axes, save = _picture("Importance of parameters", f"share of the variation of {metric}", "")
        axes.barh(list(found)[::-1], list(found.values())[::-1], color=_GREEN)
        save(into / "importances.png")
        made.append(into / "importances.png")
    numeric = _numeric(family)
    if len(family) >= _LEAST_TRIALS and numeric:
        _parallel(family, numeric, metric, into / "parallel.png", higher=higher)
        _generalisation(family, numeric, metric, into / "generalisation.png")
        made += [into / "parallel.png", into / "generalisation.png"]
    return made


def draw_learning_curve(
    points: Sequence[tuple[int, float, float]], metric: str, path: Path, of: int | None = None
) -> None:
    """`points`: rows learned from, the metric on them, and on rows they were judged on; `of`: how many rows there are,
    where the curve ends before because fitting more of them would take too long.
    """
    rows, train, judged = zip(*points, strict=True)
    cut = f", of {of} in all: more would take too long" if of is not None else ""
    axes, save = _picture("Learning curve", f"rows learned from{cut}", metric)
    axes.plot(rows, train, marker="o", color=_GREY, label="on rows it learned from")
    axes.plot(rows, judged, marker="o", color=_GREEN, label="on others")
    axes.legend(frameon=False)
    save(path)


def _history(trials: Sequence[Any], metric: str, path: Path, *, higher: bool) -> None:
    axes, save = _picture("History of the search", "trial", metric)
    names = sorted({trial.params[CANDIDATE] for trial in trials})
    for position, name in enumerate(names):
        own = [trial for trial in trials if trial.params[CANDIDATE] == name]
        axes.scatter([t.number for t in own], [t.value for t in own], s=14, color=f"C{position}", label=name)
    best = (np.maximum if higher else np.minimum).accumulate([trial.value for trial in trials])
    axes.step([trial.number for trial in trials], best, where="post", color=_GREEN)
    axes.legend(frameon=False, fontsize=7)
    save(path)


def _importances(study: Any) -> dict[str, float]:
    """Of the parameters that all trials, or those of the best candidate, have; none where Optuna can't tell."""
    from optuna.exceptions import ExperimentalWarning
    from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances

    best = study.best_trial.params
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ExperimentalWarning)
            warnings.simplefilter("ignore", UserWarning)
            said = get_param_importances(study, evaluator=PedAnovaImportanceEvaluator(), params=list(best))
    except (ValueError, RuntimeError):
        return {}
    return {name: float(value) for name, value in said.items() if np.isfinite(value)}


def _numeric(family: Sequence[Any]) -> list[str]:
    """Parameters of the candidate that are numbers and not always the same."""
    values: dict[str, list[Any]] = {}
    for trial in family:
        for name, value in of_trial(trial).params.items():
            values.setdefault(name, []).append(value)
    return [
        name
        for name, found in values.items()
        if len(found) == len(family)
        and all(isinstance(value, int | float) and not isinstance(value, bool) for value in found)
        and len(set(found)) > 1
    ]


def _parallel(family: Sequence[Any], names: Sequence[str], metric: str, path: Path, *, higher: bool) -> None:
    """A line a trial through its parameters' ranks, the best darkest."""
    shown = sorted(family, key=lambda trial: trial.value, reverse=not higher)[-_MOST_LINES:]
    table = np.array([[of_trial(trial).params[name] for name in names] + [trial.value] for trial in shown])
    ranks = table.argsort(axis=0).argsort(axis=0) / max(1, len(shown) - 1)
    axes, save = _picture("Parallel coordinates", "", "rank")
    for position, line in enumerate(ranks):
        axes.plot(line, color=_GREEN, alpha=0.05 + 0.9 * (position / len(ranks)) ** 3, linewidth=1)
    axes.set_xticks(range(len(names) + 1), [*names, metric], rotation=30, ha="right", fontsize=7)
    save(path)


def _generalisation(family: Sequence[Any], names: Sequence[str], metric: str, path: Path) -> None:
    """Score on rows learned from and on others, over each parameter: where the two part, the model is too free."""
    from matplotlib.figure import Figure

    known = [trial for trial in family if TRAIN_SCORE in trial.user_attrs]
    shown = list(names)[:6]
    figure = Figure(figsize=(4 * min(3, len(shown)), 3 * -(-len(shown) // 3)), layout="constrained")
    for position, name in enumerate(shown):
        axes = figure.add_subplot(-(-len(shown) // 3), min(3, len(shown)), position + 1)
        values = [of_trial(trial).params[name] for trial in known]
        axes.scatter(
            values, [trial.user_attrs[TRAIN_SCORE] for trial in known], s=10, color=_GREY, label="learned from"
        )
        axes.scatter(values, [trial.value for trial in known], s=10, color=_GREEN, label="others")
        positive = all(value > 0 for value in values)
        if positive and max(values) > 20 * min(values):
            axes.set_xscale("log")
        axes.set_xlabel(name)
        axes.set_ylabel(metric)
    figure.axes[0].legend(frameon=False, fontsize=7)
    figure.savefig(path, dpi=100)


def _picture(title: str, x: str, y: str) -> tuple[Any, Any]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.add_subplot()
    axes.set_title(title)
    axes.set_xlabel(x)
    axes.set_ylabel(y)

    def save(path: Path) -> None:
        figure.savefig(path, dpi=100)

    return axes, save
