"""The strategies by name. One is a class in a file of its own, and a line here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from evergreen.delivery.rollout.all_at_once import AllAtOnce
from evergreen.delivery.rollout.canary import Canary
from evergreen.spec.operation import Rollout


class Strategy(Protocol):
    """How much of the traffic the new release takes, step by step."""

    def steps(self, rollout: Rollout) -> tuple[int, ...]:
        """Percentages that rise to 100."""

    def bakes(self) -> bool:
        """Whether each step is held and judged."""


STRATEGIES: Mapping[str, Strategy] = {"all_at_once": AllAtOnce(), "canary": Canary()}
