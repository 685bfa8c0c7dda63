"""What the retrain decision knows. The caller gathers it from the ledger and the newest dataset version."""

from __future__ import annotations

from datetime import timedelta

from evergreen.artifacts import Artifact, Utc


class WindowFact(Artifact):
    """One measured window; None: could not be judged."""

    ends: Utc
    drift: bool | None
    """Was the features' drift a violation?"""
    performance: bool | None
    """Was the metric's drop a violation?"""
    drop: float | None = None
    """How far the metric lay below what the gate saw, in its own direction (above 0 is worse)."""


class Facts(Artifact):
    """The state of one use case at the moment of the decision. All times are data times, all counts are of rows."""

    dataset_version: int
    release: int | None
    """Number of the active release; None: there is none yet."""
    labelled: int
    """Label-mature rows of this dataset version."""
    labelled_at_training: int | None = None
    """The same when the active model was trained; None without a release."""
    trained_at: Utc | None = None
    """When the active model was trained."""
    tried_at: Utc | None = None
    """When a training last ended, whatever came of it."""
    failed_at: Utc | None = None
    """When a training last broke off with an error."""
    gate_failed_at: Utc | None = None
    """When a challenger last failed the gate, if no training since has passed it."""
    labelled_at_gate_failure: int | None = None
    """Label-mature rows that challenger could learn from and be judged on."""
    reference_metric: float | None = None
    """The metric of the active release in the window of its gate."""
    windows: tuple[WindowFact, ...] = ()
    """What was measured of the active release; they may overlap (see `grounds.last_windows`)."""
    spent: timedelta = timedelta(0)
    """How long trainings took in the budget period that ends now, also those that broke off."""
    expected_cost: timedelta | None = None
    """How long the last training took that came to its gate; None: none has."""
    hold: str | None = None
    """Why retraining is held, in words; None: it is not."""
    lost: tuple[str, ...] = ()
    """Columns that the active model needs and the table no longer has, or has of another kind."""
    spec_changed: bool = False
    """Has what shapes the model (target, features, training …) changed in the YAML since it was trained?"""
