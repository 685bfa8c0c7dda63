"""What is wrong with a use case's file, all of it at once, each with file and line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from evergreen.errors import PermanentError

_MOST = 20


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong: where in the file, at which key, and in words."""

    file: Path
    line: int
    key: str
    text: str

    def __str__(self) -> str:
        return (
            f"{self.file}:{self.line}: {self.key}: {self.text}" if self.key else f"{self.file}:{self.line}: {self.text}"
        )


class SpecError(PermanentError):
    """A use case's file can't be used as it is; `problems` has every reason."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        lines = [str(problem) for problem in self.problems[:_MOST]]
        if len(self.problems) > _MOST:
            lines.append(f"… and {len(self.problems) - _MOST} more")
        super().__init__("\n".join(lines))
