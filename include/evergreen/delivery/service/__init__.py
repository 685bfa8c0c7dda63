"""One process that answers for the active releases of all use cases, over HTTP."""

from evergreen.delivery.service.app import create_app
from evergreen.delivery.service.log import PredictionLog
from evergreen.delivery.service.routes import Lookup, Routes, RouteSource

__all__ = ["Lookup", "PredictionLog", "RouteSource", "Routes", "create_app"]
