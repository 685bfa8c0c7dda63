"""The estimator families of the search: one file each, by the name the use case calls it."""

from evergreen.training.candidates.base import Candidate
from evergreen.training.candidates.by_name import CANDIDATES

__all__ = ["CANDIDATES", "Candidate"]
