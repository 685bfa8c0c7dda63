"""What a finished search offers: its trials, and what was kept of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from evergreen.hashing import FileChanged
from evergreen.training.search.study import FIT_SECONDS, FOLDS, LATENCY, OUT_OF_FOLD, OUT_OF_FOLD_HASH, REFIT, SIZE
from evergreen.training.trial.configuration import Configuration, of_trial
from evergreen.training.trial.out_of_fold import OutOfFold, read_out_of_fold

MOST_MIXED = 20
"""Trials that may be mixed, the best first."""
_WRITTEN = 50e6
"""Bytes of a model that are saved in a second."""


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
                found=_kept(keep, said) if rank < MOST_MIXED else (),
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
