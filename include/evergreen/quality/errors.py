"""Why a run's rows are not published."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from evergreen.errors import PermanentError, bounded


class TooManyFailures(PermanentError):
    """More of the run's rows failed than `quarantine_at_most` allows; `reasons` counts them by rule."""

    def __init__(self, failed: int, rows: int, allowed: float, reasons: Mapping[str, int], docs: Path | None) -> None:
        self.failed, self.rows, self.reasons, self.docs = failed, rows, dict(reasons), docs
        ordered = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
        named = bounded((f"{reason} ({count})" for reason, count in ordered), 10)
        super().__init__(
            f"{failed} of this run's {rows} rows failed a rule, more than quality.quarantine_at_most: {allowed:g} "
            f"allows; nothing is published. Rules: {named}. Mend the source, or change the rule or the limit"
            + (f"; see {docs}" if docs is not None else "")
        )


class RunFailed(PermanentError):
    """A rule about all of the run's rows together did not hold, so no single row is to blame."""

    def __init__(self, rules: list[str], rows: int, docs: Path | None) -> None:
        self.rules, self.docs = tuple(rules), docs
        super().__init__(
            f"this run's {rows} rows together break {bounded(rules, 10)}; nothing is published. "
            "Mend the source, or change the rule" + (f"; see {docs}" if docs is not None else "")
        )
