"""MLflow's client, made quietly and without its global state."""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from evergreen.errors import EvergreenError
from evergreen.models.errors import ModelStoreUnreachable, NoSuchModel


def _before_its_import() -> None:
    """What MLflow reads once, when any of its modules is first imported."""
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("DO_NOT_TRACK", "true")
    os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")
    os.environ.setdefault("MLFLOW_CONFIGURE_LOGGING", "false")  # whoever runs us says how logs look


def connect(tracking_uri: str) -> Any:
    """An MlflowClient of a server (`http…`) or a database. Nothing is sent anywhere else."""
    with warnings.catch_warnings():
        # deprecations inside MLflow's own modules, met while they are imported: they speak to its makers
        warnings.simplefilter("ignore", DeprecationWarning)
        with translated("connect"):
            from mlflow import MlflowClient

            for talkative in ("mlflow", "alembic"):
                logging.getLogger(talkative).setLevel(logging.WARNING)
            return MlflowClient(tracking_uri=tracking_uri, registry_uri=tracking_uri)


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """MLflow's and the database's errors as ours, without addresses or values in them."""
    _before_its_import()
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except EvergreenError:
        raise
    except MlflowException as error:
        if error.error_code == "RESOURCE_DOES_NOT_EXIST":
            raise NoSuchModel(f"could not {doing}: MLflow has no such model, version, run or alias") from error
        raise ModelStoreUnreachable(
            f"could not {doing}: MLflow answered {error.error_code}. Is its server or database up? "
            "Its address is the setting EVERGREEN_MLFLOW_URI."
        ) from error
    except (SQLAlchemyError, ConnectionError) as error:
        raise ModelStoreUnreachable(
            f"could not {doing}: MLflow's database did not answer ({type(error).__name__}). Is it up? "
            "Its address is the setting EVERGREEN_MLFLOW_URI."
        ) from error
