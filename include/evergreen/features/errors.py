"""What can go wrong between a table and a model."""

from __future__ import annotations

from evergreen.errors import PermanentError


class WrongColumns(PermanentError):
    """The rows do not have the columns, or the types, that the features or the model ask for."""


class UntrustedModel(PermanentError):
    """A saved model holds types that this product never writes; it is not deserialised."""
