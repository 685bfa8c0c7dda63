"""The estimator families of the search: one file each, by the name the use case calls it."""

from .base import Candidate
from .registry import CANDIDATES

__all__ = ["CANDIDATES", "Candidate"]
