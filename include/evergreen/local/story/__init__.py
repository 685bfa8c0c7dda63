"""The demonstration: the whole loop told on the running system, through the same doors that a person uses."""

from evergreen.local.story.tell import tell

__all__ = ["tell"]
