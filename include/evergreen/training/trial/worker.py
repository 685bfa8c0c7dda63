"""Judges configurations one after another in a child process, and gets over a child that hangs, grows or dies."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self

from evergreen.errors import EvergreenError
from evergreen.training.trial.child import Child
from evergreen.training.trial.configuration import Configuration
from evergreen.training.trial.work import Judged, NotFinite, OnFold, Pruned, Work

if TYPE_CHECKING:
    from evergreen.training.trial.judge import Judge

_LOOK = 0.1
"""Seconds between two looks at a child's memory."""
TIMEOUT, OUT_OF_MEMORY, DIED = "TIMEOUT", "OUT_OF_MEMORY", "DIED"


class CandidateFailed(Exception):
    """A configuration could not be fitted or judged; its trial fails and the search goes on. `reason`: in one word."""

    def __init__(self, candidate: str, reason: str) -> None:
        super().__init__(f"{candidate}: {reason}")
        self.reason = reason


@dataclass(frozen=True)
class Limits:
    """What one trial may take. `soft`: seconds in which boosters stop adding trees; `seconds` of wall time and `bytes`
    of its process's memory, after which it is ended; `over`: asked again and again, ends it at once. None: no limit.
    `through`: whether the search is at its end anyway, so that a trial which was ended says nothing of its candidate.
    """

    soft: float | None = None
    seconds: float | None = None
    bytes: int | None = None
    over: Callable[[], bool] = lambda: False
    through: Callable[[], bool] = lambda: False


class Judging(Protocol):
    """Whoever judges configurations, from `with` to its end."""

    work: Work

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def warm(self) -> object:
        """Get ready, without being waited for."""
        ...

    def judge(self, configuration: Configuration, name: str, on_fold: OnFold, limits: Limits) -> Judged:
        """Judge on every fold. Raises Pruned, CandidateFailed, and errors of ours, which end the search."""
        ...


@dataclass
class Worker:
    """Judges in a child process, started at first use, and anew after one that had to be ended.

    `ready`: whether its child has imported what it needs and read the rows; `waited`: seconds that judging had to wait
    for that, all children together.
    """

    work: Work
    ready: bool = field(default=False, init=False)
    waited: float = field(default=0.0, init=False)
    _child: Child | None = field(default=None, init=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def warm(self) -> Child:
        """The child, started where there is none; it is not waited for."""
        if self._child is None:
            self._child, self.ready = Child(self.work), False
        return self._child

    def end(self) -> None:
        """Stop the child, if there is one."""
        if self._child is not None:
            self._child.end()
            self._child = None

    def judge(self, configuration: Configuration, name: str, on_fold: OnFold, limits: Limits) -> Judged:
        """As `Judging`. A child that takes more than its limits is ended; the next trial gets a new one."""
        child = self.warm()
        done = False
        try:
            if not self.ready:
                began = time.monotonic()
                self._raise_ours(self._message(child, configuration, Limits(over=limits.over)))
                self.ready = True
                self.waited += time.monotonic() - began
            child.connection.send((configuration, name, limits.soft))
            until = time.monotonic() + limits.seconds if limits.seconds is not None else None
            while True:
                said = self._message(child, configuration, limits, until)
                if said[0] == "fold":
                    child.connection.send(on_fold(said[1], said[2]))
                    continue
                done = True
                return self._result(said, configuration)
        except (EOFError, ConnectionError):
            raise CandidateFailed(configuration.candidate, DIED) from None
        finally:
            if not done:
                self.end()

    @staticmethod
    def _message(child: Child, configuration: Configuration, limits: Limits, until: float | None = None) -> Any:
        while not child.connection.poll(_LOOK):
            if (until is not None and time.monotonic() > until) or limits.over():
                raise CandidateFailed(configuration.candidate, TIMEOUT)
            if limits.bytes is not None and child.memory > limits.bytes:
                raise CandidateFailed(configuration.candidate, OUT_OF_MEMORY)
        return child.connection.recv()

    @staticmethod
    def _raise_ours(said: Any) -> None:
        if said[0] == "ours":
            raise said[1]

    def _result(self, said: Any, configuration: Configuration) -> Judged:
        self._raise_ours(said)
        if said[0] == "pruned":
            raise Pruned
        if said[0] == "failed":
            raise CandidateFailed(configuration.candidate, said[1])
        judged: Judged = said[1]
        return judged


@dataclass
class Here:
    """Judges in this process, without limits."""

    work: Work
    _judge: Judge | None = field(default=None, init=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def warm(self) -> None:
        """As `Judging`."""

    def judge(self, configuration: Configuration, name: str, on_fold: OnFold, limits: Limits) -> Judged:
        """As `Judging`."""
        from evergreen.training.trial.judge import Judge

        self._judge = self._judge or Judge(self.work)
        try:
            return self._judge.judge(configuration, name, on_fold, limits.soft)
        except (EvergreenError, Pruned):
            raise
        except NotFinite:
            raise CandidateFailed(configuration.candidate, "NotFinite") from None
        except Exception as error:
            raise CandidateFailed(configuration.candidate, type(error).__name__) from error
