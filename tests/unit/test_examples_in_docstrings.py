"""The examples in the docstrings of what people import run, and say what they show."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.dummy import DummyRegressor

from evergreen.features.predictor import Predictor
from evergreen.features.schema import Column
from evergreen.tasks import task_named

MODULES = ("spec.base", "spec.load", "metrics.registry", "metrics.estimate", "features.predictor")


@pytest.fixture
def known(tmp_path: Path) -> dict[str, Any]:
    """What the examples take as given: a fitted `model`, and a `folder` to save it in."""
    fitted = DummyRegressor().fit(np.zeros((2, 1)), np.array([10.0, 30.0]))
    column = Column(name="size", type="float", required=True)
    model = Predictor(fitted, task_named("regression"), (column,), frozenset(), ())
    return {"model": model, "folder": tmp_path / "model"}


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_hold(name: str, known: dict[str, Any]) -> None:
    module = importlib.import_module(f"evergreen.{name}")
    found = doctest.testmod(module, extraglobs=known, optionflags=doctest.IGNORE_EXCEPTION_DETAIL)
    assert found.attempted
    assert not found.failed
