"""Which tasks a candidate can do."""

from __future__ import annotations

ALL = frozenset({"binary", "multiclass", "regression"})
CLASSES = frozenset({"binary", "multiclass"})
