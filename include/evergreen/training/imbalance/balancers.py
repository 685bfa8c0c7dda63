"""The balancers by name; a new one is a function beside these and a line here."""

from __future__ import annotations

from evergreen.spec import UseCase
from evergreen.training.imbalance.base import Array, Balancer
from evergreen.training.imbalance.class_counts import balanced_weights, cost_weights
from evergreen.training.imbalance.over import adasyn, random_over, smote
from evergreen.training.imbalance.under import cluster_under, enn, random_under, tomek, tomek_both


def _smote_tomek(x: Array, y: Array, seed: int) -> tuple[Array, Array]:
    return tomek_both(*smote(x, y, seed))


def _smote_enn(x: Array, y: Array, seed: int) -> tuple[Array, Array]:
    return enn(*smote(x, y, seed))


COST_WEIGHT = "cost_weight"
BALANCERS: dict[str, Balancer] = {
    balancer.name: balancer
    for balancer in (
        Balancer("none"),
        Balancer("class_weight", weights=balanced_weights),
        Balancer(COST_WEIGHT, weights=cost_weights, undone=True),
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

COMPARED = ("none", "class_weight", "random_under", "smote", "smote_tomek")
"""What `auto` compares, the cheapest first: one of each kind."""


def compared(use_case: UseCase) -> tuple[str, ...]:
    """What `auto` compares for this use case: where costs are known, weights by them, too."""
    return COMPARED if use_case.training.costs is None else (*COMPARED, COST_WEIGHT)
