"""What is recorded of a winner, so that it can be made again from the same rows: members, calibration, threshold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from evergreen.artifacts import JsonObject
from evergreen.tasks.base import PLAIN
from evergreen.training.trial.configuration import Configuration

ENSEMBLE = "ensemble"
_MEMBERS, _BALANCE, _CALIBRATION, _THRESHOLD = "members", "_balance", "_calibration", "_threshold"


@dataclass(frozen=True)
class Recipe:
    """`members`: configurations and their weights, which add up to 1. `calibration`: None, or method and curves."""

    members: tuple[tuple[Configuration, float], ...]
    calibration: JsonObject | None = None
    threshold: float = PLAIN

    @property
    def candidate(self) -> str:
        """The name it is recorded under: its only member's, or `ensemble`."""
        return self.members[0][0].candidate if len(self.members) == 1 else ENSEMBLE

    @property
    def params(self) -> JsonObject:
        """What is recorded beside the name; of a single plain member just its parameters."""
        if len(self.members) == 1:
            said = _balanced(dict(self.members[0][0].params), self.members[0][0])
        else:
            said = {
                _MEMBERS: [
                    {"candidate": one.candidate, "params": _balanced(one.params, one), "weight": weight}
                    for one, weight in self.members
                ]
            }
        if self.calibration is not None:
            said[_CALIBRATION] = self.calibration
        if self.threshold != PLAIN:
            said[_THRESHOLD] = self.threshold
        return said


def recorded(candidate: str, params: Mapping[str, Any]) -> Recipe:
    """The recipe that was recorded under this name with these parameters."""
    own = dict(params)
    calibration, threshold = own.pop(_CALIBRATION, None), float(own.pop(_THRESHOLD, PLAIN))
    if candidate != ENSEMBLE:
        return Recipe(((_member(candidate, own), 1.0),), calibration, threshold)
    members = tuple((_member(one["candidate"], one["params"]), float(one["weight"])) for one in own[_MEMBERS])
    return Recipe(members, calibration, threshold)


def _balanced(params: JsonObject, one: Configuration) -> JsonObject:
    return params if one.balance == "none" else {**params, _BALANCE: one.balance}


def _member(candidate: str, params: Mapping[str, Any]) -> Configuration:
    own = dict(params)
    return Configuration(candidate, balance=str(own.pop(_BALANCE, "none")), params=own)
