"""Which text columns have few categories and which many: decided on the rows the pipeline is fitted on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class Cardinality:
    """A column selector for `ByColumn`: of `columns`, those with at most (or more than) `limit` categories."""

    def __init__(self, columns: Sequence[str], limit: int, *, above: bool) -> None:
        self.columns = list(columns)
        self.limit = limit
        self.above = above

    def __call__(self, x: Any) -> list[str]:
        """The chosen names; `x` is the pandas frame that is being fitted."""
        return [name for name in self.columns if (x[name].nunique() > self.limit) == self.above]
