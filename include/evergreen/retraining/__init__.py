"""Retrain or not: a pure function of facts, with every reason in words."""

from evergreen.retraining.decide import decide
from evergreen.retraining.facts import Facts, WindowFact

__all__ = ["Facts", "WindowFact", "decide"]
