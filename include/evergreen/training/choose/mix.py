"""The best mix of a search's trials."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from evergreen.features.fitting import LearningRows
from evergreen.metrics.registry import metric_of
from evergreen.spec import UseCase
from evergreen.training.choose.greedy_weights import greedy_weights
from evergreen.training.choose.options import MOST_MIXED, Option
from evergreen.training.trial.out_of_fold import OutOfFold
from evergreen.training.trial.scored_codes import scored_codes

Array = np.ndarray[Any, Any]
_MOST_ROWS = 20_000
"""Rows of all folds together by which a mix is decided."""
_LARGE, _TIMES = 25_000_000, 10
"""A model of more bytes than this, and than so many times the best's, is not mixed."""


@dataclass(frozen=True, slots=True)
class Time:
    """What fitting a winner may take: `seconds` of wall time, its members fitted `workers` at a time."""

    seconds: float
    workers: int


def mixed(
    use_case: UseCase, rows: LearningRows, singles: Sequence[Option], time: Time | None, seed: int
) -> Option | None:
    """The best mix of `singles` (the best first); None where none is better than the best of them.

    All rows choose the weights; its scores are those of mixes whose weights were chosen without the rows judged.
    `time`: what fitting its members may take, None: as long as it takes.
    """
    members = [one for one in singles[:MOST_MIXED] if one.found and _small(one, singles[0])]
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


def _parts(rows: LearningRows, members: Sequence[Option], seed: int) -> list[_Part]:
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


def _weights(use_case: UseCase, rows: LearningRows, parts: Sequence[_Part]) -> dict[int, float]:
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
    use_case: UseCase, rows: LearningRows, members: Sequence[Option], parts: Sequence[_Part]
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
