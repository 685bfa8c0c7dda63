"""Watch the active model: how the rows have moved since it learned, and how well it does where labels have come."""

from .errors import MonitoringError
from .measure import measure
from .measurement import ColumnDrift, Measurement, Performance
from .window import in_window, judged_bounds, window_bounds

__all__ = [
    "ColumnDrift",
    "Measurement",
    "MonitoringError",
    "Performance",
    "in_window",
    "judged_bounds",
    "measure",
    "window_bounds",
]
