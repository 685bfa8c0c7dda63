"""A model that an earlier version saved (`saved/`: logistic regression on `timed_rows(300)`) still loads."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.training.tables import timed_rows

from evergreen.features.predictor import Predictor


def test_a_model_saved_by_version_0_1_says_what_it_said() -> None:
    predictor = Predictor.load(Path(__file__).with_name("saved"))
    said = predictor.predict(timed_rows(300)[:3])["probability"].to_list()
    assert said == pytest.approx([0.3309286070905337, 0.13436618161136685, 0.8884637662688742])
