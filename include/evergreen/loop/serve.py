"""The prediction service over the ledger: which releases take which share of the traffic, and how rows are filled."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import structlog

from evergreen.artifacts import DatasetVersion, Release
from evergreen.errors import EvergreenError
from evergreen.ledger.records import running_rollout
from evergreen.ledger.releases import get_release, last_activation
from evergreen.loop.instance import Instance
from evergreen.spec import SpecError, UseCase
from evergreen.spec.sources import Anonymiser

if TYPE_CHECKING:
    import polars as pl

    from evergreen.delivery.service import Routes
    from evergreen.prepare.lookup import Lookup

log = structlog.get_logger()


class LedgerRoutes:
    """Reads routes from the ledger and the registry; called about twice a second, so it keeps what can't change."""

    def __init__(self, instance: Instance, filler: Filler) -> None:
        self._instance = instance
        self.filler = filler
        self._use_cases: dict[str, tuple[int, UseCase]] = {}
        self._heads: dict[str, DatasetVersion] = {}
        self._base: dict[str, Mapping[str, str]] = {}
        self._said: dict[str, str] = {}

    def routes(self) -> Mapping[str, Routes]:
        """Every use case whose file can be read; one that can't keeps what it said before."""
        from evergreen.delivery.service import Routes

        found: dict[str, Routes] = {}
        for name in self._instance.names():
            use_case = self._use_case(name)
            if use_case is None:
                continue
            head = self._head(use_case)
            found[name] = Routes(
                use_case=use_case,
                releases=self._releases(name),
                base=self._base.get(name, {}),
                data_version=head.number if head is not None else None,
                data_time=head.data_time if head is not None else None,
            )
        return found

    def _use_case(self, name: str) -> UseCase | None:
        stamp = (self._instance.folder(name) / "use_case.yaml").stat().st_mtime_ns
        if name not in self._use_cases or self._use_cases[name][0] != stamp:
            try:
                self._use_cases[name] = (stamp, self._instance.use_case(name))
            except SpecError as error:
                log.warning("use case can't be read", use_case=name, problems=len(error.problems))
                if name not in self._use_cases:
                    return None
                self._use_cases[name] = (stamp, self._use_cases[name][1])
        return self._use_cases[name][1]

    def _head(self, use_case: UseCase) -> DatasetVersion | None:
        """The newest version; where it can't be read, the newest that was: other use cases are served in any case."""
        name, known = use_case.name, self._heads.get(use_case.name)
        try:
            head = self._instance.registry.head(name)
            if head is None or head == known:
                return head
            base = self._instance.registry.manifest(head).schemas.get(use_case.base, {})
        except EvergreenError as error:
            if self._said.get(name) != str(error):  # once, not twice a second
                log.warning("the newest version can't be read", use_case=name, error=str(error))
            self._said[name] = str(error)
            return known
        self._said.pop(name, None)
        self.filler.warm(use_case, head)
        self._base[name], self._heads[name] = base, head
        return head

    def _releases(self, name: str) -> tuple[tuple[Release, int], ...]:
        with self._instance.ledger() as db:
            last = last_activation(db, name)
            active = get_release(db, name, last.release) if last is not None else None
            rollout = running_rollout(db, name)
            coming = get_release(db, name, rollout[0]) if rollout is not None else None
        if rollout is None or coming is None or coming == active:
            return ((active, 100),) if active is not None else ()
        if active is None:
            return ((coming, 100),)
        return ((active, 100 - rollout[1]), (coming, rollout[1]))


class Filler:
    """Fills a request's joined columns from the source states of a dataset version.

    The newest two versions are kept loaded, so requests under way when the version changes are answered by theirs.
    """

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._loaded: OrderedDict[tuple[str, int], Lookup] = OrderedDict()
        self._lock = threading.Lock()

    def __call__(self, use_case: UseCase, rows: pl.DataFrame, *, version: int, at_most: datetime) -> pl.DataFrame:
        """The rows with the table's columns."""
        found = self._loaded.get((use_case.name, version)) or self._load(use_case, version, at_most)
        return found.fill(rows)

    def loaded(self, use_case: str) -> list[int]:
        """The versions that are loaded, oldest first."""
        with self._lock:
            return sorted(version for name, version in self._loaded if name == use_case)

    def warm(self, use_case: UseCase, head: DatasetVersion) -> None:
        """Load a new version ahead of its first request, where an older one was asked for."""
        if not self.loaded(use_case.name):
            return
        try:
            self._load(use_case, head.number, head.data_time)
        except Exception as error:  # noqa: BLE001 - the first request tries again, and says what is wrong
            log.warning("lookup not loaded", use_case=use_case.name, version=head.number, error=type(error).__name__)

    def _load(self, use_case: UseCase, version: int, at_most: datetime) -> Lookup:
        from evergreen.prepare.lookup import Lookup

        name = use_case.name
        with self._lock:
            if (name, version) in self._loaded:
                return self._loaded[name, version]
            parts = self._instance.registry.parts(self._instance.registry.get(name, version))
            sources = {source: list(parts.source_files(source).values()) for source in use_case.sources}
            lookup = Lookup(use_case, sources, at_most)
            older = sorted(number for loaded, number in self._loaded if loaded == name)
            for number in older[:-1]:
                del self._loaded[name, number]
            self._loaded[name, version] = lookup
            return lookup


def serve(instance: Instance, *, host: str, port: int, api_key: str) -> None:
    """Run the service until SIGTERM or Ctrl-C."""
    import uvicorn

    from evergreen.delivery.own.processes import OwnProcesses
    from evergreen.delivery.service import PredictionLog, create_app
    from evergreen.ingest.anonymise import anonymise

    def hide(use_case: UseCase, rows: pl.DataFrame) -> pl.DataFrame:
        return anonymise(rows, personal_columns(use_case), instance.pseudonym_key)

    filler = Filler(instance)
    app = create_app(
        LedgerRoutes(instance, filler),
        api_key=api_key,
        log=PredictionLog(instance.predictions.write),
        clock=lambda: datetime.now(UTC),
        lookup=filler,
        anonymise=hide,
        processes=OwnProcesses.of_this_code(instance.settings.environments),
    )
    uvicorn.run(app, host=host, port=port, log_level="warning", access_log=False)


def personal_columns(use_case: UseCase) -> dict[str, Anonymiser]:
    """The table's personal columns: the base's own, and those that joins bring, under the names they have there."""
    found = dict(use_case.sources[use_case.base].personal)
    for join in use_case.prepare.join:
        for column, how in use_case.sources[join.source].personal.items():
            found.setdefault(f"{join.prefix}{column}", how)
    return found
