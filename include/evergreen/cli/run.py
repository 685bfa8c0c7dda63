"""Commands that work: run, train, deploy, score, serve, approve."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from evergreen.local.door import open_instance


def add_commands(commands: Any) -> None:
    """Add this file's commands to the parser."""
    whole = commands.add_parser("run", help="go once round the loop, without Airflow")
    whole.add_argument("use_case")
    whole.add_argument("--as-of", help="data time, e.g. 2013-03-01 or 2013-03-01T02:00Z (default: the clock)")
    whole.add_argument("--only", choices=["ingest", "monitor", "train", "deploy", "score"], help="one part of the loop")
    whole.set_defaults(run=_run)

    train = commands.add_parser("train", help="search for a challenger now, by hand")
    train.add_argument("use_case")
    train.add_argument("--trials", type=int)
    train.set_defaults(run=_train)

    deploy = commands.add_parser("deploy", help="ship the model that waits, or an earlier release again")
    deploy.add_argument("use_case")
    deploy.add_argument("--release", type=int)
    deploy.set_defaults(run=_deploy)

    approve = commands.add_parser("approve", help="answer a gate that waits for a person")
    approve.add_argument("use_case")
    approve.add_argument("model", type=int, help="model version")
    approve.add_argument("--refuse", action="store_true")
    approve.set_defaults(run=_approve)

    pin = commands.add_parser("pin", help="write the active model's data, configuration and seed to params.yaml")
    pin.add_argument("use_case")
    pin.add_argument("--params", type=Path, default=Path("params.yaml"))
    pin.set_defaults(run=_pin)

    refit = commands.add_parser("refit", help="rebuild a pinned model on one thread (what `dvc repro` runs)")
    refit.add_argument("use_case")
    refit.add_argument("--params", type=Path, default=Path("params.yaml"))
    refit.add_argument("--out", type=Path, required=True)
    refit.set_defaults(run=_refit)

    serve = commands.add_parser("serve", help="run the prediction service")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=3000)
    serve.set_defaults(run=_serve)


def _run(given: argparse.Namespace) -> int:
    from evergreen.loop.clock import data_time
    from evergreen.loop.round import go_round

    instance = open_instance()
    now = datetime.now(UTC)
    as_of = data_time(instance.clock_of(given.use_case), given=given.as_of, otherwise=now, now=now)
    return go_round(instance, given.use_case, as_of, say=print, only=given.only)


def _train(given: argparse.Namespace) -> None:
    from evergreen.loop.round import train_round

    instance = open_instance()
    run_id = f"cli-{datetime.now(UTC):%Y%m%dT%H%M%S}"
    train_round(instance, given.use_case, run_id, say=print, by_hand=True, trials=given.trials)


def _deploy(given: argparse.Namespace) -> None:
    from evergreen.loop.round import deploy_round

    instance = open_instance()
    run_id = f"cli-{datetime.now(UTC):%Y%m%dT%H%M%S}"
    deploy_round(instance, given.use_case, run_id, say=print, release=given.release)


def _approve(given: argparse.Namespace) -> None:
    from evergreen.errors import PermanentError
    from evergreen.ledger.records import gates
    from evergreen.loop import train

    instance = open_instance()
    with instance.ledger() as db:
        waiting = [(t, g) for t, g in gates(db, given.use_case) if g.model_version == given.model]
    if not waiting or waiting[0][1].verdict != "pass":
        raise PermanentError(
            f"{given.use_case}: model {given.model} has not passed a gate; there is nothing to approve"
        )
    model = instance.models.get(given.use_case, given.model)
    if train.answer(instance, model, waiting[0][0], approved=not given.refuse) == given.refuse:
        raise PermanentError(
            f"{given.use_case}: model {given.model} was {'approved' if given.refuse else 'refused'} before, and the "
            "first answer holds; train again, or roll back what it shipped"
        )
    print(f"{given.use_case}: model {given.model} is {'refused' if given.refuse else 'approved and waits for deploy'}")


def _pin(given: argparse.Namespace) -> None:
    from evergreen.loop.pin import pin

    entry = pin(open_instance(), given.use_case, given.params)
    print(f"{given.params}: {given.use_case}@v{entry['dataset_version']}, {entry['candidate']}, seed {entry['seed']}")
    print("`dvc repro` rebuilds it")


def _refit(given: argparse.Namespace) -> None:
    from evergreen.loop.pin import refit

    metrics = refit(open_instance(), given.use_case, given.params, given.out)
    print(", ".join(f"{name} {value:.6f}" for name, value in metrics.items()), "- as pinned")


def _serve(given: argparse.Namespace) -> None:
    from evergreen.local.secrets import secret
    from evergreen.loop.serve import serve

    instance = open_instance()
    key = instance.settings.api_key
    api_key = key.get_secret_value() if key is not None else secret(instance.settings.secrets, "api_key")
    serve(instance, host=given.host, port=given.port, api_key=api_key)
