"""The releases that are loaded: each once, tried again when it failed, started again when its process has ended."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import structlog

from evergreen.artifacts import Release
from evergreen.delivery.own.environment import EnvironmentInTheMaking
from evergreen.delivery.service.releases import LoadedRelease, identity
from evergreen.delivery.where import where
from evergreen.errors import EvergreenError, TransientError

RETRY_SECONDS = 30.0
"""A release that failed to load is tried again after this time, or at once on `/-/reload`."""
MAKING_SECONDS = 1.0
"""How often it is looked whether libraries are installed by now."""
PAUSES = (0.0, 2.0, 10.0, 30.0)
"""Seconds from a process's end to the next start: at once the first time, then longer."""
FORGIVEN_SECONDS = 120.0
"""A process that ran for so long counts as ended for the first time."""

Called = tuple[str, int, str]
"""Use case, release number, hash of the bento."""
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Failure:
    until: float
    error: EvergreenError


@dataclass(frozen=True, slots=True)
class _End:
    """A process that has ended, when, and how often that has happened in a short time."""

    of: LoadedRelease
    at: float
    times: int


class LoadedReleases:
    """Used from the thread that loads; loading never disturbs what answers meanwhile."""

    def __init__(
        self, load: Callable[[Release], LoadedRelease], monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._load = load
        self._monotonic = monotonic
        self._loaded: dict[Called, LoadedRelease] = {}
        self._leaving: list[LoadedRelease] = []
        self._failed: dict[Called, _Failure] = {}
        self._ended: dict[Called, _End] = {}

    def get(self, release: Release) -> LoadedRelease:
        """The release, loaded now if it is not yet. Raises EvergreenError: also for a while after it has failed."""
        called = _called(release)
        have = self._loaded.get(called)
        if have is not None and have.alive:
            return have
        if have is not None:
            self._wait_after_end(called, have)
        failed = self._failed.get(called)
        if failed is not None and self._monotonic() < failed.until:
            raise failed.error
        try:
            loaded = self._load(release)
        except EvergreenError as error:
            making = isinstance(error, EnvironmentInTheMaking)
            self._failed[called] = _Failure(self._monotonic() + (MAKING_SECONDS if making else RETRY_SECONDS), error)
            if not making:
                _say(_log.error, "release_not_loaded", release, reason=str(error), cause=where(error))
            elif failed is None or not isinstance(failed.error, EnvironmentInTheMaking):
                _say(_log.info, "libraries_being_installed", release)
            raise
        self._failed.pop(called, None)
        self._loaded[called] = loaded
        self._leaving += [have] if have is not None else []
        _say(
            _log.info,
            "release_loaded",
            release,
            bento=release.bento.tag,
            process=loaded.own.pid if loaded.own else None,
        )
        return loaded

    def try_again(self) -> None:
        """Let releases that have failed be tried again at once."""
        self._failed.clear()

    def keep(
        self, wanted: Iterable[Release], served: Iterable[LoadedRelease], answering: Iterable[LoadedRelease]
    ) -> None:
        """Stop what is neither wanted nor served, and what is still answering as soon as it is not any more."""
        called, stays = {_called(release) for release in wanted}, {id(loaded) for loaded in served}
        for one, loaded in list(self._loaded.items()):
            if one not in called and id(loaded) not in stays:
                self._leaving.append(self._loaded.pop(one))
        stays |= {id(loaded) for loaded in answering}
        leaving, self._leaving = self._leaving, []
        for loaded in leaving:
            if id(loaded) in stays:
                self._leaving.append(loaded)
            else:
                loaded.stop()
                if loaded.own is not None:
                    _say(_log.info, "process_stopped", loaded.release, process=loaded.own.pid)

    def stop(self) -> None:
        """Stop all."""
        for loaded in (*self._loaded.values(), *self._leaving):
            loaded.stop()
        self._loaded.clear()
        self._leaving.clear()

    def _wait_after_end(self, called: Called, have: LoadedRelease) -> None:
        """Take note that a process has ended. Raises TransientError until it may be started again."""
        now, known = self._monotonic(), self._ended.get(called)
        if known is None or known.of is not have:
            again = known is not None and now - known.at < FORGIVEN_SECONDS
            known = _End(have, now, known.times + 1 if known is not None and again else 1)
            self._ended[called] = known
            _say(_log.error, "process_ended", have.release, times=known.times)
        if now < known.at + PAUSES[min(known.times, len(PAUSES)) - 1]:
            raise TransientError(f"the process of release {have.release.number} has ended and is started again soon")


def _say(log: Callable[..., object], event: str, release: Release, **more: object) -> None:
    log(event, use_case=release.use_case, release=release.number, **more)


def _called(release: Release) -> Called:
    return release.use_case, *identity(release)
