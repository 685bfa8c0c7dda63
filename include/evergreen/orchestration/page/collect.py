"""Put a use case's card together. What can't be read becomes a problem on the card, never a broken page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import structlog

from evergreen.errors import EvergreenError
from evergreen.loop.instance import Instance
from evergreen.orchestration.page.cards import Card, Data, Link, Status, short
from evergreen.orchestration.page.links import links
from evergreen.orchestration.page.recent import recent
from evergreen.spec import SpecError, load_use_case

log = structlog.get_logger()
PROBLEMS = 8
T = TypeVar("T")


@dataclass
class Collector:
    """Collects the cards of one instance; a use case's file is read again only when it has changed."""

    instance: Instance
    _files: dict[Path, tuple[tuple[int, int], Head]] = field(default_factory=dict)

    def card(self, name: str) -> Card:
        """The card of a use case, whatever state it is in."""
        problems: list[str] = []
        nameless: Head = ("", "", ())
        title, owner, wrong = _attempt(lambda: self._head(name), nameless, problems)
        problems += wrong
        nothing: dict[str, Any] = {}
        known = _attempt(lambda: self._recent(name), nothing, problems)
        data = _attempt(lambda: self._data(name), None, problems)
        nowhere: tuple[Link, ...] = ()
        ways = _attempt(lambda: links(self.instance.settings, name, known.get("active")), nowhere, problems)
        return Card(
            name=name,
            title=short(title, 120),
            owner=short(owner, 120),
            status=_status(problems, known),
            problems=tuple(short(problem) for problem in problems[:PROBLEMS]),
            data=data,
            links=ways,
            **known,
        )

    def _head(self, name: str) -> Head:
        path = self.instance.folder(name) / "use_case.yaml"
        try:
            now = path.stat()
            stamp = (now.st_mtime_ns, now.st_size)
        except OSError:
            stamp = (0, 0)
        kept = self._files.get(path)
        if kept is None or kept[0] != stamp:
            kept = (stamp, _read(path.parent))
            self._files[path] = kept
        return kept[1]

    def _recent(self, name: str) -> dict[str, Any]:
        with self.instance.ledger() as db:
            return recent(db, name)

    def _data(self, name: str) -> Data | None:
        if not (self.instance.settings.registry / ".git").exists():
            return None  # opening the registry would make it, and looking must not
        head = self.instance.registry.head(name)
        if head is None:
            return None
        manifest = self.instance.registry.manifest(head)
        return Data(
            version=head.name,
            rows=head.rows,
            quarantine=manifest.counts.get("quarantine", 0),
            data_time=head.data_time,
            restores=manifest.restores,
        )


Head = tuple[str, str, tuple[str, ...]]
"""Title, owner and problems of a use case's file."""


def _status(problems: list[str], known: dict[str, Any]) -> Status:
    if problems:
        return "problem"
    return "held" if known.get("holds") else "active" if known.get("active") else "new"


def _read(folder: Path) -> Head:
    try:
        use_case = load_use_case(folder)
    except SpecError as error:
        return "", "", tuple(str(problem).removeprefix(f"{folder.parent}/") for problem in error.problems)
    return use_case.title or "", use_case.owner or "", ()


def _attempt(read: Callable[[], T], otherwise: T, problems: list[str]) -> T:
    try:
        return read()
    except EvergreenError as error:
        problems.append(str(error))
    except Exception as error:
        log.exception("the page could not read a use case")
        problems.append(f"could not be read ({type(error).__name__}); the API server's log has the details")
    return otherwise
