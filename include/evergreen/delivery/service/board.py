"""What is served at this moment, and how it is brought up to date: all of a use case's change, in one step."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

import structlog

from evergreen.artifacts import Release
from evergreen.delivery.service.fields import key_shape, personal_fields, request_shape
from evergreen.delivery.service.loaded import LoadedReleases
from evergreen.delivery.service.releases import LoadedRelease, identity
from evergreen.delivery.service.routes import Routes, RouteSource, newest_first
from evergreen.delivery.shape import Shape
from evergreen.delivery.where import where
from evergreen.errors import EvergreenError, bounded

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class RoutedRelease:
    """A loaded release, its part of the traffic in percent, and the rows it takes."""

    loaded: LoadedRelease
    percent: int
    shape: Shape


@dataclass(frozen=True, slots=True)
class ServedUseCase:
    """One use case as it is served now. Immutable: a request keeps the one it started with."""

    routes: Routes
    shares: tuple[RoutedRelease, ...]
    key: Shape
    personal: frozenset[str]
    """Fields that have to be anonymised."""


class Board:
    """The use cases being served. `current` is replaced as a whole, never changed."""

    def __init__(self, source: RouteSource, releases: LoadedReleases, *, anonymises: bool) -> None:
        self._source = source
        self._releases = releases
        self._anonymises = anonymises
        self._lock = threading.Lock()
        self._holding = threading.Lock()
        self._held: dict[int, tuple[ServedUseCase, int]] = {}
        self.current: Mapping[str, ServedUseCase] = {}
        self.problems: Mapping[str, str] = {}
        """Use case to why it is not served as the ledger says; `""` stands for the reading of the routes itself."""
        self.was_read = False

    @contextmanager
    def held(self, name: str) -> Iterator[ServedUseCase | None]:
        """What serves a use case now. None of its releases is stopped before the context ends."""
        with self._holding:
            serving = self.current.get(name)
            if serving is not None:
                self._held[id(serving)] = (serving, self._held.get(id(serving), (serving, 0))[1] + 1)
        try:
            yield serving
        finally:
            if serving is not None:
                with self._holding:
                    count = self._held.pop(id(serving))[1]
                    if count > 1:
                        self._held[id(serving)] = (serving, count - 1)

    def refresh(self, *, again: bool = False) -> None:
        """Read the routes and load what is new; whatever fails is noted in `problems` and the old stays.

        `again` also tries releases that have failed a moment ago. Releases that nothing routes to any more are stopped
        once the requests that they answer have ended.
        """
        with self._lock:
            if again:
                self._releases.try_again()
            try:
                wanted = self._source.routes()
            except Exception as error:  # noqa: BLE001 - the service outlives its ledger, whatever that raises
                _log.warning("routes_not_read", error=type(error).__name__)
                self.problems = {**self.problems, "": f"the routes could not be read ({type(error).__name__})"}
                return
            current, problems = {}, {}
            for name, routes in wanted.items():
                current[name], problem = self._serve_or_keep(name, routes)
                if problem is not None:
                    problems[name] = problem
            with self._holding:
                self.current = current
                answering = [serving for serving, _ in self._held.values()]
            self.problems, self.was_read = problems, True
            self._releases.keep(
                [release for routes in wanted.values() for release, _ in newest_first(routes.releases)],
                _loaded_in(current.values()),
                _loaded_in(answering),
            )

    def stop(self) -> None:
        """Stop all releases; no request is answered any more."""
        with self._lock:
            self._releases.stop()

    def _serve_or_keep(self, name: str, routes: Routes) -> tuple[ServedUseCase, str | None]:
        """As `_serve`; where that fails, the releases that are wanted by the use case as it was, or what serves now."""
        try:
            return self._serve(name, routes)
        except Exception as error:  # noqa: BLE001 - one use case's mistake must not keep the others as they are
            cause = str(error) if isinstance(error, EvergreenError) else where(error)
        problem = f"`{name}` can't be served as its file and the ledger say: {cause}"
        if problem != self.problems.get(name):
            _log.error("use_case_not_served", use_case=name, cause=cause)
        before = self.current.get(name)
        if before is None or not before.shares:
            return ServedUseCase(routes, (), Shape({}), frozenset()), problem
        as_it_was = replace(routes, use_case=before.routes.use_case)
        return (self._serve_or_keep(name, as_it_was)[0] if as_it_was != routes else before), problem

    def _serve(self, name: str, routes: Routes) -> tuple[ServedUseCase, str | None]:
        """What to serve from now on, and what keeps it from being what the routes say."""
        before = self.current.get(name)
        wanted = newest_first(routes.releases)
        had = before.shares if before is not None else ()
        if before is not None and before.routes == routes and _are(had, wanted):
            return before, None
        loaded, problem = [], None
        for release, percent in wanted:
            try:
                loaded.append((self._releases.get(release), percent))
            except EvergreenError as error:
                problem = problem or str(error)
        if problem is not None and had:
            started_again = {one.identity: one for one, _ in loaded}
            loaded = [(started_again.get(share.loaded.identity, share.loaded), share.percent) for share in had]
        shares = tuple(
            RoutedRelease(release, percent, request_shape(routes, release.predictor.schema))
            for release, percent in loaded
        )
        personal = personal_fields(routes.use_case) & {name for share in shares for name in share.shape.fields}
        if personal and not self._anonymises:
            problem = (
                f"rows of `{name}` hold personal columns ({bounded(sorted(personal))}) and the service was given"
                " nothing to anonymise them with; start it with the instance's anonymiser"
            )
            shares = ()
        return ServedUseCase(routes, shares, key_shape(routes), frozenset(personal)), problem


def _loaded_in(servings: Iterable[ServedUseCase]) -> list[LoadedRelease]:
    return [share.loaded for serving in servings for share in serving.shares]


def _are(shares: tuple[RoutedRelease, ...], wanted: tuple[tuple[Release, int], ...]) -> bool:
    """Whether the shares are of the releases that are wanted, and all of them can answer."""
    return all(share.loaded.alive for share in shares) and (
        [share.loaded.identity for share in shares] == [identity(release) for release, _ in wanted]
    )
