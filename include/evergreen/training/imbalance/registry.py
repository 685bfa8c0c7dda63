"""The balancers by name; a new one is a function beside these and a line here."""

from __future__ import annotations

from .base import Array, Balancer
from .counts import balanced_weights
from .over import adasyn, random_over, smote
from .under import cluster_under, enn, random_under, tomek, tomek_both


def _smote_tomek(x: Array, y: Array, seed: int) -> tuple[Array, Array]:
    return tomek_both(*smote(x, y, seed))


def _smote_enn(x: Array, y: Array, seed: int) -> tuple[Array, Array]:
    return enn(*smote(x, y, seed))


WEIGHTS = "class_weight"
"""The one that takes an estimator which learns from weighted rows."""
BALANCERS: dict[str, Balancer] = {
    balancer.name: balancer
    for balancer in (
        Balancer("none"),
        Balancer(WEIGHTS, weights=balanced_weights),
        Balancer("random_over", random_over),
        Balancer("random_under", random_under),
        Balancer("cluster_under", cluster_under),
        Balancer("smote", smote),
        Balancer("adasyn", adasyn),
        Balancer("tomek", tomek),
        Balancer("smote_tomek", _smote_tomek),  # Batista et al. 2004, as is the next
        Balancer("smote_enn", _smote_enn),
    )
}

COMPARED = ("none", WEIGHTS, "random_under", "smote", "smote_tomek")
"""What `auto` compares, the cheapest first: one of each kind."""
