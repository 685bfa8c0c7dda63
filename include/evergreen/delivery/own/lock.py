"""A bento's own lock: exactly the libraries its code and model run on, those they need in turn, and their hashes."""

from __future__ import annotations

import platform
import re
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

LOCK = "libraries.lock"
"""Its file's name beside the packed code."""
_PYTHON = re.compile(r"^# Python (\d+\.\d+)$", re.MULTILINE)
_PIN = re.compile(r"^([\w.-]+)(?:\[[\w,-]+\])?==([^\s;\\]+)", re.MULTILINE)
_HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")


def lock_text(packages: Iterable[str], requirements: Path | None) -> str:
    """The lock of installed `packages` (distribution names) and of what they need, one a line.

    Hashes come from the project's lock file `requirements`; a library that is not there in the very version has none.
    """
    hashes = _hashes(requirements)
    lines = [f"# Python {_minor()}"]
    for name, version in sorted(_needed(packages).items()):
        lines.append(" ".join([f"{name}=={version}", *hashes.get((name, version), ())]))
    return "\n".join(lines) + "\n"


def lock_python(text: str) -> str:
    """The Python a lock is for, e.g. `3.11`."""
    found = _PYTHON.search(text)
    return found.group(1) if found else _minor()


def unhashed(text: str) -> tuple[str, ...]:
    """Libraries of a lock that no environment can be made with, since nobody has recorded their files' hashes."""
    return tuple(line for line in text.splitlines() if _PIN.match(line) and not _HASH.search(line))


def differing(text: str) -> tuple[str, ...]:
    """How this process's libraries differ from a lock's, e.g. `polars 2.1.0 (here 2.2.0)`. Python counts as one."""
    found = [("Python", lock_python(text), _minor())]
    found += [(name, version, _installed(name)) for name, version in _PIN.findall(text)]
    return tuple(f"{name} {version} (here {here})" for name, version, here in found if version != here)


def _minor() -> str:
    return platform.python_version().rpartition(".")[0]


def _installed(name: str) -> str:
    try:
        return distribution(name).version
    except PackageNotFoundError:
        return "none"


def _needed(packages: Iterable[str]) -> dict[str, str]:
    """Installed versions by normal name, followed from package to package; what is not installed is left out."""
    from packaging.requirements import Requirement

    found: dict[str, str] = {}
    waiting = list(packages)
    while waiting:
        name = _normal(waiting.pop())
        if name in found:
            continue
        try:
            one = distribution(name)
        except PackageNotFoundError:  # decision 0001 leaves one out on purpose
            continue
        found[name] = one.version
        asked = [Requirement(requirement) for requirement in one.requires or ()]
        waiting += [each.name for each in asked if each.marker is None or each.marker.evaluate({"extra": ""})]
    return found


def _hashes(requirements: Path | None) -> Mapping[tuple[str, str], tuple[str, ...]]:
    if requirements is None or not requirements.is_file():
        return {}
    text = requirements.read_text()
    starts = list(_PIN.finditer(text))
    ends = [match.start() for match in starts[1:]] + [len(text)]
    return {
        (_normal(match.group(1)), match.group(2)): tuple(sorted(_HASH.findall(text[match.end() : end])))
        for match, end in zip(starts, ends, strict=True)
    }


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
