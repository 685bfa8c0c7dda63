"""What a finished search offers: its trials, and the best mix of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from evergreen.features.fitting import Prepared
from evergreen.hashing import FileChanged
from evergreen.metrics.registry import metric_of
from evergreen.spec import UseCase
from evergreen.training.configuration import Configuration, of_trial
from evergreen.training.ensemble import greedy_weights
from evergreen.training.outoffold import OutOfFold, read_out_of_fold
from evergreen.training.scoring import scored_codes
from evergreen.training.study import FIT_SECONDS, FOLDS, LATENCY, OUT_OF_FOLD, OUT_OF_FOLD_HASH, REFIT, SIZE

Array = np.ndarray[Any, Any]
_MOST_MIXED, _MOST_ROWS = 20, 20_000
"""Trials that may be mixed, the best first, and rows of all folds together by which it is decided."""
_WRITTEN = 50e6
"""Bytes of a model that are saved in a second."""
_LARGE, _TIMES = 25_000_000, 10
"""A model of more bytes than this, and than so many times the best's, is not mixed."""


@dataclass(frozen=True, eq=False)
class Option:
    """A model that could win. `members` and weights as in `recipe.Recipe`; `scores` a fold; `found`: its out-of-fold
    predictions, if they are still there; `seconds`: of fitting it on all rows and saving it; `latency`: seconds a row;
    `trial`: the one it is, None for a mix.
    """

    members: tuple[tuple[Configuration, float], ...]
    scores: tuple[float, ...]
    latency: float
    size: int
    seconds: float
    found: tuple[OutOfFold, ...]
    trial: Any = None

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
                seconds=seconds_of(trial),
                found=_kept(keep, said) if rank < _MOST_MIXED else (),
                trial=trial,
            )
        )
    return made


def with_found(option: Option, keep: Path) -> Option:
    """The same with its out-of-fold predictions, which `single_options` reads only of those that may be mixed."""
    if option.found or option.trial is None:
        return option
    return replace(option, found=_kept(keep, option.trial.user_attrs))


def seconds_of(trial: Any) -> float:
    """What fitting a finished trial's configuration on all rows takes, and saving it: a large forest takes as long."""
    said = trial.user_attrs
    return float(said.get(FIT_SECONDS, 0.0)) + float(said.get(SIZE, 0)) / _WRITTEN


def _kept(keep: Path, said: dict[str, Any]) -> tuple[OutOfFold, ...]:
    """None where they are gone: then the trial can win, but not be mixed."""
    try:
        return tuple(read_out_of_fold(keep / said[OUT_OF_FOLD], said[OUT_OF_FOLD_HASH]))
    except (KeyError, FileChanged):
        return ()


@dataclass(frozen=True, slots=True)
class Time:
    """What fitting a winner may take: `seconds` of wall time, its members fitted `workers` at a time."""

    seconds: float
    workers: int


def mixed(use_case: UseCase, rows: Prepared, singles: Sequence[Option], time: Time | None, seed: int) -> Option | None:
    """The best mix of `singles` (the best first); None where none is better than the best of them.

    All rows choose the weights; its scores are those of mixes whose weights were chosen without the rows judged.
    `time`: what fitting its members may take, None: as long as it takes.
    """
    members = [one for one in singles[:_MOST_MIXED] if one.found and _small(one, singles[0])]
    if len(members) < 2 or members[0] is not singles[0]:
        return None
    members = members if time is None else _affordable(members, time)
    parts = _parts(rows, members, seed)
    weights = _weights(use_case, rows, parts)
    if len(weights) < 2:
        return None
    chosen = [(members[position], weight) for position, weight in weights.items()]
    if time is not None:  # no worker waits for a long one begun last; else what a clock said would order the recipe
        chosen.sort(key=lambda one: -one[0].seconds)
    sign = 1.0 if metric_of(use_case).higher_is_better else -1.0
    mix = Option(
        members=tuple((one.members[0][0], weight) for one, weight in chosen),
        scores=_honest_scores(use_case, rows, members, parts),
        latency=sum(one.latency for one, _ in chosen),
        size=sum(one.size for one, _ in chosen),
        seconds=sum(one.seconds for one, _ in chosen),
        found=tuple(
            OutOfFold(fold.positions, _sum([one.found[index].shares for one in members], weights))
            for index, fold in enumerate(members[0].found)
        ),
    )
    return mix if sign * mix.score > sign * singles[0].score else None


