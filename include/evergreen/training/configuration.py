"""What one trial tries: a candidate with its parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..artifacts import JsonObject
from ..spec import UseCase
from .candidates import Candidate

CANDIDATE = "candidate"


@dataclass(frozen=True)
class Configuration:
    """A candidate's name and the parameters its estimator is built with, under the names the estimator knows."""

    candidate: str
    params: JsonObject = field(default_factory=dict)

    def as_trial(self) -> JsonObject:
        """The parameters as a study knows them: each begins with its candidate's name and a dot."""
        return {CANDIDATE: self.candidate, **{f"{self.candidate}.{key}": value for key, value in self.params.items()}}


def suggested(use_case: UseCase, trial: Any, candidates: Mapping[str, Candidate]) -> Configuration:
    """The configuration that Optuna's `trial` asks for."""
    name = trial.suggest_categorical(CANDIDATE, list(use_case.training.candidates))
    return Configuration(name, candidates[name].suggest(trial, use_case.task))


def of_trial(trial: Any) -> Configuration:
    """The configuration of a trial that was made."""
    name = str(trial.params[CANDIDATE])
    prefix = f"{name}."
    return Configuration(
        name, {key.removeprefix(prefix): value for key, value in trial.params.items() if key.startswith(prefix)}
    )
