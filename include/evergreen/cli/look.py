"""Commands that only look: check, state, alerts, runs, trace."""

from __future__ import annotations

import argparse
import json
from typing import Any

from evergreen.local.door import open_instance
from evergreen.settings import Settings


def add_commands(commands: Any) -> None:
    """Add this file's commands to the parser."""
    check = commands.add_parser("check", help="find everything wrong with the use cases' files")
    check.add_argument("use_case", nargs="*")
    check.add_argument("--online", action="store_true", help="also ask the sources whether the columns are there")
    check.set_defaults(run=_check)

    state = commands.add_parser("state", help="what is there: versions, the active release, open items, holds")
    state.add_argument("use_case", nargs="*")
    state.add_argument("--canonical", action="store_true", help="only what must be equal after any history, as JSON")
    state.set_defaults(run=_state)

    what = "late predictions, nights skipped because of a hold and second copies that wait, newest first"
    alerts = commands.add_parser("alerts", help=what)
    alerts.add_argument("use_case", nargs="*")
    alerts.set_defaults(run=_alerts)

    runs = commands.add_parser("runs", help="who asked for what, how far it is, how it ended and what it cost")
    runs.add_argument("use_case")
    runs.add_argument("run_id", nargs="?", help="show this run with its steps")
    runs.add_argument("--last", type=int, default=20, help="how many of the newest (default: 20)")
    runs.set_defaults(run=_runs)

    trace = commands.add_parser("trace", help="from a prediction back to the rows of the sources")
    trace.add_argument("prediction")
    trace.set_defaults(run=_trace)


def _check(given: argparse.Namespace) -> int:
    from evergreen.loop.check import check

    settings = Settings()
    instance = open_instance(settings) if given.online else None
    problems = check(settings, given.use_case, instance)
    for problem in problems:
        print(problem)
    if not problems:
        print("nothing wrong")
    return 1 if problems else 0


def _state(given: argparse.Namespace) -> None:
    from evergreen.loop.state import canonical_state, describe_state

    instance = open_instance()
    names = given.use_case or instance.names()
    if given.canonical:
        print(json.dumps({name: canonical_state(instance, name) for name in names}, indent=1, sort_keys=True))
    else:
        print("\n\n".join(describe_state(instance, name) for name in names))


def _alerts(given: argparse.Namespace) -> None:
    from evergreen.loop.alerts import describe_alerts

    instance = open_instance()
    print("\n\n".join(describe_alerts(instance, name) for name in given.use_case or instance.names()))


def _runs(given: argparse.Namespace) -> None:
    from evergreen.loop.history import describe_run, describe_runs

    instance = open_instance()
    if given.run_id is not None:
        print(describe_run(instance, given.use_case, given.run_id))
    else:
        print(describe_runs(instance, given.use_case, given.last))


def _trace(given: argparse.Namespace) -> None:
    from evergreen.loop.trace import trace

    print(trace(open_instance(), given.prediction))
