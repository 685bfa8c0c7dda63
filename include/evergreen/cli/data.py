"""Commands about dataset versions: history, diff, verify, rollback, resume, exclude."""

from __future__ import annotations

import argparse
from typing import Any

from evergreen.cli.who import new_run_id, who
from evergreen.errors import PermanentError
from evergreen.local.door import open_instance
from evergreen.loop.acts import act


def add_commands(commands: Any) -> None:
    """Add this file's commands to the parser."""
    history = commands.add_parser("history", help="every dataset version of a use case")
    history.add_argument("use_case")
    history.add_argument("--batches", action="store_true", help="also the batches each version brought")
    history.set_defaults(run=_history)

    diff = commands.add_parser("diff", help="what differs between two dataset versions")
    diff.add_argument("use_case")
    diff.add_argument("before", help="e.g. v3")
    diff.add_argument("after", help="e.g. v4")
    diff.set_defaults(run=_diff)

    verify = commands.add_parser("verify", help="hash every file of every version, here and on the remote")
    verify.add_argument("use_case")
    verify.set_defaults(run=_verify)

    rollback = commands.add_parser("rollback", help="go back to an earlier dataset version or release")
    rollback.add_argument("use_case")
    rollback.add_argument("--to", help="dataset version, e.g. v3")
    rollback.add_argument("--release", type=int)
    rollback.add_argument("--data", action="store_true", help="with --release: its dataset version too")
    rollback.set_defaults(run=_rollback)

    resume = commands.add_parser("resume", help="end the hold that a rollback placed")
    resume.add_argument("use_case")
    resume.set_defaults(run=_resume)

    exclude = commands.add_parser("exclude", help="keep exactly the rows of a batch out from now on")
    exclude.add_argument("use_case")
    exclude.add_argument("batch")
    exclude.add_argument("--reason", default="excluded by hand")
    exclude.set_defaults(run=_exclude)


def number(text: str) -> int:
    """`v3`, `3` or `flights@v3` as 3. Raises PermanentError."""
    digits = text.rpartition("v")[2]
    if not digits.isdigit():
        raise PermanentError(f"{text!r} is not a dataset version; write it like v3")
    return int(digits)


def _history(given: argparse.Namespace) -> None:
    registry = open_instance().registry
    for version in registry.history(given.use_case):
        manifest = registry.manifest(version)
        restores = f", restores v{manifest.restores}" if manifest.restores else ""
        rows = f"{version.rows:,} rows, {manifest.counts.get('quarantine', 0):,} in quarantine"
        print(f"{version.name}  {version.data_time:%Y-%m-%d %H:%M}Z  {rows}{restores}")
        if given.batches:
            for entry in manifest.batches:
                if entry.data_time == version.data_time:
                    print(f"    {entry.batch[:16]}  {entry.source}: {entry.new:,} new of {entry.rows:,} rows")


def _diff(given: argparse.Namespace) -> None:
    from evergreen.loop.rollback import describe

    registry = open_instance().registry
    before, after = (registry.get(given.use_case, number(text)) for text in (given.before, given.after))
    print(describe(registry.diff(before, after)))


def _verify(given: argparse.Namespace) -> int:
    registry = open_instance().registry
    problems = [problem for version in registry.history(given.use_case) for problem in registry.verify(version)]
    for problem in problems:
        print(problem)
    if not problems:
        print(f"{given.use_case}: every file of every version is as it was published, here and on the remote")
    return 1 if problems else 0


def _rollback(given: argparse.Namespace) -> None:
    from evergreen.loop.rollback import rollback_data, rollback_release

    if (given.to is None) == (given.release is None):
        raise PermanentError("say what to go back to: --to vK (a dataset version) or --release R")
    instance, name, run_id = open_instance(), given.use_case, new_run_id()
    if given.release is not None:
        with act(instance, name, "rollback", run_id, who(), f"release {given.release}", {"data": given.data}):
            release, version = rollback_release(instance, name, given.release, run_id, data=given.data)
        print(f"release {release.number} of {name} is active again; retraining and deploy are on hold")
        if version is not None:
            print(f"{version.name} restores v{release.dataset_version}")
    else:
        to = number(given.to)
        with act(instance, name, "rollback", run_id, who(), f"data to v{to}", {}):
            version = rollback_data(instance, name, to, run_id)
        print(f"{version.name} restores v{to}; ingest and retraining are on hold")
    print(f"`evergreen resume {name}` ends the hold")


def _resume(given: argparse.Namespace) -> None:
    from evergreen.loop.rollback import resume

    instance, name, run_id = open_instance(), given.use_case, new_run_id()
    with act(instance, name, "resume", run_id, who(), "every hold", {}):
        held = resume(instance, name, run_id)
    print(f"{name}: {', '.join(held)} no longer on hold" if held else f"{name}: nothing was on hold")


def _exclude(given: argparse.Namespace) -> None:
    from evergreen.loop.rollback import exclude

    instance, name, batch = open_instance(), given.use_case, given.batch
    with act(instance, name, "exclude", new_run_id(), who(), f"batch {batch}", {"reason": given.reason}):
        rows = exclude(instance, name, batch, given.reason)
    print(f"{name}: {rows:,} rows of batch {batch} stay out from now on")
