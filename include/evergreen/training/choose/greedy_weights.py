"""Which models to mix, and how much of each: greedy selection with replacement.

Caruana, Niculescu-Mizil, Crew and Ksikes, "Ensemble selection from libraries of models" (ICML 2004): begin with the
best and add, again and again, whichever makes the mean of all chosen better on rows that none of them had learned from.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
ROUNDS, _PATIENCE = 20, 3


def greedy_weights(
    predictions: Sequence[Array], score: Callable[[Array], float], first: int, rounds: int = ROUNDS
) -> dict[int, float]:
    """Positions in `predictions` and their weights, which add up to 1. `score`: of mixed predictions; more is better.

    Begins with position `first`. What was best after some round is returned, so never worse than `first` alone.
    """
    chosen, total = [first], predictions[first].astype(np.float64)
    best, best_score, since = [first], score(total), 0
    for made in range(1, rounds):
        scores = [score((total + one) / (made + 1)) for one in predictions]
        taken = int(np.argmax(scores))
        chosen, total = [*chosen, taken], total + predictions[taken]
        if scores[taken] > best_score:
            best, best_score, since = list(chosen), scores[taken], 0
        else:
            since += 1
            if since >= _PATIENCE:
                break
    positions, counts = np.unique(best, return_counts=True)
    return {int(position): float(count / len(best)) for position, count in zip(positions, counts, strict=True)}
