"""Hypothesis tries as many examples as a quick suite allows, the same ones in every run unless more are asked for."""

from __future__ import annotations

import os

from hypothesis import settings
from tests.examples import examples

settings.register_profile(
    "evergreen",
    max_examples=examples(25),
    deadline=None,
    derandomize="EVERGREEN_TEST_EXAMPLES" not in os.environ,
    database=None,
)
settings.load_profile("evergreen")
