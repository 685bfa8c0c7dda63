"""The demonstration: the whole loop told on the running system, through the same doors that a person uses."""

from .tell import tell

__all__ = ["tell"]
