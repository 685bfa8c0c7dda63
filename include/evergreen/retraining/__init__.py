"""Retrain or not: a pure function of facts, with every reason in words."""

from .decide import decide
from .facts import Facts, WindowFact

__all__ = ["Facts", "WindowFact", "decide"]
