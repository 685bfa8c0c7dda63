"""How a new release takes over the traffic, and gives it back when it does worse than allowed."""

from evergreen.delivery.rollout.counts import Counts
from evergreen.delivery.rollout.run import RolloutResult, Step, roll_out
from evergreen.delivery.rollout.stats import read_counts

__all__ = ["Counts", "RolloutResult", "Step", "read_counts", "roll_out"]
