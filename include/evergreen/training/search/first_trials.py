"""What a study tries first, or tries alone: the champion's configuration, known-good ones, or an owner's grid."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

from evergreen.errors import PermanentError, bounded
from evergreen.spec import UseCase
from evergreen.training.candidates import CANDIDATES, Candidate
from evergreen.training.imbalance import compared
from evergreen.training.trial.configuration import Configuration


def usable_candidates(use_case: UseCase) -> dict[str, Candidate]:
    """The use case's candidates, by name. Raises PermanentError where one can't do the task or is not installed."""
    found: dict[str, Candidate] = {}
    for name in use_case.training.candidates:
        candidate: Candidate = CANDIDATES[name]
        if use_case.task not in candidate.tasks:
            raise PermanentError(
                f"`{name}` can't do {use_case.task}, the task of `{use_case.name}`; take it out of "
                "`training.candidates`"
            )
        why = getattr(candidate, "why_missing", lambda: None)()
        if why is not None:
            raise PermanentError(why)
        found[name] = candidate
    return found


def planned(use_case: UseCase, champion: Sequence[Configuration]) -> tuple[list[Configuration], bool]:
    """Configurations to try in this order, and whether no others are tried.

    `champion`: what the last champion was made of; of families that are no longer candidates nothing is tried.
    """
    search = use_case.training.search
    known = [_whole(one, use_case) for one in champion if one.candidate in use_case.training.candidates]
    if search.strategy == "grid":
        return _grid(use_case), True
    if search.strategy == "refit" and known:
        return known, True
    return [*known, *_known_good(use_case)], False


def _whole(configuration: Configuration, use_case: UseCase) -> Configuration:
    """A parameter that is newer than the champion as the best known configuration has it: Optuna would draw it."""
    name = configuration.candidate
    balance = configuration.balance if configuration.balance in compared(use_case) else "none"
    return Configuration(name, {**CANDIDATES[name].known_good(use_case.task)[0], **configuration.params}, balance)


def usual_trials(use_case: UseCase) -> int:
    """How many trials a search makes when nobody says another number: of a grid, every combination."""
    search = use_case.training.search
    return len(_grid(use_case)) if search.strategy == "grid" else search.trials


def enqueue(study: Any, configurations: Sequence[Configuration]) -> None:
    """Put them in front, in this order. May be called twice."""
    for one in configurations:
        study.enqueue_trial(one.as_trial(), skip_if_exists=True)


def _known_good(use_case: UseCase) -> list[Configuration]:
    """The candidates' known-good configurations, the best of each family first; then, where it is to be found out what
    to do about rare classes, the first family's best with each way to do it.
    """
    lists = {name: CANDIDATES[name].known_good(use_case.task) for name in use_case.training.candidates}
    ranked = [
        [Configuration(name, found[rank]) for name, found in lists.items() if rank < len(found)]
        for rank in range(max(len(found) for found in lists.values()))
    ]
    if use_case.training.imbalance == "auto":
        ranked.insert(1, [replace(ranked[0][0], balance=name) for name in compared(use_case) if name != "none"])
    return [one for rank in ranked for one in rank]


def _grid(use_case: UseCase) -> list[Configuration]:
    """Every combination of the owner's values; the other parameters as in the best known configuration. Where it is to
    be found out what to do about rare classes, each with every way to do it.

    Raises PermanentError where a parameter is not searched, or a value is none that it may have.
    """
    balances = compared(use_case) if use_case.training.imbalance == "auto" else ("none",)
    made = []
    for name, values in use_case.training.search.grid.items():
        base = CANDIDATES[name].known_good(use_case.task)[0]
        found = [
            Configuration(name, {**base, **dict(zip(values, combination, strict=True))})
            for combination in product(*values.values())
        ]
        _check_searched(use_case, name, values, found)
        made += [replace(one, balance=balance) for one in found for balance in balances]
    return made


def _check_searched(
    use_case: UseCase, name: str, values: Mapping[str, Sequence[Any]], found: Sequence[Configuration]
) -> None:
    """Let the candidate ask for each configuration, as a trial would: what it never asks for would have no effect."""
    from optuna.trial import FixedTrial

    where, asked = f"`training.search.grid.{name}`", set[str]()
    for one in found:
        trial = FixedTrial(one.as_trial())
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # a number outside of what is searched by itself is the owner's to try
                CANDIDATES[name].suggest(trial, use_case.task)
        except (ValueError, TypeError) as error:
            raise PermanentError(f"{where}: a value is none that its parameter may have ({error})") from None
        asked |= {key.removeprefix(f"{name}.") for key in trial.distributions}
    if unknown := [parameter for parameter in values if parameter not in asked]:
        raise PermanentError(
            f"{where}: {bounded(f'`{one}`' for one in unknown)} is not searched; "
            f"parameters are {bounded(f'`{one}`' for one in sorted(asked))}"
        )
