"""Ctrl-C that is neither lost nor turned into another error on its way out."""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType
from typing import Self

_LOOK_AGAIN_SECONDS = 0.05


class Interrupts:
    """While it is entered, SIGINT raises KeyboardInterrupt, but never in the middle of an import; `came` remembers it.

    Extension modules clear an exception that is raised while they are loaded, and some libraries make another error
    of it: the interrupt would be lost, or the command would end with a stack. So it waits until the import is done.
    In a thread other than the main one, which no signal reaches, this does nothing.
    """

    def __init__(self) -> None:
        self.came = False
        self._before: signal._HANDLER | None = None
        self._again: threading.Timer | None = None

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGINT, self._heard)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._again is not None:
            self._again.cancel()
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)

    def _heard(self, number: int, frame: FrameType | None) -> None:
        self.came = True
        if self._again is not None:
            self._again.cancel()
        if not _importing(frame):
            raise KeyboardInterrupt
        self._again = threading.Timer(_LOOK_AGAIN_SECONDS, signal.pthread_kill, (threading.get_ident(), number))
        self._again.daemon = True
        self._again.start()


def _importing(frame: FrameType | None) -> bool:
    """Whether an import is under way in this thread."""
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False
