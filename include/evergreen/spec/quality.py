"""`quality:` Great Expectations' own names and arguments."""

from __future__ import annotations

from typing import Any

from pydantic import Field, field_validator

from evergreen.spec.base import Section, Share


class Quality(Section):
    """The rules a table row has to keep, and how many of a run's rows may fail before nothing is published."""

    expectations: tuple[dict[str, dict[str, Any]], ...] = ()
    """Great Expectations' own names and arguments. A row that breaks one goes into quarantine with the reason, unless
    `mostly` is reached. An expectation about all rows, such as a mean, ends the run: nothing is published. Each run
    judges a row in quarantine again, by itself. It comes out once it keeps every rule, and `mostly` does not count
    it. An edit has all rows judged together again."""
    quarantine_at_most: Share = Field(default=0.05, le=1)
    """Nothing is published where more of a run's rows fail, or more of a source's lines can't be read."""

    @field_validator("expectations")
    @classmethod
    def _one_each(cls, value: tuple[dict[str, dict[str, Any]], ...]) -> tuple[dict[str, dict[str, Any]], ...]:
        for item in value:
            if len(item) != 1 or not next(iter(item)).startswith("expect_"):
                raise ValueError("an expectation is one `expect_…: {argument: value}` of Great Expectations")
        return value
