"""The rules a table row has to keep, in Great Expectations' own names; rows that fail are put in quarantine."""

from evergreen.quality.errors import RunFailed, TooManyFailures
from evergreen.quality.rules import check
from evergreen.quality.validate import Verdict, validate

__all__ = ["RunFailed", "TooManyFailures", "Verdict", "check", "validate"]
