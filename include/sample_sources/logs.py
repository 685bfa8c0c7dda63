"""One JSON object a line on standard error: quiet, and easy to search."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime

logger = logging.getLogger("sample_sources")


class JsonLines(logging.Formatter):
    """Time, level, message, and whatever was handed over as `extra={"fields": {…}}`."""

    def format(self, record: logging.LogRecord) -> str:
        """Write one record as one line; a traceback becomes a field of it."""
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line)


def start_logging() -> None:
    """Log our own information, and of everything else warnings only."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logger.setLevel(logging.INFO)


def log(message: str, **fields: object) -> None:
    """Log what happened, with its details as fields."""
    logger.info(message, extra={"fields": fields})
