"""What a finished search offers: its trials, and the best mix of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ..features.fitting import Prepared
from ..metrics.registry import metric_of
from ..spec import UseCase
from .configuration import Configuration, of_trial
from .ensemble import greedy_weights
from .errors import SnapshotTampered
from .outoffold import OutOfFold, read_out_of_fold
from .scoring import scored_codes
from .study import FIT_SECONDS, FOLDS, LATENCY, OUT_OF_FOLD, OUT_OF_FOLD_HASH, REFIT, SIZE

Array = np.ndarray[Any, Any]
_MOST_MIXED, _MOST_ROWS = 20, 20_000
"""Trials that may be mixed, the best first, and rows a fold by which it is decided."""
_LARGE, _TIMES = 25_000_000, 10
"""A model of more bytes than this, and than so many times the best's, is not mixed."""


@dataclass(frozen=True, eq=False)
class Option:
    """A model that could win. `members` and weights as in `recipe.Recipe`; `scores` a fold; `found`: its out-of-fold
    predictions, if they are still there; `seconds`: what fitting it on all rows takes; `latency` in seconds a row.
    """

    members: tuple[tuple[Configuration, float], ...]
    scores: tuple[float, ...]
    latency: float
    size: int
    seconds: float
    found: tuple[OutOfFold, ...]

    @property
    def score(self) -> float:
        """The mean over folds."""
        return float(np.mean(self.scores))


def single_options(trials: Sequence[Any], keep: Path, *, higher: bool) -> list[Option]:
    """The finished trials, the best first; each takes on all rows what it came to on the folds."""
    best_first = sorted(trials, key=lambda trial: (-trial.value if higher else trial.value, trial.number))
    made = []
    for rank, trial in enumerate(best_first):
        said, own = trial.user_attrs, of_trial(trial)
        configuration = replace(own, params={**own.params, **said.get(REFIT, {})})
        made.append(
            Option(
                members=((configuration, 1.0),),
                scores=tuple(said.get(FOLDS, (trial.value,))),
                latency=float(said.get(LATENCY, 0.0)),
                size=int(said.get(SIZE, 0)),
                seconds=float(said.get(FIT_SECONDS, 0.0)),
                found=_kept(keep, said) if rank < _MOST_MIXED else (),
            )
        )
    return made


def _kept(keep: Path, said: dict[str, Any]) -> tuple[OutOfFold, ...]:
    """None where they are gone: then the trial can win, but not be mixed."""
    try:
        return tuple(read_out_of_fold(keep / said[OUT_OF_FOLD], said[OUT_OF_FOLD_HASH]))
    except (KeyError, SnapshotTampered):
        return ()


def mixed(
    use_case: UseCase, rows: Prepared, singles: Sequence[Option], seconds: float | None, seed: int
) -> Option | None:
    """The best mix of `singles` (the best first); None where none is better than the best of them.

    `seconds`: what fitting its members one after another may take, None: as long as it takes.
    """
    members = [one for one in singles[:_MOST_MIXED] if one.found and _small(one, singles[0])]
    if len(members) < 2 or members[0] is not singles[0]:
        return None
    members = _affordable(members, seconds)
    score = _fold_scores(use_case, rows, members, seed)
    weights = greedy_weights(
        [np.concatenate([fold.shares for fold in one.found]) for one in members],
        lambda shares: float(np.mean(score(shares, sampled=True))),
        first=0,
    )
    if len(weights) < 2:
        return None
    parts = [(members[position], weight) for position, weight in weights.items()]
    found = tuple(
        OutOfFold(fold.positions, sum(weight * one.found[index].shares for one, weight in parts))
        for index, fold in enumerate(members[0].found)
    )
    signed = score(np.concatenate([fold.shares for fold in found]), sampled=False)
    sign = 1.0 if metric_of(use_case).higher_is_better else -1.0
    mix = Option(
        members=tuple((one.members[0][0], weight) for one, weight in parts),
        scores=tuple(sign * value for value in signed),
        latency=sum(one.latency for one, _ in parts),
        size=sum(one.size for one, _ in parts),
        seconds=sum(one.seconds for one, _ in parts),
        found=found,
    )
    return mix if sign * mix.score > sign * singles[0].score else None


def _small(one: Option, best: Option) -> bool:
    """Whether it may be mixed: a little better is not worth ten times the model."""
    return one.size <= max(_LARGE, _TIMES * best.size)


def _affordable(members: list[Option], seconds: float | None) -> list[Option]:
    """The best of them, as many as may be fitted in time; the best one always."""
    if seconds is None:
        return members
    kept, spent = [members[0]], members[0].seconds
    for one in members[1:]:
        if spent + one.seconds <= seconds:
            kept.append(one)
            spent += one.seconds
    return kept


def _fold_scores(use_case: UseCase, rows: Prepared, members: Sequence[Option], seed: int) -> Callable[..., list[float]]:
    """A function from all folds' predictions, one fold after the other, to each fold's score; more is better."""
    metric = metric_of(use_case)
    sign = 1.0 if metric.higher_is_better else -1.0
    rng = np.random.default_rng(seed)
    starts = np.cumsum([0, *(len(fold.positions) for fold in members[0].found)])
    folds = []
    for fold, start in zip(members[0].found, starts, strict=False):
        number = len(fold.positions)
        some = np.sort(rng.permutation(number)[:_MOST_ROWS])
        folds.append((start + np.arange(number), start + some, rows.codes[fold.positions], some))

    def score(shares: Array, *, sampled: bool) -> list[float]:
        made = []
        for every, some, codes, chosen in folds:
            laid = (codes[chosen], shares[some]) if sampled else (codes, shares[every])
            made.append(sign * metric.value(scored_codes(use_case, *laid, rows.classes)))
        return made

    return score
