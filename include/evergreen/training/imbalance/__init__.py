"""What may be done where one class is much rarer than another, by the name the use case calls it."""

from .base import Balancer
from .registry import BALANCERS, compared

__all__ = ["BALANCERS", "Balancer", "compared"]
