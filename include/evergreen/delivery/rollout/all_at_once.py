"""All traffic in one step."""

from __future__ import annotations

from evergreen.spec.operation import Rollout


class AllAtOnce:
    """The new release takes everything; the old one stands by for a rollback."""

    def steps(self, rollout: Rollout) -> tuple[int, ...]:  # noqa: ARG002 - the same for every use case
        """100."""
        return (100,)

    def bakes(self) -> bool:
        """Nothing is held: there is nothing left to go on to."""
        return False
