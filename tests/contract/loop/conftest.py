"""An instance over a real ledger and a real registry, with the toy use case and somewhere to post alerts to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from tests.faults import toy
from tests.receiver import Receiver, receiver

from evergreen.connections import Connection
from evergreen.errors import PermanentError
from evergreen.loop.instance import Instance
from evergreen.settings import Settings


def no_connections(name: str) -> Connection:
    raise PermanentError(f"no connection {name}")


@pytest.fixture
def webhook() -> Iterator[Receiver]:
    with receiver() as one:
        yield one


@pytest.fixture
def instance(tmp_path: Path, database_url: str, webhook: Receiver) -> Iterator[Instance]:
    made = toy.Instance(tmp_path)
    made.set_up()
    instance = Instance(
        settings=Settings(home=made.home, use_cases=tmp_path / "use_cases", alert_url=SecretStr(webhook.url)),
        database_url=database_url,
        mlflow_uri=database_url,
        optuna_url=database_url,
        connect=no_connections,
        pseudonym_key=b"key",
    )
    yield instance
    instance.engine.dispose()
