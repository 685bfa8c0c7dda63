"""A running instance as the steps see it: settings, stores and connections, opened when they are first used."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from evergreen.connections import Resolver
from evergreen.settings import Settings
from evergreen.spec import UseCase, load_use_case

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from evergreen.models.store import ModelStore
    from evergreen.predictions import PredictionStore
    from evergreen.versions import Registry


@dataclass(frozen=True)
class Instance:
    """Built once at a door, which hands in what belongs to the outside."""

    settings: Settings
    database_url: str = field(repr=False)
    mlflow_uri: str = field(repr=False)
    optuna_url: str = field(repr=False)
    connect: Resolver = field(repr=False)
    pseudonym_key: bytes = field(repr=False)

    @cached_property
    def engine(self) -> Engine:
        """The ledger's database, its tables in place."""
        from evergreen.ledger.open import create_tables, open_engine

        engine = open_engine(self.database_url)
        create_tables(engine)
        return engine

    @contextmanager
    def ledger(self) -> Iterator[Connection]:
        """A transaction on the ledger."""
        from evergreen.ledger.open import begin

        with begin(self.engine) as db:
            yield db

    @cached_property
    def registry(self) -> Registry:
        """The data registry."""
        from evergreen.versions import Registry

        remote = self.settings.dvc_remote or str(self.settings.home.absolute() / "remote")
        return Registry.open(self.settings.registry, remote=remote, git_remote=self.settings.registry_remote)

    @cached_property
    def models(self) -> ModelStore:
        """The model store in MLflow."""
        from evergreen.models.store import ModelStore

        return ModelStore(self.mlflow_uri, str(self.settings.home.absolute() / "mlflow"))

    @cached_property
    def predictions(self) -> PredictionStore:
        """What was predicted, and by which release."""
        from evergreen.predictions import PredictionStore

        store = PredictionStore(self.engine)
        store.create()
        return store

    def use_case(self, name: str) -> UseCase:
        """The use case as its file says now."""
        return load_use_case(self.folder(name))

    def clock_of(self, name: str) -> str | None:
        """The address of the clock that the use case lives by; None: real time."""
        return self.settings.clock if self.use_case(name).schedule.clock == "simulated" else None

    def folder(self, name: str) -> Path:
        """The use case's own folder."""
        return self.settings.use_cases.absolute() / name

    def names(self) -> list[str]:
        """The names of all use cases, whether their files are right or not."""
        return sorted(path.parent.name for path in self.settings.use_cases.absolute().glob("*/use_case.yaml"))
