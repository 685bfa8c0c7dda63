"""The same flights as in the unit tests."""

from __future__ import annotations

from tests.unit.monitoring.conftest import flights, months

__all__ = ["flights", "months"]
