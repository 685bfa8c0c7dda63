"""What can go wrong with the store of models."""

from __future__ import annotations

from evergreen.errors import PermanentError, TransientError


class ModelTampered(PermanentError):
    """A stored model is not the one that was logged; it is never deserialised."""


class NoSuchModel(PermanentError):
    """There is no such model version."""


class ModelStoreUnreachable(TransientError):
    """MLflow, its database or its artifact store did not answer."""
