"""`evergreen check`: everything wrong with the use cases' files, said at once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from evergreen.loop.instance import Instance
from evergreen.settings import Settings
from evergreen.spec import SpecError, UseCase, load_use_case


def check(settings: Settings, names: Sequence[str], online: Instance | None) -> list[str]:
    """Every problem of the named use cases (none named: of all), one sentence each; with an instance, sources too."""
    folder = settings.use_cases.absolute()
    wanted = names or sorted(path.parent.name for path in folder.glob("*/use_case.yaml"))
    problems: list[str] = []
    for name in wanted:
        try:
            use_case = load_use_case(folder / name)
        except SpecError as error:
            problems += [str(problem) for problem in error.problems]
            continue
        problems += [f"{name}: {problem}" for problem in _deeper(use_case, folder / name, online)]
    return problems


def _deeper(use_case: UseCase, folder: Path, online: Instance | None) -> list[str]:
    from evergreen.prepare import column_problems
    from evergreen.quality import check as check_quality

    problems = [*column_problems(use_case, {}), *check_quality(use_case)]
    if online is not None:
        from evergreen.ingest import check_online

        problems += [str(p) for p in check_online(use_case, online.connect, online.settings.landing, folder)]
    return problems
