"""A little traffic first, then more."""

from __future__ import annotations

from evergreen.spec.operation import Rollout


class Canary:
    """The new release takes the use case's `steps`, each held for `bake`, and goes back when it does badly."""

    def steps(self, rollout: Rollout) -> tuple[int, ...]:
        """As the use case says."""
        return rollout.steps

    def bakes(self) -> bool:
        """Every step is held and judged, the last one too."""
        return True
