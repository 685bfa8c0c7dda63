"""What is served at this moment, and how it is brought up to date: all of a use case's change, in one step."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import structlog

from evergreen.artifacts import Release
from evergreen.delivery.predictor import LoadPredictor
from evergreen.delivery.shape import Shape
from evergreen.errors import EvergreenError, bounded

from .fields import key_shape, personal_fields, request_shape
from .releases import LoadedRelease, identity, load_release
from .routes import Routes, RouteSource, newest_first
from .where import where

RETRY_SECONDS = 30.0
"""A release that failed to load is tried again after this time, or at once on `/-/reload`."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Share:
    """A loaded release, its part of the traffic in percent, and the rows it takes."""

    loaded: LoadedRelease
    percent: int
    shape: Shape


@dataclass(frozen=True, slots=True)
class Serving:
    """One use case as it is served now. Immutable: a request keeps the one it started with."""

    routes: Routes
    shares: tuple[Share, ...]
    key: Shape
    personal: frozenset[str]
    """Fields that have to be anonymised."""


class Board:
    """The use cases being served. `current` is replaced as a whole, never changed."""

    def __init__(
        self,
        source: RouteSource,
        load: LoadPredictor,
        *,
        anonymises: bool,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._source = source
        self._load = load
        self._anonymises = anonymises
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._failed: dict[tuple[str, int, str], tuple[float, EvergreenError]] = {}
        self.current: Mapping[str, Serving] = {}
        self.problems: Mapping[str, str] = {}
        """Use case to why it is not served as the ledger says; `""` stands for the reading of the routes itself."""
        self.was_read = False

    def refresh(self, *, again: bool = False) -> None:
        """Read the routes and load what is new; whatever fails is noted in `problems` and the old stays.

        `again` also tries releases that have failed a moment ago.
        """
        with self._lock:
            if again:
                self._failed.clear()
            try:
                wanted = self._source.routes()
            except Exception as error:  # noqa: BLE001 - the service outlives its ledger, whatever that raises
                _log.warning("routes_not_read", error=type(error).__name__)
                self.problems = {**self.problems, "": f"the routes could not be read ({type(error).__name__})"}
                return
            current, problems = {}, {}
            for name, routes in wanted.items():
                current[name], problem = self._serve(name, routes)
                if problem is not None:
                    problems[name] = problem
            self.current, self.problems, self.was_read = current, problems, True

    def _serve(self, name: str, routes: Routes) -> tuple[Serving, str | None]:
        """What to serve from now on, and what keeps it from being what the routes say."""
        before = self.current.get(name)
        wanted = newest_first(routes.releases)
        had = before.shares if before is not None else ()
        if before is not None and before.routes == routes and _are(had, wanted):
            return before, None
        known = {share.loaded.identity: share.loaded for share in had}
        loaded, problem = [], None
        for release, percent in wanted:
            try:
                loaded.append((known.get(identity(release)) or self._loaded(release), percent))
            except EvergreenError as error:
                problem = problem or str(error)
        if problem is not None and had:
            loaded = [(share.loaded, share.percent) for share in had]
        shares = tuple(
            Share(release, percent, request_shape(routes, release.predictor.schema)) for release, percent in loaded
        )
        personal = personal_fields(routes.use_case) & {name for share in shares for name in share.shape.fields}
        if personal and not self._anonymises:
            problem = (
                f"rows of `{name}` hold personal columns ({bounded(sorted(personal))}) and the service was given"
                " nothing to anonymise them with; start it with the instance's anonymiser"
            )
            shares = ()
        return Serving(routes, shares, key_shape(routes), frozenset(personal)), problem

    def _loaded(self, release: Release) -> LoadedRelease:
        """Load a release, unless that has just failed."""
        called = (release.use_case, *identity(release))
        failed = self._failed.get(called)
        if failed is not None and self._monotonic() - failed[0] < RETRY_SECONDS:
            raise failed[1]
        try:
            loaded = load_release(release, self._load)
        except EvergreenError as error:
            self._failed[called] = (self._monotonic(), error)
            _log.error(
                "release_not_loaded",
                use_case=release.use_case,
                release=release.number,
                reason=str(error),
                cause=where(error),
            )
            raise
        _log.info("release_loaded", use_case=release.use_case, release=release.number, bento=release.bento.tag)
        return loaded


def _are(shares: tuple[Share, ...], wanted: tuple[tuple[Release, int], ...]) -> bool:
    """Whether the shares are of the releases that are wanted."""
    return [share.loaded.identity for share in shares] == [identity(release) for release, _ in wanted]
