"""What can go wrong between a table and a model."""

from __future__ import annotations

from evergreen.errors import PermanentError


class WrongColumns(PermanentError):
    """The rows do not have the columns, or the types, that the features or the model ask for."""


class UnusableTarget(PermanentError):
    """Nothing can be learned from this target: one class, too many classes, or not numbers."""


class UntrustedModel(PermanentError):
    """A saved model holds types that this product never writes; it is not deserialised."""
