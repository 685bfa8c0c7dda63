"""Commands that work: run, train, deploy, score, serve, approve."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from evergreen.cli.who import asked, new_run_id, who
from evergreen.errors import PermanentError
from evergreen.local.door import open_instance
from evergreen.loop.flow import STAGES
from evergreen.loop.flow import stage as find


def add_commands(commands: Any) -> None:
    """Add this file's commands to the parser."""
    whole = commands.add_parser("run", help="go once round the loop, without Airflow")
    whole.add_argument("use_case")
    whole.add_argument("--as-of", help="data time, e.g. 2013-03-01 or 2013-03-01T02:00Z (default: the clock)")
    whole.add_argument("--only", choices=[stage.name for stage in STAGES], help="one part of the loop")
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


def _run(given: argparse.Namespace) -> None:
    from evergreen.loop.clock import data_time
    from evergreen.loop.round import go_round

    instance = open_instance()
    now = datetime.now(UTC)
    as_of = data_time(instance.clock_of(given.use_case), given=given.as_of, otherwise=now, now=now)
    stages = [stage for stage in STAGES if given.only in (None, stage.name)]
    # the id follows from the data time, so that a run that was killed is taken up where it stopped
    run_id = f"run-{as_of:%Y%m%dT%H%M%SZ}"
    go_round(instance, given.use_case, stages, run_id, asked=asked(as_of), say=print)


def _train(given: argparse.Namespace) -> None:
    _by_hand(given.use_case, "train", {"by_hand": True, "trials": given.trials})


def _deploy(given: argparse.Namespace) -> None:
    _by_hand(given.use_case, "deploy", {"release": given.release})


def _by_hand(name: str, stage: str, params: dict[str, Any]) -> None:
    from evergreen.loop.claims import give_back
    from evergreen.loop.round import go_through

    instance, run_id = open_instance(), new_run_id()
    try:
        go_through(instance, name, find(stage), run_id, asked=asked(datetime.now(UTC), params), say=print)
    except PermanentError:
        give_back(instance, name, run_id)
        raise


def _approve(given: argparse.Namespace) -> None:
    from evergreen.loop.approve import approve

    instance, name, model = open_instance(), given.use_case, given.model
    approve(instance, name, model, approved=not given.refuse, who=who(), run_id=new_run_id())
    print(f"{name}: model {model} is {'refused' if given.refuse else 'approved and waits for deploy'}")


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
