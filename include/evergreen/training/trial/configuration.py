"""What one trial tries: a candidate with its parameters, and what is done about rare classes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from evergreen.artifacts import JsonObject
from evergreen.spec import UseCase
from evergreen.training.candidates import Candidate
from evergreen.training.imbalance import BALANCERS, compared

CANDIDATE, BALANCE = "candidate", "balance"


@dataclass(frozen=True)
class Configuration:
    """A candidate's name and the parameters its estimator is built with, under the names the estimator knows; `balance`
    names one of `imbalance.BALANCERS`.
    """

    candidate: str
    params: JsonObject = field(default_factory=dict)
    balance: str = "none"

    def as_trial(self) -> JsonObject:
        """The parameters as a study knows them: each begins with its candidate's name and a dot."""
        own = {f"{self.candidate}.{key}": value for key, value in self.params.items()}
        return {CANDIDATE: self.candidate, **own, BALANCE: self.balance}


def suggested(use_case: UseCase, trial: Any, candidates: Mapping[str, Candidate]) -> Configuration:
    """The configuration that Optuna's `trial` asks for. Where rows are to be weighed, a candidate that can't weigh
    rows, or balances them itself, is tried as it is.
    """
    name = trial.suggest_categorical(CANDIDATE, list(use_case.training.candidates))
    params = candidates[name].suggest(trial, use_case.task)
    balance: str = use_case.training.imbalance
    if balance == "auto":
        balance = trial.suggest_categorical(BALANCE, list(compared(use_case)))
    if BALANCERS[balance].weights is not None and not candidates[name].takes_weights:
        balance = "none"
    trial.set_user_attr(BALANCE, balance)
    return Configuration(name, params, balance)


def of_trial(trial: Any) -> Configuration:
    """The configuration of a trial that was made."""
    name = str(trial.params[CANDIDATE])
    prefix = f"{name}."
    own = {key.removeprefix(prefix): value for key, value in trial.params.items() if key.startswith(prefix)}
    return Configuration(name, own, str(trial.user_attrs.get(BALANCE, "none")))
