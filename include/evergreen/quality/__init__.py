"""The rules a table row has to keep, in Great Expectations' own names; rows that fail are put in quarantine."""

from .errors import RunFailed, TooManyFailures
from .rules import check
from .validate import Verdict, validate

__all__ = ["RunFailed", "TooManyFailures", "Verdict", "check", "validate"]
