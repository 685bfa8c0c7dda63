"""Runs for a person: who asked for what, how far it is, how it ended."""

from __future__ import annotations

from datetime import datetime

from evergreen.errors import PermanentError
from evergreen.ledger.runs import RunRow, StepRow, newest_runs, runs_by_id, steps_of
from evergreen.loop.instance import Instance

SHORT = 100
"""Characters of a run's last word in a list."""


def describe_runs(instance: Instance, name: str, most: int) -> str:
    """The newest runs of a use case, a line each, newest first."""
    with instance.ledger() as db:
        found = [(run, steps_of(db, run.key)) for run in newest_runs(db, name, most)]
    lines = [_line(run, steps) for run, steps in found]
    return "\n".join([name, *(lines or ["  no runs yet"])])


def describe_run(instance: Instance, name: str, run_id: str) -> str:
    """Everything that is known of the runs of an id, with their steps. Raises PermanentError when there are none."""
    with instance.ledger() as db:
        found = [(run, steps_of(db, run.key)) for run in runs_by_id(db, name, run_id)]
    if not found:
        raise PermanentError(f"`{name}` has no run `{run_id}`. `evergreen runs {name}` lists the newest.")
    return "\n".join(_whole(run, steps) for run, steps in found)


def _line(run: RunRow, steps: list[StepRow]) -> str:
    about = f" {run.subject}" if run.subject else ""
    at = steps[-1].step if run.state == "running" and steps else ""
    state = f"{run.state} at {at}" if at else run.state
    word = f"  {_short(run.said)}" if run.said and run.state in ("failed", "skipped", "waiting") else ""
    return (
        f"  {_when(run.began_at)}  {run.key.kind:8} {state:20} {_seconds(steps):>8}  by {run.asked_by}  "
        f"{run.key.run_id}{about}{word}"
    )


def _whole(run: RunRow, steps: list[StepRow]) -> str:
    lines = [
        f"{run.key.use_case} {run.key.kind} {run.key.run_id}: {run.state}",
        f"  asked for by {run.asked_by} ({run.door}), began {_when(run.began_at)}"
        + (f", ended {_when(run.ended_at)}" if run.ended_at is not None else ""),
    ]
    if run.subject is not None:
        of = f", data time {_when(run.data_time)}" if run.data_time is not None else ""
        lines.append(f"  about {run.subject}{of}")
    filled_in = ", ".join(f"{name}={value}" for name, value in run.params.items() if value not in (None, False))
    lines += [f"  with {filled_in}"] if filled_in else []
    for step in steps:
        name = f"{step.step} {step.part}".strip()
        again = f", attempt {step.attempts}" if step.attempts > 1 else ""
        spent = f"{step.wall_seconds:.1f} s, {step.cpu_seconds:.1f} s of CPU"
        word = f"  {_short(step.said)}" if step.said else ""
        lines.append(f"  {name:22} {step.state:8} {spent}{again}{word}")
    return "\n".join(lines)


def _seconds(steps: list[StepRow]) -> str:
    return f"{sum(step.wall_seconds for step in steps):,.1f} s"


def _short(text: str) -> str:
    return text if len(text) <= SHORT else text[: SHORT - 1].rstrip() + "…"


def _when(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}Z"
