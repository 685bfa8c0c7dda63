"""What may be done where one class is much rarer than another, by the name the use case calls it."""

from evergreen.training.imbalance.base import Balancer
from evergreen.training.imbalance.registry import BALANCERS, compared

__all__ = ["BALANCERS", "Balancer", "compared"]
