"""What may be done where one class is much rarer than another, by the name the use case calls it."""

from evergreen.training.imbalance.balancers import BALANCERS, compared
from evergreen.training.imbalance.base import Balancer

__all__ = ["BALANCERS", "Balancer", "compared"]
