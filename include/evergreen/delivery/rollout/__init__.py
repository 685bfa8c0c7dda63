"""How a new release takes over the traffic, and gives it back when it does worse than allowed."""

from .counts import Counts
from .run import RolloutResult, Step, roll_out
from .stats import read_counts

__all__ = ["Counts", "RolloutResult", "Step", "read_counts", "roll_out"]
