"""What can go wrong in the ledger."""

from __future__ import annotations

from evergreen.errors import PermanentError, TransientError


class LedgerUnavailable(TransientError):
    """The ledger's database doesn't answer."""


class NewerLedger(PermanentError):
    """A newer program has upgraded the ledger, and this one can't read it."""


class ActivationMoved(PermanentError):
    """Another release was activated meanwhile, so this activation is refused."""


class Busy(TransientError):
    """Another process is at work on the same thing."""
