"""The command line: parse, run one command, say errors in one line."""

from __future__ import annotations

import argparse
import logging
import sys
import threading
from collections.abc import Sequence

import structlog

from evergreen.cli import data, fit, local, look, run
from evergreen.cli.interrupt import Interrupts
from evergreen.errors import EvergreenError, TransientError
from evergreen.loop.errors import NothingToDo

EXIT_TRANSIENT = 75
"""EX_TEMPFAIL of sysexits.h: the same command may succeed later."""
EXIT_INTERRUPTED = 130
"""As shells say it: 128 and the number of SIGINT."""


def parser() -> argparse.ArgumentParser:
    """Every command with its arguments."""
    root = argparse.ArgumentParser(prog="evergreen", description="Keep models fresh.")
    root.add_argument("-v", "--verbose", action="store_true", help="also log what is usually kept quiet")
    commands = root.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for module in (run, data, look, fit, local):
        module.add_commands(commands)
    return root


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit status: 0 done, 1 wrong, 3 nothing to do, 75 try again later, 130 Ctrl-C."""
    given = parser().parse_args(arguments)
    _quiet(verbose=given.verbose)
    with Interrupts() as interrupts:
        try:
            status: int | None = given.run(given)
        except BaseException as error:  # noqa: BLE001 - said below, or raised again
            if interrupts.came or isinstance(error, KeyboardInterrupt):
                print("stopped; nothing half-done is visible, run the same command again to go on", file=sys.stderr)
                return EXIT_INTERRUPTED
            return _say(error)
    return status or 0


def _say(error: BaseException) -> int:
    """The exit status of an error, said in a line; one that is nobody's to foresee is raised again."""
    if isinstance(error, NothingToDo):
        print(error, file=sys.stderr)
        return 3
    if isinstance(error, EvergreenError):
        print(f"error: {error}", file=sys.stderr)
        return EXIT_TRANSIENT if isinstance(error, TransientError) else 1
    if isinstance(error, BrokenPipeError):
        return 0
    if not _lost_database(error):
        raise error
    print(
        "error: the database stopped answering; see that PostgreSQL runs (`evergreen up`, or "
        "EVERGREEN_DATABASE_URL), then run the same command again: it goes on where it stopped",
        file=sys.stderr,
    )
    return EXIT_TRANSIENT


def _lost_database(error: BaseException) -> bool:
    """Whether a connection to PostgreSQL broke, wherever in a library that came to light."""
    from psycopg2 import InterfaceError, OperationalError
    from sqlalchemy.exc import DBAPIError

    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, InterfaceError | OperationalError):
            return True
        if isinstance(seen, DBAPIError) and seen.connection_invalidated:
            return True
        seen = seen.__cause__ or seen.__context__
    return False


class _OneLine(logging.Formatter):
    """What libraries log, without the stack that led there: the command's own last line says what to do."""

    def format(self, record: logging.LogRecord) -> str:
        """The record in one line."""
        record.exc_info = record.exc_text = record.stack_info = None
        return super().format(record)


def _say_thread(failed: threading.ExceptHookArgs) -> None:
    name = failed.thread.name if failed.thread is not None else "?"
    logging.getLogger("evergreen").warning("background thread %s ended: %s", name, failed.exc_type.__name__)


def _quiet(*, verbose: bool) -> None:
    level = logging.INFO if verbose else logging.WARNING
    handler = logging.StreamHandler()
    handler.setFormatter((logging.Formatter if verbose else _OneLine)("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=level, handlers=[handler])
    if not verbose:
        threading.excepthook = _say_thread
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
