"""One process that answers for the active releases of all use cases, over HTTP."""

from .app import create_app
from .log import PredictionLog
from .routes import Lookup, Routes, RouteSource

__all__ = ["Lookup", "PredictionLog", "RouteSource", "Routes", "create_app"]