def _small(one: Option, best: Option) -> bool:
    """Whether it may be mixed: a little better is not worth ten times the model."""
    return one.size <= max(_LARGE, _TIMES * best.size)


def _affordable(members: list[Option], time: Time) -> list[Option]:
    """The best of them, as many as may be fitted in time; the best one always.

    Each is reckoned to the worker that is free first, as the final fits are made.
    """
    free = [members[0].seconds, *[0.0] * (time.workers - 1)]
    kept = [members[0]]
    for one in members[1:]:
        first = int(np.argmin(free))
        if free[first] + one.seconds <= time.seconds:
            kept.append(one)
            free[first] += one.seconds
    return kept


@dataclass(frozen=True, eq=False)
class _Part:
    """Rows that weights are chosen by or judged on: a fold, or half of the only one.

    `codes`: n, `shares`: a member, n; `some`: the rows by which weights are chosen.
    """

    codes: Array
    shares: list[Array]
    some: Array


def _parts(rows: Prepared, members: Sequence[Option], seed: int) -> list[_Part]:
    rng = np.random.default_rng(seed)
    folds = members[0].found
    halves = 2 if len(folds) == 1 else 1
    most = _MOST_ROWS // (halves * len(folds))
    parts = []
    for index, fold in enumerate(folds):
        for places in np.array_split(np.arange(len(fold.positions)), halves):
            codes = rows.codes[fold.positions[places]]
            shares = [one.found[index].shares[places] for one in members]
            parts.append(_Part(codes, shares, some=np.sort(rng.permutation(len(places))[:most])))
    return parts


def _weights(use_case: UseCase, rows: Prepared, parts: Sequence[_Part]) -> dict[int, float]:
    """Positions of members and their weights, by the mean over `parts`; begins with the best member, the first."""
    metric = metric_of(use_case)
    sign = 1.0 if metric.higher_is_better else -1.0
    ends = np.cumsum([len(part.some) for part in parts])[:-1]
    codes = [part.codes[part.some] for part in parts]

    def score(shares: Array) -> float:
        laid = zip(codes, np.split(shares, ends), strict=True)
        return float(np.mean([sign * metric.value(scored_codes(use_case, *one, rows.classes)) for one in laid]))

    together = [
        np.concatenate([part.shares[index][part.some] for part in parts]) for index in range(len(parts[0].shares))
    ]
    return greedy_weights(together, score, first=0)


def _honest_scores(
    use_case: UseCase, rows: Prepared, members: Sequence[Option], parts: Sequence[_Part]
) -> tuple[float, ...]:
    """A score a fold, each part mixed with weights that the other parts chose: choosing alone makes nothing better."""
    metric = metric_of(use_case)
    said = []
    for place, part in enumerate(parts):
        weights = _weights(use_case, rows, [*parts[:place], *parts[place + 1 :]])
        said.append(_sum(part.shares, weights))
    if len(members[0].found) == 1:
        said, codes = [np.concatenate(said)], [np.concatenate([part.codes for part in parts])]
    else:
        codes = [part.codes for part in parts]
    laid = zip(codes, said, strict=True)
    return tuple(float(metric.value(scored_codes(use_case, *one, rows.classes))) for one in laid)


def _sum(shares: Sequence[Array], weights: dict[int, float]) -> Array:
    return np.asarray(sum(weight * shares[position] for position, weight in weights.items()))
